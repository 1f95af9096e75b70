from django.apps import AppConfig


class AnnualConfig(AppConfig):
    name = "reports.annual"
    label = "annual"

    def ready(self) -> None:
        from reports.annual import verbs  # noqa: F401 -- names its acts for the trail
