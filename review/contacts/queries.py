"""Institutions that have not confirmed their contact since a round began."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef

from institutions.enrolment.contacts import last_confirmed
from institutions.enrolment.models_contacts import ContactCheck
from institutions.models import Bureau, Membership
from reports.filings.models import Filing, State
from reports.filings.queries import FilingQuerySet
from reports.rounds.models import Round


def unconfirmed(membership: Membership) -> FilingQuerySet:
    """Filings of the reader's area whose institution last confirmed before the round's roster was frozen, or never."""
    since = ContactCheck.objects.filter(
        institution=OuterRef("institution"), at__gte=OuterRef("round__roster_frozen_at")
    )
    return Filing.objects.visible_to(membership).exclude(state=State.EXCUSED).filter(~Exists(since))


def listed(membership: Membership, round: Round, bureau: Bureau) -> FilingQuerySet:
    """In the order of the tree, then by institution; with `confirmed_at`, the last time before."""
    rows = unconfirmed(membership).in_round(round).within(bureau)
    rows = rows.annotate(confirmed_at=last_confirmed(OuterRef("institution")))
    return rows.select_related("institution", "reviewing_bureau").order_by("scope", "institution_id")


def counts(membership: Membership, rounds: Iterable[Round]) -> dict[int, int]:
    """Round → how many are on its list. One query."""
    rows = unconfirmed(membership).filter(round__in=list(rounds)).order_by().values_list("round")
    return dict(rows.annotate(number=Count("pk")))
