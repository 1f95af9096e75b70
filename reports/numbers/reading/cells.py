"""One cell beside the number: dates, certificates, options. Each answers a stored text or raises Fault."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reports.numbers.keys import CONTROL, INVISIBLE

EARLIEST = dt.date(1949, 10, 1)
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年([0-9]{1,2})月)([0-9]{1,2})日?")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME = re.compile(r"[T ]\s*[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$")
_OTHER_ORDER = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-]([0-9]{2}|[0-9]{4})")
_SERIAL = re.compile(r"[1-9][0-9]{4}")
TRUE = frozenset(("1", "是", "有", "yes", "y", "true", "√", "✓", "已加盖", "加盖"))
FALSE = frozenset(("0", "否", "无", "没有", "no", "n", "false", "×", "未加盖", "不加盖"))


class Fault(Exception):
    """Why a line is refused: a code of `reports.numbers.causes` and what the sentence repeats, a list as one value."""

    def __init__(self, code: str, *values: object) -> None:
        super().__init__(code)
        self.text = "|".join([code, *(_listed(value) for value in values)])


def _listed(value: object) -> str:
    return "、".join(shown(one) for one in value) if isinstance(value, list) else shown(value)


def shown(value: object) -> str:
    """A value as a refusal repeats it: short, printable, without our own separator."""
    text = CONTROL.sub(" ", INVISIBLE.sub("", str(value))).replace("|", "¦").replace("\\", "＼").strip()
    return text if len(text) <= 40 else text[:39] + "…"


def text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return _figure(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        text = value if value.isascii() else unicodedata.normalize("NFKC", INVISIBLE.sub("", value))
        return text.strip()
    return str(value)


def _figure(value: float) -> str:
    """Whole figures digit by digit, so that their cell is found; zeros stand for the digits that a float does not keep."""
    if not value.is_integer():
        return repr(value)
    return str(int(value)) if abs(value) < 1e15 else f"{Decimal(repr(value)):.0f}"


def read_date(value: Any, *, dates_1904: bool, today: dt.date) -> dt.date:
    if isinstance(value, dt.datetime):
        day = value.date()
    elif isinstance(value, dt.date):
        day = value
    elif isinstance(value, float):
        day = _from_serial(value, dates_1904)
    else:
        day = _from_text(text_of(value))
    if not EARLIEST <= day <= today:
        raise Fault("date_future" if day > today else "date_unreadable", day.isoformat())
    return day


def _from_serial(value: float, dates_1904: bool) -> dt.date:
    if not 1 <= value < 2_958_466:
        as_number = text_of(value)
        if _COMPACT.fullmatch(as_number):
            return _from_text(as_number)
        raise Fault("date_unreadable", as_number)
    start = dt.date(1904, 1, 1) if dates_1904 else dt.date(1899, 12, 30)
    return start + dt.timedelta(days=int(value))


def _from_text(text: str) -> dt.date:
    if not text:
        raise Fault("date_missing")
    bare = _TIME.sub("", text).strip()
    match = _DATE.fullmatch(bare) or _COMPACT.fullmatch(bare)
    if match is None:
        if _OTHER_ORDER.fullmatch(bare):
            raise Fault("date_ambiguous", text)
        raise Fault("date_serial" if _SERIAL.fullmatch(bare) else "date_unreadable", text)
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise Fault("date_impossible", text) from None


class Options:
    """One list of options: by code, by label in either language, or by both as a drop-down prints them.

    `fault` is the code of the refusal of anything else.
    """

    def __init__(self, fault: str, labels: Mapping[str, str]) -> None:
        self._fault = fault
        self._labels = {text_of(label).casefold(): option for label, option in labels.items()}
        for option in set(labels.values()):
            self._labels[option.casefold()] = option
            if option.isdigit():
                self._labels.setdefault(str(int(option)), option)

    def read(self, value: Any) -> str:
        text = text_of(value).casefold()
        if not text:
            return ""
        if text in self._labels:
            return self._labels[text]
        head = re.match(r"([0-9a-z-]+)[\s:、.-]+(\S.*)", text)
        if head and self._labels.get(head[1]) == self._labels.get(head[2].strip(), object()):
            return self._labels[head[1]]
        raise Fault(self._fault, text_of(value))


def read_mark(value: Any) -> bool:
    word = text_of(value).casefold()
    if not word or word in TRUE:
        return True
    if word in FALSE:
        return False
    raise Fault("mark_unknown", text_of(value))
