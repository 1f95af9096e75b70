from django.apps import AppConfig


class VersionsConfig(AppConfig):
    name = "reports.versions"
    label = "versions"
