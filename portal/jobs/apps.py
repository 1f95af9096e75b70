from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "portal.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Name the Celery application, so that every `shared_task` finds the broker in whatever process Django runs."""
        import portal.celery  # noqa: F401
