"""Counts of filings from the tallies: as many rows as there are bureaus and states, whatever the number of filings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Sum

from institutions.roles import Permission

if TYPE_CHECKING:
    from institutions.models import Bureau, Membership
    from reports.rounds.models import Round

FILED = ("in_review", "returned", "accepted")
UNFILED = ("due", "drafting")


@dataclass(frozen=True, slots=True)
class Count:
    """How many filings share one key."""

    round_id: int
    scope: str
    state: str
    step: int | None
    step_tier: str
    late: bool
    repeat: bool
    doubts: bool
    newcomer: bool
    count: int


KEY = ("round_id", "scope", "state", "step", "step_tier", "late", "repeat", "doubts", "newcomer")


class TallyQuerySet(models.QuerySet[Any]):
    def visible_to(self, membership: Membership | None) -> TallyQuerySet:
        if membership is None or membership.bureau is None or not membership.may(Permission.READ_FILINGS):
            return self.none()
        return self.within(membership.bureau)

    def within(self, bureau: Bureau) -> TallyQuerySet:
        return self.filter(scope__startswith=bureau.path)

    def in_rounds(self, rounds: Iterable[Round]) -> TallyQuerySet:
        return self.filter(round__in=[round.pk for round in rounds])

    def counts(self) -> Counts:
        """One query."""
        rows = self.order_by().values_list(*KEY).annotate(total=Sum("count"))
        return Counts([Count(*row) for row in rows if row[-1]])


class Counts:
    """What one query found, to be added up in many ways."""

    def __init__(self, rows: list[Count]) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[Count]:
        return iter(self.rows)

    def number(self, *states: str) -> int:
        """Filings in any of the states; all of them without one."""
        return sum(row.count for row in self.rows if not states or row.state in states)

    @property
    def due(self) -> int:
        """The frozen roster without the excused: the denominator of every rate."""
        return sum(row.count for row in self.rows if row.state != "excused")

    def of_round(self, round: Round) -> Counts:
        return Counts([row for row in self.rows if row.round_id == round.pk])

    def within(self, bureau: Bureau) -> Counts:
        return Counts([row for row in self.rows if bureau.contains(row.scope)])

    def waiting_at(self, bureau: Bureau) -> Counts:
        return Counts([row for row in self.rows if row.step == bureau.pk])

    def waiting_in(self, tier: str) -> Counts:
        return Counts([row for row in self.rows if row.step_tier == tier])

    def that_are(self, *flags: str) -> Counts:
        """With each of the flags late, repeat, doubts, newcomer; "clean" is without doubts."""
        found = self.rows
        for flag in flags:
            found = [row for row in found if (not row.doubts if flag == "clean" else getattr(row, flag))]
        return Counts(found)
