"""The rounds, and one round with its calendar, scheme and roster."""

from __future__ import annotations

import uuid

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.clock import database_now
from portal.ui.paging import page_of
from reports.rounds.calendar import is_working_day
from reports.rounds.models import Round
from reports.rounds.rules import can_close, can_freeze, can_open_again, can_plan

#: States of filings in the order of their life; rounds know filings only as what hangs on them.
STATES = ("due", "drafting", "in_review", "returned", "accepted", "excused")


@require_safe
@acting(Permission.READ_FILINGS, Permission.READ_OWN_FILINGS)
def round_list(request: HttpRequest) -> HttpResponse:
    rounds = Round.objects.visible_to(acting_as(request)).select_related("scheme").defer("scheme__content")
    page = page_of(request, rounds.prefetch_related("phases").order_by("-period", "kind"))
    return render(request, "rounds/round_list.html", {
        "page": page, "now": database_now(), "manages": acting_as(request).may(Permission.MANAGE_ROUNDS)
    })  # fmt: skip


@require_safe
@acting(Permission.READ_FILINGS, Permission.READ_OWN_FILINGS)
def round_detail(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everybody sees the calendar and the scheme; the roster's counts are for bureaus, of what lies in their scope."""
    membership = acting_as(request)
    rounds = Round.objects.visible_to(membership).select_related("scheme", "previous").prefetch_related("phases")
    round = get_object_or_404(rounds, public_id=public_id)
    counts = dict(round.filings.visible_to(membership).order_by().values_list("state").annotate(n=Count("id")))
    now = database_now()
    manages = membership.may(Permission.MANAGE_ROUNDS)
    context = {
        "round": round,
        "now": now,
        "over": round.over_since(now),
        "phases": [(phase, not is_working_day(localtime(phase.due_at).date())) for phase in round.phases.all()],
        "may_plan": can_plan(membership, round, now),
        "may_close": can_close(membership, round, now),
        "may_open_again": can_open_again(membership, round, now),
        "states": [(state, counts.get(state, 0)) for state in STATES],
        "due": sum(count for state, count in counts.items() if state != "excused"),
        "tables": round.scheme.definition.tables,
        "may_freeze": can_freeze(membership, round),
        "manages": manages,
        "for_bureau": membership.may(Permission.READ_FILINGS),
    }
    return render(request, "rounds/round_detail.html", context)
