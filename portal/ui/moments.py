"""Moments at which something ends. Midnight belongs to the day that it ends and is printed as 24:00 of that day."""

from __future__ import annotations

import datetime as dt

from django.utils.formats import date_format, get_format
from django.utils.timezone import localtime

MIDNIGHT = dt.time()
ENDING = "24:00"


def last_day(moment: dt.datetime) -> dt.date:
    """The day on which something due at the moment can last be done."""
    return (localtime(moment) - dt.timedelta(microseconds=1)).date()


def ends_a_day(moment: dt.datetime) -> bool:
    return localtime(moment).time() == MIDNIGHT


def due_time(moment: dt.datetime, style: str = "DATETIME_FORMAT") -> str:
    """The moment in a format of Django's, by name or in letters."""
    style = str(get_format(style))
    if ends_a_day(moment):
        return date_format(last_day(moment), style.replace("H:i", ENDING).replace("P", ENDING))
    return date_format(localtime(moment), style)


def clock_of(moment: dt.datetime) -> str:
    """The time of day alone, beside `last_day`."""
    return ENDING if ends_a_day(moment) else f"{localtime(moment):%H:%M}"


def due_digits(moment: dt.datetime) -> str:
    """2024-02-29 24:00, for files and the trail."""
    return f"{last_day(moment):%Y-%m-%d} {clock_of(moment)}"
