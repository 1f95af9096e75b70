"""What the pages of one version share: finding it, and the choice of versions to compare with."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header

from institutions.access import acting, acting_as
from institutions.roles import Permission
from reports.schemes.models import Scheme

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
reads = acting(Permission.READ_FILINGS, Permission.READ_OWN_FILINGS, Permission.MANAGE_SCHEMES)
makes = acting(Permission.MANAGE_SCHEMES)


def find_scheme(request: HttpRequest, code: str, version: int) -> Scheme:
    schemes = Scheme.objects.visible_to(acting_as(request)).select_related("base").defer("content", "base__content")
    return get_object_or_404(schemes, code=code, version=version)


def slug_of(scheme: Scheme) -> str:
    return f"{scheme.code}-{scheme.version}"


def address(name: str, scheme: Scheme) -> str:
    return reverse(f"versions:{name}", args=[scheme.code, scheme.version])


def attached(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
