"""The blocks of the coverage page, each from one query over the whole scope."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Sum

from institutions.models import Bureau
from reports.filings.models import Filing, State
from reports.rounds.models import Phase, Round
from review.queue.waiting import long_before

#: Days from the due day → how many institutions filed for the first time on it; by round and scope.
Arrivals = dict[int, dict[str, Counter[int]]]

_ARRIVALS = """
SELECT f.round_id, f.scope,
       (r.submitted_at AT TIME ZONE %(zone)s)::date - ((p.due_at - interval '1 microsecond') AT TIME ZONE %(zone)s)::date,
       count(*)
  FROM filings_revision r
  JOIN filings_filing f ON f.id = r.filing_id
  JOIN rounds_phase p ON p.round_id = f.round_id AND p.name = %(fill)s
 WHERE r.number = 1 AND f.round_id = ANY(%(rounds)s) AND f.scope LIKE %(scope)s AND f.state <> 'excused'
 GROUP BY 1, 2, 3
"""


def arrivals(rounds: list[Round], bureau: Bureau) -> Arrivals:
    """First submissions by day of this round and the one before. Midnight ends the day before."""
    found: Arrivals = {round.pk: {} for round in rounds}
    with connection.cursor() as cursor:
        cursor.execute(
            _ARRIVALS,
            {
                "zone": settings.TIME_ZONE,
                "fill": Phase.Name.FILL,
                "rounds": [round.pk for round in rounds],
                "scope": f"{bureau.path}%",
            },
        )
        for round_id, scope, day, count in cursor.fetchall():
            found[round_id].setdefault(scope, Counter())[day] += count
    return found


@dataclass(frozen=True, slots=True)
class Filled:
    filled: int
    required: int


def completeness(round: Round, bureau: Bureau) -> dict[str, Filled]:
    """Required items answered and required items (应填尽填), by scope, of institutions that are due."""
    rows = (
        Filing.objects.in_round(round)
        .within(bureau)
        .exclude(state=State.EXCUSED)
        .order_by()
        .values_list("scope")
        .annotate(filled=Sum("filled"), required=Sum("required"))
    )
    return {scope: Filled(filled or 0, required or 0) for scope, filled, required in rows}


@dataclass(frozen=True, slots=True)
class Wait:
    """Filings that a tier has had for longer than LONG working days; `places` the bureaus that have most of them."""

    tier: str
    count: int
    since: dt.datetime
    places: list[tuple[str, int]]


def long_waits(round: Round, bureau: Bureau, now: dt.datetime, names: Mapping[int, str]) -> list[Wait]:
    """`names` of the bureaus the reader sees, by id; one above the reader is counted and not named."""
    rows = (
        Filing.objects.in_round(round)
        .within(bureau)
        .filter(state=State.IN_REVIEW, step_since__lt=long_before(now))
        .order_by()
        .values_list("step_tier", "step")
        .annotate(count=Count("id"), since=Min("step_since"))
        .order_by("step_tier", "-count", "step")
    )
    by_tier: dict[str, list[tuple[int, int, dt.datetime]]] = {}
    for tier, step, count, since in rows:
        by_tier.setdefault(tier, []).append((step, count, since))
    return [
        Wait(
            tier=tier,
            count=sum(count for _step, count, _since in by_tier[tier]),
            since=min(since for _step, _count, since in by_tier[tier]),
            places=[(names[step], count) for step, count, _since in by_tier[tier][:2] if step in names],
        )
        for tier in ("county", "prefecture", "province")
        if tier in by_tier
    ]
