"""How the authorisations of the prefectures stand, for the province's pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q

from institutions.grants import authorised_ids
from institutions.models import Bureau, Grant, Membership, Tier


@dataclass(frozen=True, slots=True)
class Standing:
    """A prefecture: whether it may review today, and its grants in force and to come, the next first.

    `below` counts the institutions that report to the bureau itself.
    """

    bureau: Bureau
    holds: bool
    grants: list[Grant]
    below: int


@dataclass(frozen=True, slots=True)
class Prefectures:
    """How many there are in a scope, and how many of them are authorised today."""

    total: int
    authorised: int


def standing(membership: Membership) -> list[Standing]:
    """Every prefecture in the membership's scope by code; three queries."""
    opened = Grant.objects.standing().order_by("starts_on", "id")
    bureaus = list(
        Bureau.objects.visible_to(membership)
        .filter(tier=Tier.PREFECTURE)
        .annotate(below=Count("institutions", filter=Q(institutions__status="active")))
        .prefetch_related(Prefetch("grants", queryset=opened, to_attr="opened"))
        .order_by("code")
    )
    holding = authorised_ids(bureaus)
    return [Standing(one, one.pk in holding, one.opened, one.below) for one in bureaus]


def places_of(grant: Grant) -> list[str]:
    """Where the holder works; one query where there is one."""
    if grant.holder is None:
        return []
    own = Membership.objects.own().current().filter(user=grant.holder).select_related("bureau", "institution")
    return [f"{one.place} · {one.get_role_display()}" for one in own.order_by("id")]


def prefectures(membership: Membership) -> Prefectures:
    """Two queries."""
    found = list(Bureau.objects.visible_to(membership).filter(tier=Tier.PREFECTURE))
    return Prefectures(len(found), len(authorised_ids(found)))
