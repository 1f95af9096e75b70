"""The bureau's part of the first page: what needs it now. Every number is the length of the list behind its link."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from institutions.bureaus import bureaus_of
from institutions.models import Bureau, Membership
from portal.counting import lengths
from portal.ui.parts import Part
from reports.filings.departments.models import DepartmentChange
from reports.filings.extensions.models import Extension
from reports.rounds.models import Phase, Round
from review.coverage.areas import Area, table
from review.models import Tally
from review.queue.asking import Asked, rounds_with_roster
from review.queue.queries import Total, listed, total_of
from review.queue.waiting import days_left
from review.tally.queries import UNFILED, Counts


@dataclass(frozen=True, slots=True)
class Work:
    """One running round as the bureau has it before it."""

    round: Round
    waiting: int
    long: Total
    late: int
    returned: int
    unfiled: int
    areas: list[Area]
    phases: list[tuple[Phase, int]]
    bureau: Bureau

    def _link(self, name: str, **query: str) -> str:
        return f"{reverse(name)}?{urlencode({'round': self.round.public_id, **query})}"

    @property
    def waiting_url(self) -> str:
        return self._link("review:queue")

    @property
    def long_url(self) -> str:
        return self._link("review:queue", flag="waiting")

    @property
    def late_url(self) -> str:
        return self._link("review:queue", flag="late")

    @property
    def returned_url(self) -> str:
        return self._link("review:queue", state="returned")

    @property
    def unfiled_url(self) -> str:
        return self._link("review:nonfiler-list")

    @property
    def coverage_url(self) -> str:
        return self._link("review:coverage")


def work(membership: Membership) -> Part:
    """A fixed number of queries for each running round."""
    bureau = membership.bureau
    assert bureau is not None, "the first page offers this to bureaus"
    asked, now = lengths(
        departments=DepartmentChange.objects.asked_of(bureau.pk),
        extensions=Extension.objects.visible_to(membership).waiting(),
    )
    rounds = [round for round in rounds_with_roster(membership) if round.closed_at is None]
    counts = Tally.objects.visible_to(membership).in_rounds(rounds).counts() if rounds else Counts([])
    below = bureaus_of(membership) if rounds else []
    return Part(
        "review/_home.html",
        {
            "works": [_work(round, membership, bureau, below, counts.of_round(round), now) for round in rounds],
            "now": now,
            **asked,
        },
    )


def _work(
    round: Round, membership: Membership, bureau: Bureau, below: list[Bureau], counts: Counts, now: dt.datetime
) -> Work:
    waiting = counts.waiting_at(bureau)
    asked = Asked(round=round, bureau=bureau, state="mine", flag="waiting", order="matters", words="")
    return Work(
        round=round,
        waiting=waiting.number(),
        long=total_of(asked, listed(asked, membership, now), counts, bureau) if waiting.number() else Total(0),
        late=waiting.that_are("late").number(),
        returned=counts.number("returned"),
        unfiled=counts.number(*UNFILED),
        areas=table(bureau, below, counts, {}, {}, None) if len(below) > 1 else [],
        phases=[(phase, days_left(phase.due_at, now)) for phase in round.phases.all() if phase.due_at >= now],
        bureau=bureau,
    )
