"""For bureaus: who has filed a quarter's numbers, the counts as a workbook, and numbers two institutions share."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from institutions.access import acting, acting_as
from institutions.bureaus import bureaus_of
from institutions.models import Bureau, Membership
from institutions.roles import Permission
from portal.clock import database_now
from portal.trail.actions import record
from portal.ui.paging import page_of
from reports.filings.pages import deadline_of
from reports.numbers.coverage import CHOICES, areas_of, institutions_of, lines_of, parts_of, rounds_of
from reports.numbers.coverage_book import counts_answer
from reports.numbers.figures import shared_numbers
from reports.rounds.models import Round
from reports.rounds.quarters import Quarter

supervises = acting(Permission.READ_FILINGS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; a parameter that means nothing is passed over."""

    rounds: list[Round]
    round: Round | None
    bureaus: list[Bureau]
    bureau: Bureau
    opened: Bureau | None
    choice: str


def _asked(request: HttpRequest, membership: Membership) -> Asked:
    assert membership.bureau is not None, "`supervises`"
    rounds = rounds_of(membership)
    bureaus = bureaus_of(membership)
    by_code = {bureau.code: bureau for bureau in bureaus}
    wanted = next((one for one in rounds if str(one.public_id) == request.GET.get("round")), None)
    choice = request.GET.get("show", "")
    return Asked(
        rounds=rounds,
        round=wanted or next((one for one in rounds if one.closed_at is None), rounds[0] if rounds else None),
        bureaus=bureaus,
        bureau=by_code.get(request.GET.get("bureau", ""), membership.bureau),
        opened=by_code.get(request.GET.get("open", "")),
        choice=choice if choice in CHOICES else "missing",
    )


@require_safe
@supervises
def coverage(request: HttpRequest) -> HttpResponse:
    membership = acting_as(request)
    asked = _asked(request, membership)
    context: dict[str, object] = {"asked": asked}
    if asked.round is not None:
        areas = areas_of(asked.bureau, asked.bureaus, parts_of(membership, asked.round), asked.opened)
        whole = areas[0].part
        chips = [(choice, whole.due if choice == "all" else getattr(whole, choice)) for choice in CHOICES]
        page = page_of(request, institutions_of(membership, asked.round, asked.bureau, asked.choice))
        quarter = Quarter.parse(asked.round.period)
        shared = shared_numbers(membership, quarter).values("key").distinct().count()
        now = database_now()
        context |= {
            "areas": areas,
            "whole": whole,
            "chips": chips,
            "page": page,
            "shared": shared,
            "deadline": deadline_of(asked.round, now),
            "now": now,
        }
    return render(request, "numbers/coverage.html", context)


@require_safe
@supervises
def coverage_workbook(request: HttpRequest) -> HttpResponse:
    """Names leave the portal, so the trail keeps who took them."""
    membership = acting_as(request)
    asked = _asked(request, membership)
    if asked.round is None:
        raise Http404
    areas = areas_of(asked.bureau, asked.bureaus, parts_of(membership, asked.round), None, all_open=True)
    lines = lines_of(institutions_of(membership, asked.round, asked.bureau, "all"))
    title = _("Report numbers filed, %(round)s, %(bureau)s") % {"round": asked.round.title, "bureau": asked.bureau}
    answer = counts_answer(title, areas, lines.iterator(chunk_size=2000), database_now())
    scope = asked.bureau.path or ""
    record("numbers.exported", by=membership, obj=asked.round, scope=scope, details={"list": "counts"})
    return answer


@require_safe
@supervises
def shared_list(request: HttpRequest) -> HttpResponse:
    """The same number at two institutions, one of them in the bureau's scope."""
    membership = acting_as(request)
    asked = _asked(request, membership)
    context: dict[str, object] = {"asked": asked}
    if asked.round is not None:
        context["page"] = page_of(request, shared_numbers(membership, Quarter.parse(asked.round.period)))
    return render(request, "numbers/shared_list.html", context)
