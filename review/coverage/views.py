"""Coverage by bureau with drill-down, and the list of who has not filed."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from institutions.access import acting, acting_as
from institutions.bureaus import bureaus_of
from institutions.models import Bureau, Membership
from institutions.roles import Permission
from portal.clock import database_now
from portal.paper.answering import attached
from portal.paper.engine import pdf_of
from portal.trail.actions import record
from portal.ui.paging import number_of
from reports.rounds.models import Round
from review.coverage.areas import Area, table
from review.coverage.nonfilers import CHOICES, in_batches, nonfilers, number, with_told
from review.coverage.page import build
from review.coverage.queries import completeness
from review.coverage.workbooks import coverage_book, nonfiler_book
from review.models import Tally
from review.queue.asking import chosen_bureau, chosen_round, rounds_with_roster
from review.queue.queries import Known


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; what means nothing is ignored."""

    round: Round | None
    bureau: Bureau
    opened: Bureau | None
    choice: str
    rounds: list[Round]
    bureaus: list[Bureau]


def _asked(request: HttpRequest, membership: Membership) -> Asked:
    assert membership.bureau is not None
    rounds, bureaus = rounds_with_roster(membership), bureaus_of(membership)
    choice = request.GET.get("state", "")
    return Asked(
        round=chosen_round(request.GET.get("round", ""), rounds),
        bureau=chosen_bureau(request.GET.get("bureau", ""), bureaus, membership.bureau),
        opened=next((bureau for bureau in bureaus if bureau.code == request.GET.get("open")), None),
        choice=choice if choice in CHOICES else "unfiled",
        rounds=rounds,
        bureaus=bureaus,
    )


def _context(asked: Asked) -> dict[str, object]:
    return {"asked": asked, "rounds": asked.rounds, "bureaus": asked.bureaus}


@require_safe
@acting(Permission.READ_FILINGS)
def coverage(request: HttpRequest) -> HttpResponse:
    membership = acting_as(request)
    asked = _asked(request, membership)
    context = _context(asked)
    if asked.round is not None:
        context["coverage"] = build(membership, asked.round, asked.bureau, asked.bureaus, asked.opened, database_now())
    return render(request, "review/coverage.html", context)


@require_safe
@acting(Permission.READ_FILINGS)
def coverage_workbook(request: HttpRequest) -> HttpResponse:
    """Every bureau of the scope, whatever the page has open; the trail keeps who took it."""
    membership = acting_as(request)
    asked = _asked(request, membership)
    if asked.round is None:
        raise Http404
    answer = coverage_book(_title(asked), _every_area(asked, membership), database_now())
    details = {"list": "coverage"}
    record("review.exported", by=membership, obj=asked.round, scope=asked.bureau.path or "", details=details)
    return answer


@require_safe
@acting(Permission.READ_FILINGS)
def coverage_paper(request: HttpRequest) -> HttpResponse:
    """The same as a report to print and pass upward."""
    membership, now = acting_as(request), database_now()
    asked = _asked(request, membership)
    if asked.round is None:
        raise Http404
    areas = _every_area(asked, membership)
    context = {
        "title": _title(asked),
        "round": asked.round,
        "bureau": asked.bureau,
        "areas": areas,
        "whole": areas[0],
        "now": now,
    }
    answer = attached(pdf_of(render_to_string("review/paper/coverage.html", context)), f"{_title(asked)}.pdf")
    details = {"list": "coverage", "format": "pdf"}
    record("review.exported", by=membership, obj=asked.round, scope=asked.bureau.path or "", details=details)
    return answer


def _every_area(asked: Asked, membership: Membership) -> list[Area]:
    assert asked.round is not None
    counts = Tally.objects.visible_to(membership).within(asked.bureau).in_rounds([asked.round]).counts()
    below = [bureau for bureau in asked.bureaus if asked.bureau.contains(bureau.path or "")]
    return list(table(asked.bureau, below, counts, completeness(asked.round, asked.bureau), {}, None, all_open=True))


def _title(asked: Asked) -> str:
    assert asked.round is not None
    return _("Coverage of %(round)s, %(bureau)s") % {"round": asked.round.title, "bureau": asked.bureau}


@require_safe
@acting(Permission.READ_FILINGS)
def nonfiler_list(request: HttpRequest) -> HttpResponse:
    membership = acting_as(request)
    asked = _asked(request, membership)
    context = _context(asked)
    if asked.round is not None:
        counts = Tally.objects.visible_to(membership).in_rounds([asked.round]).counts()
        chips = [(choice, number(counts, asked.bureau, choice)) for choice in CHOICES]
        pages = Known(nonfilers(membership, asked.round, asked.bureau, asked.choice), dict(chips)[asked.choice])
        page = pages.page(number_of(request.GET.get("page", ""), last=pages.num_pages))
        context |= {"chips": chips, "page": page, "rows": with_told(page.object_list), "now": database_now()}
    return render(request, "review/nonfiler_list.html", context)


@require_safe
@acting(Permission.READ_FILINGS)
def nonfiler_workbook(request: HttpRequest) -> HttpResponse:
    """Names leave the portal, so the trail keeps who took them."""
    membership = acting_as(request)
    asked = _asked(request, membership)
    if asked.round is None:
        raise Http404
    filings = nonfilers(membership, asked.round, asked.bureau, asked.choice)
    title = _("Institutions that have not filed, %(round)s, %(bureau)s") % {
        "round": asked.round.title,
        "bureau": asked.bureau,
    }
    answer = nonfiler_book(title, in_batches(filings), database_now())
    details = {"list": "nonfilers", "state": asked.choice}
    record("review.exported", by=membership, obj=asked.round, scope=asked.bureau.path or "", details=details)
    return answer
