from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from reports.schemes.definition import Indicator

from .cleaning import narrow, one_line, shown
from .refusal import UnreadableValue

EARLIEST, LATEST = date(1949, 1, 1), date(2099, 12, 31)
DAY = re.compile(
    r"(?P<y>[0-9]{4})\s?(?P<s>[-/.年])\s?(?P<m>[0-9]{1,2})\s?(?:(?<=月)|[-/.月])\s?(?P<d>[0-9]{1,2})\s?[日号]?"
    r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
)
COMPACT_DAY = re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})")
MONTH = re.compile(r"(?P<y>[0-9]{4})\s?[-/.年]\s?(?P<m>[0-9]{1,2})\s?月?|(?P<y2>[0-9]{4})(?P<m2>[0-9]{2})")
AMBIGUOUS = re.compile(r"[0-9]{1,2}\s?[-/.]\s?[0-9]{1,2}\s?[-/.]\s?(?:[0-9]{4}|[0-9]{2})|[0-9]{1,2}[-/.][0-9]{4}")
SERIAL = re.compile(r"[1-9][0-9]{4}")


def read_date(indicator: Indicator, text: str, today: date) -> str:
    figure = one_line(narrow(text))
    match = DAY.fullmatch(figure) or COMPACT_DAY.fullmatch(figure)
    if match is None:
        raise _refusal(text, figure)
    return _in_range(indicator, _day(int(match["y"]), int(match["m"]), int(match["d"])), text, today).isoformat()


def read_month(indicator: Indicator, text: str, today: date) -> str:
    """YYYY-MM; a full date is taken for its month."""
    figure = one_line(narrow(text))
    match = DAY.fullmatch(figure) or COMPACT_DAY.fullmatch(figure)
    if match:
        day = _day(int(match["y"]), int(match["m"]), int(match["d"]))
    else:
        match = MONTH.fullmatch(figure)
        if match is None:
            raise _refusal(text, figure)
        day = _day(int(match["y"] or match["y2"]), int(match["m"] or match["m2"]), 1)
    return _in_range(indicator, day, text, today).strftime("%Y-%m")


def _day(year: int, month: int, day: int) -> date:
    if not 1 <= month <= 12:
        raise UnreadableValue(_("There is no month %(month)s.") % {"month": month})
    if year < 1 or not 1 <= day <= calendar.monthrange(max(year, 1), month)[1]:
        raise UnreadableValue(
            _("Month %(month)s of %(year)s has no day %(day)s.") % {"year": year, "month": month, "day": day}
        )
    return date(year, month, day)


def _in_range(indicator: Indicator, day: date, text: str, today: date) -> date:
    latest = LATEST if indicator.future_allowed else today
    if not EARLIEST <= day <= latest:
        raise UnreadableValue(
            _("“%(value)s” is outside %(first)s to %(last)s. Check the year.")
            % {"value": shown(text), "first": EARLIEST.isoformat(), "last": latest.isoformat()}
        )
    return day


def _refusal(text: str, figure: str) -> UnreadableValue:
    value = {"value": shown(text)}
    if AMBIGUOUS.fullmatch(figure):
        return UnreadableValue(
            _("“%(value)s” can be read in two ways. Write year, month, day, such as 2024-02-03.") % value
        )
    if SERIAL.fullmatch(figure):
        offer = (date(1899, 12, 30) + timedelta(days=int(figure))).isoformat()
        return UnreadableValue(
            _("“%(value)s” looks like the day number Excel uses for %(offer)s. Enter %(offer)s if that is meant.")
            % {**value, "offer": offer},
            offer,
        )
    return UnreadableValue(_("“%(value)s” is not a date. Write it as 2024-02-03 or 2024年2月3日.") % value)
