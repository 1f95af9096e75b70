from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "reports.rounds"
    label = "rounds"
