"""The list of institutions whose contact is not confirmed, for the bureau that would call them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from institutions.access import acting, acting_as
from institutions.bureaus import bureaus_of
from institutions.models import Bureau, Membership
from institutions.roles import Permission
from portal.ui.paging import page_of
from portal.ui.parts import Part
from reports.rounds.models import Round
from review.contacts.queries import listed, rounds_with_counts
from review.queue.asking import chosen_bureau, chosen_round, rounds_with_roster


@dataclass(frozen=True, slots=True)
class Asked:
    round: Round | None
    bureau: Bureau


@require_safe
@acting(Permission.READ_FILINGS)
def contact_list(request: HttpRequest) -> HttpResponse:
    membership = acting_as(request)
    assert membership.bureau is not None, "the pages of this room are for bureaus"
    rounds, bureaus = rounds_with_roster(membership), bureaus_of(membership)
    asked = Asked(
        round=chosen_round(request.GET.get("round", ""), rounds),
        bureau=chosen_bureau(request.GET.get("bureau", ""), bureaus, membership.bureau),
    )
    page = page_of(request, listed(membership, asked.round, asked.bureau)) if asked.round is not None else None
    context = {"asked": asked, "rounds": rounds, "bureaus": bureaus, "page": page}
    return render(request, "review/contact_list.html", context)


def unconfirmed(membership: Membership) -> Part:
    """The first page: how many of each running round that has some. The number is the length of the list behind its link."""
    return Part("review/_contacts_part.html", {"rounds": rounds_with_counts(membership)})
