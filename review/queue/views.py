"""The review queue, its side panel, and passing many at once."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.bureaus import bureaus_of
from institutions.roles import Permission
from portal.clock import database_now
from portal.language import local_address
from reports.filings.models import Filing
from review.models import Tally
from review.queue.actions import Ticket, pass_many
from review.queue.asking import read_asked, rounds_with_roster
from review.queue.page import build
from review.queue.queries import loaded
from review.queue.rows import peek_of


@require_safe
@acting(Permission.REVIEW)
def queue(request: HttpRequest) -> HttpResponse:
    membership = acting_as(request)
    rounds = rounds_with_roster(membership)
    bureaus = bureaus_of(membership)
    asked = read_asked(request.GET, membership, rounds, bureaus)
    counts = Tally.objects.visible_to(membership).in_rounds([asked.round] if asked.round else []).counts()
    page = build(asked, membership, counts, database_now(), request.GET.get("page", ""))
    return render(request, "review/queue.html", {"queue": page, "asked": asked, "rounds": rounds, "bureaus": bureaus})


@require_safe
@acting(Permission.REVIEW)
def filing_peek(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The panel beside the queue; without a script the filing itself is the better page."""
    filing = get_object_or_404(
        Filing.objects.visible_to(acting_as(request)).select_related("round__scheme", "round__previous__scheme"),
        public_id=public_id,
    )
    [row] = loaded([filing.pk])
    answer = render(request, "review/_peek.html", {"peek": peek_of(row, filing.round)})
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_POST
@acting(Permission.REVIEW)
def queue_pass(request: HttpRequest) -> HttpResponse:
    """Pass the selected; the page says of each what became of it."""
    tickets = [ticket for text in request.POST.getlist("filing") if (ticket := Ticket.read(text)) is not None]
    outcomes = pass_many(tickets=tickets, by=acting_as(request))
    passed = sum(1 for outcome in outcomes if not outcome.reason)
    context = {"outcomes": outcomes, "passed": passed, "kept": len(outcomes) - passed, "back": _back(request)}
    return render(request, "review/queue_passed.html", context)


def _back(request: HttpRequest) -> str:
    """The list the reviewer came from; never an address elsewhere."""
    return local_address(request, request.POST.get("back", ""), reverse("review:queue"))
