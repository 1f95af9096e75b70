"""How the authorisations of the prefectures stand, for the province's page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from institutions.grants import authorised_ids
from institutions.models import Bureau, Grant, Membership, Tier
from institutions.rules import can_authorise
from portal.rules import Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """A prefecture: whether it may review today, by which open grant, and what the reader may do about it.

    A grant beside `holds` False ran out on its last day. `below` counts the institutions that report to the bureau itself.
    """

    bureau: Bureau
    holds: bool
    grant: Grant | None
    below: int
    verdict: Verdict


def standing(membership: Membership) -> list[Standing]:
    """Every prefecture in the membership's scope by code; three queries."""
    opened = Grant.objects.filter(closed_at=None).select_related("given_by__user")
    bureaus = list(
        Bureau.objects.visible_to(membership)
        .filter(tier=Tier.PREFECTURE)
        .annotate(below=Count("institutions", filter=Q(institutions__status="active")))
        .prefetch_related(Prefetch("grants", queryset=opened, to_attr="opened"))
        .order_by("code")
    )
    holding = authorised_ids(bureaus)
    return [
        Standing(one, one.pk in holding, next(iter(one.opened), None), one.below, can_authorise(membership, one))
        for one in bureaus
    ]


def past(rows: list[Standing]) -> QuerySet[Grant]:
    """Grants of these prefectures that were withdrawn or ran out and were closed since, newest first."""
    closed = Grant.objects.filter(bureau__in=[row.bureau for row in rows]).exclude(closed_at=None)
    return closed.select_related("bureau", "given_by__user", "closed_by__user")
