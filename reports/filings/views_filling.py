"""Filling a table: the page, saving with and without a script, rows, explanations, answers to remarks."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from institutions.access import acting, acting_as, is_fragment
from institutions.roles import Permission
from portal.language import local_address
from reports.filings import actions, drafts
from reports.filings.drafts import Saved, add_row, move_row, remove_row
from reports.filings.errors import Incomplete
from reports.filings.examination import Examination, examine, note_counts
from reports.filings.findings import Answer, marks_of
from reports.filings.forms import seen_version, typed_changes
from reports.filings.grid import make_grid
from reports.filings.gridwords import words_script
from reports.filings.models import Filing, Remark
from reports.filings.pages import find_annual, find_for_table, find_table, look_at, state_of
from reports.filings.sending import posted_number
from reports.filings.sums import sums_script
from reports.schemes.definition import TableDefinition

own = acting(Permission.READ_OWN_FILINGS)
fills = acting(Permission.FILL)


@require_http_methods(["GET", "HEAD", "POST"])
@own
@vary_on_headers("HX-Request")
def table_edit(request: HttpRequest, public_id: UUID, code: str) -> HttpResponse:
    """The page of one table. POST saves everything typed, for browsers without a script, and comes back or goes on."""
    filing = find_for_table(request, public_id)
    table = find_table(filing, code)
    if request.method != "POST":
        return table_page(request, filing, table)
    return _after_save(request, filing, table, *save_typed(request, filing, table))


def _after_save(
    request: HttpRequest, filing: Filing, table: TableDefinition, saved: Saved, examination: Examination
) -> HttpResponse:
    """Without a script: on to where the button leads, or the page again with everything typed and the reasons."""
    if saved.refused or saved.conflicts:
        return table_page(request, filing, table, saved=saved, examination=examination, status=422)
    messages.success(request, _("Saved."))
    return redirect(_onward(request, filing, table))


def save_typed(request: HttpRequest, filing: Filing, table: TableDefinition) -> tuple[Saved, Examination]:
    """Store what differs from the page; the cells that "theirs" names stay as the other person left them."""
    theirs = set(request.POST.getlist("theirs"))
    changes = [change for change in typed_changes(table, request.POST) if str(change.key) not in theirs]
    if not changes:
        return Saved(version=seen_version(request.POST)), examine(filing)
    by = acting_as(request)
    saved = drafts.save_cells(filing=filing, table=table, changes=changes, seen=seen_version(request.POST), by=by)
    examination = examine(filing)
    note_counts(examination)
    return saved, examination


def _onward(request: HttpRequest, filing: Filing, table: TableDefinition) -> str:
    here = reverse("filings:table-edit", args=[filing.public_id, table.code])
    return local_address(request, request.POST.get("next", ""), here) if request.POST.get("next") else here


def table_page(
    request: HttpRequest,
    filing: Filing,
    table: TableDefinition,
    *,
    saved: Saved | None = None,
    answer: Answer | None = None,
    examination: Examination | None = None,
    status: int = 200,
) -> HttpResponse:
    look = look_at(request, filing, table.code, answer, examination)
    conflicts = {str(conflict.key): conflict for conflict in saved.conflicts if not conflict.row_gone} if saved else {}
    grid = make_grid(
        look.examination,
        table,
        marks_of(look.examination, table.code),
        editable=bool(look.may_fill),
        conflicts=conflicts,
    )
    draft = look.examination.drafts[table.code]
    context = {
        "filing": filing,
        "table": table,
        "grid": grid,
        "look": look,
        "contents": look.contents,
        "panel": look.panel,
        "at": table.code,
        "may_fill": bool(look.may_fill),
        "draft": draft,
        "saved": saved,
        "lost": [conflict for conflict in saved.conflicts if conflict.row_gone] if saved else [],
        "applies": table.code in look.examination.tables,
        "following": look.contents.after(table.code),
        "words_script": words_script(),
        "sums_script": sums_script(table, look.examination.env),
        "marks": table.legal_marks(),
    }
    return render(request, "filings/table_edit.html", context, status=status)


@require_POST
@fills
@vary_on_headers("HX-Request")
def cell_save(request: HttpRequest, public_id: UUID, code: str) -> HttpResponse:
    """Store a few cells. A script gets JSON (see pages.state_of) with 200 even when some cells were refused or are in
    conflict; without a script the table page answers as after its own form."""
    filing = find_for_table(request, public_id)
    table = find_table(filing, code)
    saved, examination = save_typed(request, filing, table)
    if is_fragment(request):
        at = request.POST.get("at", code)
        return JsonResponse(state_of(request, examination, at, saved=saved if at == code else None))
    return _after_save(request, filing, table, saved, examination)


@require_POST
@fills
def row_add(request: HttpRequest, public_id: UUID, code: str) -> HttpResponse:
    return _change_rows(request, public_id, code, "add")


@require_POST
@fills
def row_remove(request: HttpRequest, public_id: UUID, code: str) -> HttpResponse:
    return _change_rows(request, public_id, code, "remove")


@require_POST
@fills
def row_move(request: HttpRequest, public_id: UUID, code: str) -> HttpResponse:
    return _change_rows(request, public_id, code, "move")


def _change_rows(request: HttpRequest, public_id: UUID, code: str, verb: str) -> HttpResponse:
    """The buttons stand in the form of the table, so what was typed comes along and is saved first."""
    filing = find_annual(request, public_id)
    table = find_table(filing, code)
    if not table.repeating:
        raise Incomplete(_("Table %(table)s has no rows to add or remove.") % {"table": table.code})
    saved, examination = save_typed(request, filing, table)
    if saved.conflicts:
        return table_page(request, filing, table, saved=saved, examination=examination, status=409)
    row_id, by = request.POST.get("row", ""), acting_as(request)
    if verb == "add":
        row_id = add_row(filing=filing, table=table, by=by)
    elif verb == "remove":
        remove_row(filing=filing, table=table, row_id=row_id, by=by)
    else:
        row_id, _separator, way = row_id.rpartition(" ")
        move_row(filing=filing, table=table, row_id=row_id, up=way == "up", by=by)
    note_counts(examine(filing))
    place = reverse("filings:table-edit", args=[filing.public_id, table.code])
    return redirect(place if verb == "remove" else f"{place}#row-{row_id}")


@require_GET
@own
@vary_on_headers("HX-Request")
def finding_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Every finding; the fragment for one table with `?at=`."""
    filing = find_annual(request, public_id)
    return findings_page(request, filing, request.GET.get("at", ""))


