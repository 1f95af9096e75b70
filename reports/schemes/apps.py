from django.apps import AppConfig


class SchemesConfig(AppConfig):
    name = "reports.schemes"
    label = "schemes"
