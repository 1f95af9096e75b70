"""Working days of the mainland calendar, with the state's holidays and make-up days (调休).

The published schedule comes with a library; days entered by the province go before it. A year that neither knows is
taken as Monday to Friday, and `is_known` says so.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Mapping

import chinese_calendar
from django.core.cache import cache

from reports.rounds.models import SpecialDay

CACHED = "rounds.special-days"
SECONDS = 60


def special_days() -> Mapping[dt.date, bool]:
    """Days entered by the province → whether they are worked. Asked of the database once a minute."""
    found: Mapping[dt.date, bool] | None = cache.get(CACHED)
    if found is None:
        found = dict(SpecialDay.objects.values_list("day", "works"))
        cache.set(CACHED, found, SECONDS)
    return found


def forget_special_days() -> None:
    """After a change; other processes notice within a minute."""
    cache.delete(CACHED)


def published(day: dt.date) -> bool | None:
    """Whether the published schedule has the day as worked; None for a year the library does not know."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def is_known(year: int) -> bool:
    """Whether the state's schedule of the year is known, from the library or because the province entered days of it."""
    return published(dt.date(year, 1, 1)) is not None or any(day.year == year for day in special_days())


def is_working_day(day: dt.date, special: Mapping[dt.date, bool] | None = None) -> bool:
    special = special_days() if special is None else special
    if day in special:
        return special[day]
    found = published(day)
    return day.weekday() < 5 if found is None else found


def working_days_between(start: dt.date, end: dt.date) -> int:
    """Working days after `start` up to and including `end`; 0 when `end` is not later. What "waiting 3 working days" counts."""
    special = special_days()
    days = (start + dt.timedelta(days=offset) for offset in range(1, (end - start).days + 1))
    return sum(1 for day in days if is_working_day(day, special))


def on_or_after(day: dt.date) -> dt.date:
    """The day itself, or the next working day: what falls on a holiday is due on the first working day after it (顺延)."""
    special = special_days()
    while not is_working_day(day, special):
        day += dt.timedelta(days=1)
    return day


def months_later(day: dt.date, count: int) -> dt.date:
    """The same day of a later month; the end of a month stays the end of the month."""
    more, before = divmod(day.month - 1 + count, 12)
    year, month = day.year + more, before + 1
    last = months.monthrange(year, month)[1]
    at_end = day.day == months.monthrange(day.year, day.month)[1]
    return dt.date(year, month, last if at_end else min(day.day, last))


def year_later(day: dt.date) -> dt.date:
    return months_later(day, 12)
