"""The frame of the portal. Importing it names the Celery application, so that every `shared_task` finds the broker."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
