from django.apps import AppConfig


class SummariesConfig(AppConfig):
    name = "reports.summaries"
    label = "summaries"