def findings_page(
    request: HttpRequest, filing: Filing, at: str = "", answer: Answer | None = None, status: int = 200
) -> HttpResponse:
    look = look_at(request, filing, at, answer)
    context = {
        "filing": filing,
        "look": look,
        "contents": look.contents,
        "panel": look.panel,
        "at": at,
        "may_fill": bool(look.may_fill),
    }
    template = "filings/_findings.html" if is_fragment(request) else "filings/finding_list.html"
    return render(request, template, context, status=status)


@require_POST
@fills
@vary_on_headers("HX-Request")
def explanation_save(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answer one finding. "last" takes last year's words, which the page showed."""
    filing = find_annual(request, public_id)
    key, text = request.POST.get("key", ""), request.POST.get("text", "")
    examination = examine(filing)
    failure = next((one for one in examination.verify if one.key == key), None)
    if failure is None:
        raise Incomplete(_("This finding no longer stands; there is nothing to explain. Reload the page."))
    if "last" in request.POST:
        text = examination.last_explanations.get(key, "")
    told, by = failure.words, acting_as(request)
    return _answer(
        request, filing, key, text, lambda: actions.explain(filing=filing, key=key, text=text, by=by, told=told)
    )


@require_POST
@fills
@vary_on_headers("HX-Request")
def remark_answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Mark one remark as fixed, or explain it."""
    filing = find_annual(request, public_id)
    text = request.POST.get("answer", "")
    sent = filing.remarks.filter(decision__isnull=False, revision=filing.revision_id)
    remark = sent.filter(pk=posted_number(request, "remark")).first()
    resolution = request.POST.get("resolution", "")
    if remark is None or resolution not in (Remark.Resolution.FIXED, Remark.Resolution.EXPLAINED):
        raise Incomplete(_("Choose whether the remark is fixed or explained, on a remark of the last return."))
    key = f"remark-{remark.pk}"
    return _answer(
        request,
        filing,
        key,
        text,
        lambda: actions.answer_remark(remark=remark, resolution=resolution, answer=text, by=acting_as(request)),
    )


def _answer(request: HttpRequest, filing: Filing, key: str, text: str, act: Callable[[], object]) -> HttpResponse:
    """Run the act; the panel comes back, with what was typed and the reason where the act was refused."""
    at, refused = request.POST.get("at", ""), None
    try:
        act()
    except Incomplete as refusal:
        refused = Answer(key, text, str(refusal.reason))
    examination = examine(filing)
    if refused is None:
        note_counts(examination)
    status = 422 if refused else 200
    if is_fragment(request):
        return JsonResponse(state_of(request, examination, at, answer=refused), status=status)
    table = examination.definition.table_by_code.get(at)
    if refused is None:
        messages.success(request, _("Saved."))
        place = (
            reverse("filings:table-edit", args=[filing.public_id, at])
            if table
            else reverse("filings:finding-list", args=[filing.public_id])
        )
        return redirect(f"{place}#f-{key}")
    if table is not None and table.code in examination.drafts:
        return table_page(request, filing, table, answer=refused, status=422)
    return findings_page(request, filing, answer=refused, status=422)
