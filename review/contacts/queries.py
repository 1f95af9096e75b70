"""Institutions that have not confirmed their contact since a round began."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Subquery

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


def rounds_with_counts(membership: Membership) -> list[Round]:
    """The running rounds of which somebody is on the list; `unconfirmed` is how many. One query."""
    theirs = unconfirmed(membership).filter(round=OuterRef("pk")).order_by().values("round")
    number = Subquery(theirs.annotate(number=Count("pk")).values("number"))
    rounds = Round.objects.visible_to(membership).running().annotate(unconfirmed=number)
    return [round for round in rounds if round.unconfirmed]
