from django.apps import AppConfig


class FilingsConfig(AppConfig):
    name = "reports.filings"
    label = "filings"
