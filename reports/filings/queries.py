"""Scope and lists of filings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, OuterRef, Prefetch, Subquery

from institutions.models import Certificate
from institutions.roles import Permission

if TYPE_CHECKING:
    from institutions.models import Bureau, Membership
    from reports.filings.models import Filing  # noqa: F401 -- named in the class below
    from reports.filings.signing.models import Handover
    from reports.rounds.models import Round

#: States in which an institution still owes its filing (未报).
OWED = ("due", "drafting", "returned")


def _handovers() -> models.QuerySet[Handover]:
    """Without what they held."""
    from reports.filings.signing.models import Handover

    return Handover.objects.select_related("by", "ended_by").defer("cells").order_by("id")


class ObjectAgg(models.Aggregate):
    """Two columns as one JSON object: the first its keys, the second their values."""

    function = "JSONB_OBJECT_AGG"
    arity = 2
    output_field = models.JSONField()


class FilingQuerySet(models.QuerySet["Filing"]):
    def visible_to(self, membership: Membership | None) -> FilingQuerySet:
        """Own filings; for bureaus those reviewed in their subtree; for an inspector what the one institution submitted;
        nothing for administrators."""
        if membership is None:
            return self.none()
        if membership.may(Permission.INSPECT):
            return self.filter(institution=membership.inspects_id, revision__isnull=False)
        if membership.institution_id is not None and membership.may(Permission.READ_OWN_FILINGS):
            return self.filter(institution=membership.institution_id)
        if membership.bureau is not None and membership.may(Permission.READ_FILINGS):
            return self.within(membership.bureau)
        return self.none()

    def within(self, bureau: Bureau) -> FilingQuerySet:
        return self.filter(scope__startswith=bureau.path)

    def in_round(self, round: Round) -> FilingQuerySet:
        return self.filter(round=round)

    def waiting_at(self, bureau: Bureau) -> FilingQuerySet:
        """In review, and it is this bureau's turn."""
        return self.filter(step=bureau)

    def owed(self) -> FilingQuerySet:
        """Not submitted, or returned and not yet submitted again."""
        return self.filter(state__in=OWED)

    def for_page(self) -> FilingQuerySet:
        """With what every page about one filing reads: a fixed number of queries."""
        return (
            self.select_related(
                "round__scheme", "institution", "reviewing_bureau", "step", "revision", "previous__revision"
            )
            # The document of the scheme is large; `Scheme.definition` keeps it compiled in memory.
            .defer("round__scheme__content")
            .prefetch_related(Prefetch("round__phases"))
        )

    def for_table(self, public_id: UUID, institution: int) -> FilingQuerySet:
        """One filing of an institution with what filling a table reads, and as little else as can be.

        It is asked for with each cell that is saved. Institution and last year's figures are not joined:
        `pages.find_for_table` has both at hand. `last_revision` and `last_digest` name last year's, `last_state` says
        whether it stands. `told` are the explanations by key, None without any, and `read_at` the database's time.
        """
        from reports.filings.models import Explanation

        return (
            self.filter(public_id=public_id, institution=institution)
            .select_related("round__scheme")
            .defer("round__scheme__content")
            .annotate(
                last_state=F("previous__state"),
                last_revision=F("previous__revision"),
                last_digest=F("previous__revision__digest"),
                registered_certificates=ArraySubquery(
                    Certificate.objects.filter(institution=OuterRef("institution")).values("number")
                ),
                told=Subquery(
                    Explanation.objects.filter(filing=OuterRef("pk"))
                    .order_by()
                    .values("filing")
                    .values(pairs=ObjectAgg(F("key"), F("text")))
                ),
                read_at=TransactionNow(),
            )
        )

    def for_list(self) -> FilingQuerySet:
        """With what a list of an institution's filings reads, the latest period first: a fixed number of queries."""
        return (
            self.select_related("round", "institution", "reviewing_bureau", "step", "revision")
            .defer(*(f"revision__{name}" for name in ("cells", "derived", "figures", "explanations", "pledge")))
            .prefetch_related("round__phases", "decisions__bureau", "remarks", Prefetch("handovers", _handovers()))
            .order_by("-round__period", "round__kind", "id")
        )
