"""The portal as gunicorn runs it, with the yardstick's view beside its pages."""

from __future__ import annotations

from django.conf import settings

from portal.wsgi import application

__all__ = ["application"]

settings.ROOT_URLCONF = "benchmarks.urls"
