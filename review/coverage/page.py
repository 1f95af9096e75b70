"""Everything the coverage page shows, from one query for each block."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from institutions.models import Bureau, Membership
from reports.rounds.models import Phase, Round
from review.coverage.areas import Area, last_rates, table
from review.coverage.nonfilers import NonFiler, nonfilers, with_told
from review.coverage.pace import Pace, make_pace
from review.coverage.queries import Wait, arrivals, completeness, long_waits
from review.models import Tally
from review.queue.waiting import days_left, days_waited

#: Non-filers shown on the page itself; the list has all.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Waiting:
    wait: Wait
    days: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """`areas` begins with the whole; `last_day` is where last year's rates were taken, in days from its due day."""

    areas: list[Area]
    tiers: dict[str, int]
    pace: Pace | None
    waits: list[Waiting]
    nonfilers: list[NonFiler]
    phases: list[tuple[Phase, int]]
    now: dt.datetime
    compared: bool

    @property
    def whole(self) -> Area:
        return self.areas[0]


def build(
    membership: Membership, round: Round, bureau: Bureau, bureaus: list[Bureau], opened: Bureau | None, now: dt.datetime
) -> Coverage:
    """`bureau` is the top of the table; `bureaus` are all the reader sees, `opened` the one whose parts are shown too."""
    rounds = [round] if round.previous is None else [round, round.previous]
    counts = Tally.objects.visible_to(membership).within(bureau).in_rounds(rounds).counts()
    came = arrivals(rounds, bureau)
    fill = round.phase(Phase.Name.FILL)
    today = -days_left(fill.due_at, now) if fill is not None else 0
    mine = [one for one in bureaus if bureau.contains(one.path or "")]
    rates = last_rates(mine, came[round.previous.pk], counts.of_round(round.previous), today) if round.previous else {}
    this = counts.of_round(round)
    return Coverage(
        areas=table(bureau, mine, this, completeness(round, bureau), rates, opened),
        tiers={tier: this.waiting_in(tier).number() for tier in ("county", "prefecture", "province")},
        pace=make_pace(
            _all(came[round.pk]),
            this.due,
            _all(came[round.previous.pk]) if round.previous else None,
            counts.of_round(round.previous).due if round.previous else 0,
            fill.due_at,
            today,
        )
        if fill is not None
        else None,
        waits=[
            Waiting(wait, days_waited(wait.since, now))
            for wait in long_waits(round, bureau, now, {one.pk: one.short_name for one in bureaus})
        ],
        nonfilers=with_told(nonfilers(membership, round, bureau, "unfiled")[:SHOWN]),
        phases=[
            (phase, days_left(phase.due_at, now)) for phase in round.phases.all() if phase.name != Phase.Name.PREPARE
        ],
        now=now,
        compared=rates.get(bureau.pk) is not None,
    )


def _all(by_scope: dict[str, Counter[int]]) -> Counter[int]:
    return sum(by_scope.values(), Counter())
