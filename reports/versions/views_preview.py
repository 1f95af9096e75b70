"""The form of a version as a filer would see it, to look at."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from institutions.access import acting_as
from reports.versions import rules
from reports.versions.errors import NotReady
from reports.versions.pages import find_scheme, makes
from reports.versions.sample import form_table, form_tables
from reports.versions.standing import standing_of


@require_safe
@makes
def scheme_preview(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """`?table=` chooses the table, by default the first."""
    scheme = find_scheme(request, code, version)
    verdict = rules.can_preview(acting_as(request), len(standing_of(scheme).faults))
    if not verdict:
        raise NotReady(verdict.reason)
    definition = scheme.definition
    tables = form_tables(definition)
    asked = request.GET.get("table", "")
    chosen = next((table for table in tables if table.code == asked), None) if asked else next(iter(tables), None)
    if chosen is None:
        raise Http404
    context = {"scheme": scheme, "tables": tables, "form": form_table(definition, chosen), "year": definition.year}
    return render(request, "versions/scheme_preview.html", context)
