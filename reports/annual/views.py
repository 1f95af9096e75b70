"""Writing an annual report: the overview, one head at a time, and the summary drawn from the statistics."""

from __future__ import annotations

import json
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
from portal.clock import database_now
from reports.annual import attachments
from reports.annual.errors import NotTaken
from reports.annual.forms import changes_of
from reports.annual.heads import Typed
from reports.annual.pages import Look, Note, find_report, items_of, look_at, next_of, room_left
from reports.annual.saving import state_of
from reports.annual.words import words_script
from reports.filings import drafts
from reports.filings.drafts import Conflict, Saved
from reports.filings.examination import examine, note_counts
from reports.filings.forms import seen_version
from reports.filings.models import Filing, State
from reports.filings.statistics import TABLE
from reports.filings.timeline import steps_of
from reports.filings.transitions import allowed_moves
from reports.schemes.values import show_value

own = acting(Permission.READ_OWN_FILINGS)
fills = acting(Permission.FILL)


@require_GET
@own
def report_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return detail_page(request, find_report(request, public_id))


def detail_page(
    request: HttpRequest, filing: Filing, *, refused: Note | None = None, status: int = 200
) -> HttpResponse:
    membership, look = acting_as(request), look_at(request, filing)
    decisions = list(filing.decisions.select_related("bureau", "by"))
    revisions = list(filing.revisions.select_related("signer").order_by("-number"))
    for revision in revisions:
        revision.filing = filing
    returned = [one for one in decisions if one.verdict == "return" and one.revision_id == filing.revision_id]
    context = {
        "filing": filing,
        "look": look,
        "report": look.report,
        "statistics": look.statistics,
        "may_draw": bool(look.may_fill),
        "notes": look.notes(refused),
        "next": next_of(look, membership),
        "steps": steps_of(filing, decisions),
        "returned": returned[-1] if returned and filing.state == State.RETURNED else None,
        "revisions": revisions,
        "moves": allowed_moves(filing, membership, database_now()),
    }
    return render(request, "annual/report_detail.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@own
@vary_on_headers("HX-Request")
def head_edit(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """One head. POST saves what was typed, and comes back (with more lines) or goes on to the next.

    A script saves by the same address and gets JSON (see saving.state_of) with 200 even where an answer was refused or is in
    conflict.
    """
    filing = find_report(request, public_id)
    if request.method != "POST":
        return head_page(request, filing, number)
    table = filing.round.scheme.definition.table(TABLE)
    changes, typed = changes_of(table, items_of(table, number), request.POST)
    seen = seen_version(request.POST)
    saved = Saved(version=seen)
    if changes:
        saved = drafts.save_cells(filing=filing, table=table, changes=changes, seen=seen, by=acting_as(request))
    look = look_at(request, filing)
    if changes:
        note_counts(look.examination)
    if is_fragment(request):
        return JsonResponse(state_of(look, number, saved, typed.wrong))
    if saved.refused or saved.conflicts or typed.wrong:
        typed = Typed(
            raw=_mine(saved.conflicts),
            lines=typed.lines,
            wrong=saved.refused | dict(typed.wrong) | _told(look, saved.conflicts),
        )
        return head_page(request, filing, number, typed=typed, status=409 if saved.conflicts else 422)
    messages.success(request, _("Saved."))
    if request.POST.get("then") != "on":
        return redirect(look.head(number).url)
    following = look.report.after(number)
    return redirect(following.url if following is not None else filing)


def _mine(conflicts: list[Conflict]) -> dict[str, str]:
    return {conflict.key.code: conflict.mine for conflict in conflicts}


def _told(look: Look, conflicts: list[Conflict]) -> dict[str, str]:
    items = look.report.table.by_code
    words = _(
        "%(name)s has meanwhile written: “%(theirs)s”. Yours stands here and is not saved; save again to put it in its place."
    )
    return {
        conflict.key.code: words
        % {"name": conflict.by, "theirs": show_value(items[conflict.key.code], conflict.stored)[:500]}
        for conflict in conflicts
    }


def head_page(
    request: HttpRequest, filing: Filing, number: int, *, typed: Typed | None = None, status: int = 200
) -> HttpResponse:
    look = look_at(request, filing, typed)
    head, stored = look.head(number), look.report
    context = {
        "filing": filing,
        "look": look,
        "report": stored,
        "head": head,
        "version": stored.draft.version,
        "was": json.dumps(head.was if typed is None else _shown(look, typed, number), ensure_ascii=False),
        "following": stored.after(number),
        "statistics": look.statistics,
        "may_draw": bool(look.may_fill),
        "room": room_left(filing) if any(answer.kind == "file" for answer in head.answers) else None,
        "wrong": bool(typed and typed.wrong),
        "words_script": words_script(),
    }
    return render(request, "annual/head_edit.html", context, status=status)


def _shown(look: Look, typed: Typed, number: int) -> dict[str, str]:
    """Of what was refused the page shows what is not stored, so that saving again counts it as changed."""
    kept = set(typed.raw) | set(typed.lines)
    return {code: value for code, value in look.head(number).was.items() if code not in kept}


@require_POST
@fills
def summary_draw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_report(request, public_id)
    try:
        attachments.draw_summary(filing=filing, by=acting_as(request))
    except NotTaken as refused:
        messages.warning(request, str(refused.reason))
    else:
        note_counts(examine(find_report(request, public_id)))
        messages.success(request, _("The summary is that of the statistics as they stand submitted now."))
    return redirect(f"{reverse('annual:report-detail', args=[public_id])}#statistics")
