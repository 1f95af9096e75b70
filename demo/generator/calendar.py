"""The two rounds of the demonstration, laid around the present moment: last year's closed, this year's open for some days yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from demo.generator.chance import Chance
from demo.generator.respondent import THIS_YEAR

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """`until` is the moment up to which things have happened: now, or when the round closed."""

    year: int
    opens: dt.datetime
    due: dt.datetime
    until: dt.datetime
    closed: dt.datetime | None
    phases: dict[str, tuple[dt.datetime, dt.datetime]]

    @property
    def cut_off(self) -> dt.date:
        return dt.date(self.year, 12, 31)


def this_year(now: dt.datetime, due_in: int = 6) -> Calendar:
    """Opened five weeks ago, due in `due_in` days (negative: it is over and supplementary filing runs)."""
    opens = day_time(now + (due_in - 41) * DAY, 8, 30)
    due = day_time(now + due_in * DAY, 23, 59)
    return Calendar(THIS_YEAR, opens, due, now, None, _phases(opens, due))


def last_year(now: dt.datetime) -> Calendar:
    opens = day_time(now - 400 * DAY, 8, 30)
    due = day_time(now - 359 * DAY, 23, 59)
    closed = day_time(now - 320 * DAY, 17, 0)
    return Calendar(THIS_YEAR - 1, opens, due, closed, closed, _phases(opens, due))


def _phases(opens: dt.datetime, due: dt.datetime) -> dict[str, tuple[dt.datetime, dt.datetime]]:
    return {
        "prepare": (opens - 30 * DAY, opens - dt.timedelta(minutes=30)),
        "fill": (opens, due),
        "county": (opens + 2 * DAY, due + 4 * DAY),
        "prefecture": (opens + 4 * DAY, due + 8 * DAY),
        "province": (opens + 5 * DAY, due + 14 * DAY),
        "supplement": (due, due + 30 * DAY),
    }


def day_time(moment: dt.datetime, hour: int, minute: int) -> dt.datetime:
    """That time of the same day in Shanghai."""
    return moment.astimezone(SHANGHAI).replace(hour=hour, minute=minute, second=0, microsecond=0)


def in_the_morning(moment: dt.datetime) -> dt.datetime:
    """When the clock sends the reminders of that day."""
    return day_time(moment, 8, 0)


def in_office(moment: dt.datetime, chance: Chance) -> dt.datetime:
    """A moment of the same day within office hours."""
    return day_time(moment, 8, 30) + dt.timedelta(minutes=chance.randrange(0, 540), seconds=chance.randrange(60))
