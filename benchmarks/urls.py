"""The portal's pages and beside them one view that asks the database one question: the yardstick."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from institutions.models import Bureau
from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as pages

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Bureau.objects.values_list("code", flat=True).get(parent=None))


urlpatterns = [path("hello/", hello), *pages]
