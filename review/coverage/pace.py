"""The pace toward the due day: the cumulative share that has filed, this year beside last year."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.ui.figures import figure, round_half_up
from review.coverage.areas import share

FIRST, LAST = -40, 7  # days from the due day that are drawn
TICKS = range(-35, 8, 7)


@dataclass(frozen=True, slots=True)
class Pace:
    """`chart` is the data of static/js/charts.js; `table` is (day, this year, last year) in per cent for those who read."""

    sentence: str
    chart: dict[str, Any]
    table: list[tuple[dt.date, Decimal | None, Decimal | None]]


def cumulative(days: Counter[int], due: int, until: int) -> dict[int, Decimal]:
    """Day → per cent of `due` that had filed by its end, from FIRST to `until`; what came before FIRST is in the first."""
    found, so_far = {}, sum(count for day, count in days.items() if day < FIRST)
    for day in range(FIRST, until + 1):
        so_far += days[day]
        rate = share(so_far, due)
        if rate is not None:
            found[day] = rate
    return found


def make_pace(
    this: Counter[int], due: int, last: Counter[int] | None, last_due: int, due_at: dt.datetime, today: int
) -> Pace | None:
    """`today` is days from the due day. None before anybody is due."""
    if not due:
        return None
    until = min(max(today, FIRST), LAST)
    now = cumulative(this, due, until)
    before = cumulative(last, last_due, LAST) if last is not None and last_due else {}
    due_day = localtime(due_at - dt.timedelta(microseconds=1)).date()
    labels = {str(day): date_format(due_day + dt.timedelta(days=day), pgettext("date format", "j M")) for day in TICKS}
    series = []
    if before:
        series.append(
            _series(_("Last year"), "last", before, _("last year %(rate)s") % {"rate": _shown(before[until])}, until)
        )
    series.append(_series(_("This year"), "this", now, _("this year %(rate)s") % {"rate": _shown(now[until])}, until))
    chart = {
        "kind": "lines",
        "unit": "%",
        "min": 0,
        "max": 100,
        "x": {"min": FIRST, "max": LAST, "labels": labels},
        "series": series,
        "line": {"at": 0, "name": _("due")},
    }
    table = [(due_day + dt.timedelta(days=day), now.get(day), before.get(day)) for day in range(FIRST, LAST + 1)]
    return Pace(_sentence(today, now[until], before.get(until)), chart, table)


def _series(name: str, role: str, points: dict[int, Decimal], label: str, at: int) -> dict[str, Any]:
    # Lengths in a drawing, not figures: JSON knows no decimals.
    data = [[day, float(round_half_up(rate, 1))] for day, rate in points.items()]
    return {
        "name": name,
        "role": role,
        "data": data,
        "label": label,
        "labelAt": [at, float(round_half_up(points[at], 1))],
    }


def _shown(rate: Decimal) -> str:
    return figure(rate, 1)


def _sentence(today: int, now: Decimal, before: Decimal | None) -> str:
    rate = _shown(now)
    when = (
        _("%(days)d days before the due day") % {"days": -today}
        if today < 0
        else _("On the due day")
        if today == 0
        else _("%(days)d days after the due day") % {"days": today}
    )
    if before is None:
        return _("%(when)s, %(rate)s%% have filed.") % {"when": when, "rate": rate}
    difference = now - before
    words = {"when": when, "rate": rate, "last": _shown(before), "points": figure(abs(difference), 1)}
    if round_half_up(difference, 1) > 0:
        return _("%(when)s, %(rate)s%% have filed, %(points)s points more than last year (%(last)s%%).") % words
    if round_half_up(difference, 1) < 0:
        return _("%(when)s, %(rate)s%% have filed, %(points)s points less than last year (%(last)s%%).") % words
    return _("%(when)s, %(rate)s%% have filed, as many as last year.") % words
