"""Quarterly rounds with their calendar: open on the 1st of the month after the quarter, due on its last day.

Late filing (补报) stays open until the round is closed and is marked as late.
"""

from __future__ import annotations

import datetime as dt

from institutions.models import Membership
from reports.rounds.actions import open_round
from reports.rounds.models import Kind, Phase, Round
from reports.rounds.quarters import Quarter
from reports.schemes.models import Scheme

#: How long numbers may be filed late, unless the province closes the round.
LATE_DAYS = 365


def open_quarter(*, scheme: Scheme, period: str, by: Membership) -> Round:
    """The quarterly round of "2023Q4" with its phases; the roster is frozen as for every round."""
    quarter = Quarter.parse(period)
    before = Round.objects.filter(kind=Kind.QUARTERLY_NUMBERS, period=quarter.year_before.period).first()
    late_from = quarter.due_at + dt.timedelta(seconds=1)
    return open_round(
        scheme=scheme,
        kind=Kind.QUARTERLY_NUMBERS,
        period=period,
        title_zh=f"{quarter.year}年第{'一二三四'[quarter.number - 1]}季度报告编号",
        title_en=f"Report numbers, quarter {quarter.number} of {quarter.year}",
        cut_off=quarter.end,
        phases={
            Phase.Name.FILL: (quarter.opens_at, quarter.due_at),
            Phase.Name.SUPPLEMENT: (late_from, late_from + dt.timedelta(days=LATE_DAYS)),
        },
        by=by,
        previous=before,
    )
