"""Taking over last year's values while filling."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from institutions.access import acting, acting_as, is_fragment
from institutions.roles import Permission
from reports.filings.drafts import Saved
from reports.filings.errors import Incomplete
from reports.filings.examination import examine, note_counts
from reports.filings.lastyear import asked_for, offered, take_over, take_over_rows
from reports.filings.models import Filing
from reports.filings.pages import find_for_table, find_table, state_of
from reports.filings.views_filling import save_typed, table_page
from reports.schemes.definition import TableDefinition


@require_POST
@acting(Permission.FILL)
@vary_on_headers("HX-Request")
def last_year_take(request: HttpRequest, public_id: UUID, code: str) -> HttpResponse:
    """Fill the empty cells that "what" names. The buttons stand in the form of the table: without a script what was
    typed comes along and is saved first. A script saves before it asks."""
    filing = find_for_table(request, public_id)
    table = find_table(filing, code)
    if is_fragment(request) and not table.repeating:
        saved = _take(request, filing, table)
        examination = examine(filing)
        note_counts(examination)
        return JsonResponse(state_of(request, examination, code, saved=saved) | {"told": _told(saved)})
    typed, examination = save_typed(request, filing, table)
    if typed.refused or typed.conflicts:
        return table_page(request, filing, table, saved=typed, examination=examination, status=422)
    saved = _take(request, filing, table)
    note_counts(examine(filing))
    messages.success(request, _told(saved))
    return redirect(reverse("filings:table-edit", args=[filing.public_id, table.code]))


def _take(request: HttpRequest, filing: Filing, table: TableDefinition) -> Saved:
    examination, what, by = examine(filing), request.POST.get("what", ""), acting_as(request)
    items = asked_for(table, what)
    if not examination.last_tables.get(table.code):
        raise Incomplete(_("There is no accepted filing of last year to take values from."))
    if table.repeating:
        rows = examination.last_tables[table.code].get("rows", [])
        return take_over_rows(filing=filing, table=table, rows=rows, by=by)
    return take_over(filing=filing, table=table, values=offered(examination, table, items), by=by)


def _told(saved: Saved) -> str:
    count = len(saved.values)
    return ngettext(
        "%(count)d empty cell filled from last year. It is marked until you touch it.",
        "%(count)d empty cells filled from last year. They are marked until you touch them.",
        count,
    ) % {"count": count}
