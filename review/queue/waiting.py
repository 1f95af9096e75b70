"""How long a filing has waited, in working days of the mainland calendar."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.utils.timezone import get_default_timezone, localtime

from portal.ui.moments import last_day
from reports.rounds.calendar import working_days_between

#: More working days than this is long.
LONG = 3


@lru_cache(maxsize=4096)
def _between(start: dt.date, end: dt.date) -> int:
    return working_days_between(start, end)


def days_waited(since: dt.datetime, now: dt.datetime) -> int:
    return _between(localtime(since).date(), localtime(now).date())


def long_before(now: dt.datetime) -> dt.datetime:
    """What has waited since before this moment has waited more than LONG working days."""
    today = localtime(now).date()
    day = today
    while _between(day, today) <= LONG:
        day -= dt.timedelta(days=1)
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), get_default_timezone())


def days_left(due_at: dt.datetime, now: dt.datetime) -> int:
    """Calendar days until the due day; 0 on the day itself, negative after it. Midnight ends the day before."""
    return (last_day(due_at) - localtime(now).date()).days
