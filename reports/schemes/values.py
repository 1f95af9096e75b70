"""Cell values: reading what was typed, the stored form, and showing it.

Stored form (always a string, in JSON): whole numbers "1234", decimals with their fixed places "12.50",
dates "2024-02-03", months "2023-05", yes/no "1"/"0", one code "10", several codes "01,03". A blank cell
has no key (None); a cell answered with *not applicable* holds NOT_APPLICABLE.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import structured
from .definition import Indicator, pick
from .reading import choices, dates, rows, texts
from .reading.cleaning import as_text, narrow, shown
from .reading.numbers import grouped, read_number
from .reading.refusal import UnreadableValue

__all__ = [
    "NA",
    "NOT_APPLICABLE",
    "UnreadableValue",
    "Value",
    "read_value",
    "show_value",
    "to_python",
    "wan_echo",
]

NOT_APPLICABLE: Final = "n/a"
NA_WORDS = frozenset(
    ["-", "--", "—", "——", "–", "/", "无", "没有", "不适用", "无此项", "n/a", "na", "not", "applicable"]
) | {"not applicable"}
WORDY = frozenset(("string", "text", "rows", "file", "rowref"))


class _NotApplicable:
    """The Python value of NOT_APPLICABLE: neither blank nor zero."""

    def __repr__(self) -> str:
        return "NA"


NA: Final = _NotApplicable()


@dataclass(frozen=True)
class Value:
    """`stored` None is blank. `changed` tells that it differs from what was typed; `hint` is a remark for the reader."""

    stored: str | None
    changed: bool = False
    hint: Any = None


def read_value(indicator: Indicator, raw: Any, *, today: date | None = None) -> Value:
    """Reads one value from a form, JSON or a workbook cell, or raises UnreadableValue.

    Harmless differences are normalised (`changed`), doubtful ones refused with the reason.
    """
    if indicator.computed:
        raise UnreadableValue(_("This item is filled by the system and cannot be typed."))
    if indicator.dtype == "multi" and isinstance(raw, list | tuple | set | frozenset):
        return Value(choices.read_multi(indicator, raw) or None)
    if indicator.dtype not in ("bool",) and isinstance(raw, bool):
        raise UnreadableValue(_("“%(value)s” is a yes/no value; this item needs another kind.") % {"value": raw})
    if indicator.numeric and isinstance(raw, date | datetime):
        raise UnreadableValue(_("“%(value)s” is a date; this item needs a number.") % {"value": raw})
    # Each part of a line is cleaned by itself, and told by its line.
    text = str(raw or "").strip() if indicator.columns else as_text(int(raw) if isinstance(raw, bool) else raw)
    if not text:
        return Value(None, changed=bool(raw) and isinstance(raw, str))
    hint = None
    if indicator.dtype not in WORDY and narrow(text).casefold() in NA_WORDS and not _is_option(indicator, text):
        stored = NOT_APPLICABLE
    elif indicator.dtype in ("int", "decimal"):
        stored, hint = read_number(indicator, text)
    elif indicator.dtype in DATED:
        stored = DATED[indicator.dtype](indicator, text, today or timezone.localdate())
    else:
        stored = READERS[indicator.dtype](indicator, text)
    return Value(stored or None, changed=stored != (raw if isinstance(raw, str) else text), hint=hint)


#: Those that know what day it is.
DATED: dict[str, Callable[[Indicator, str, date], str]] = {
    "date": dates.read_date,
    "yyyymm": dates.read_month,
    "rows": rows.read_rows,
}
READERS: dict[str, Callable[[Indicator, str], str]] = {
    "string": lambda item, text: texts.read_string(text, item.length),
    "text": lambda item, text: texts.read_text(text, item.length),
    "file": lambda item, text: texts.read_string(text, 200),
    "rowref": lambda item, text: texts.read_string(text, 200),
    "enum": choices.read_enum,
    "multi": choices.read_multi,
    "bool": lambda item, text: choices.read_bool(text),
    "uscc18": lambda item, text: texts.read_uscc(text),
    "region6": lambda item, text: texts.read_digits(text, 6),
    "postcode": lambda item, text: texts.read_digits(text, 6),
    "phone": lambda item, text: texts.read_phone(text),
    "mobile": lambda item, text: texts.read_phone(text, mobile_only=True),
    "email": lambda item, text: texts.read_email(text),
    "url": lambda item, text: texts.read_url(text),
}


def _is_option(indicator: Indicator, text: str) -> bool:
    return bool(indicator.options) and choices.find_option(indicator, text) is not None


# -- from the stored form -------------------------------------------------------------------------

CANONICAL = {
    "int": re.compile(r"0|-?[1-9][0-9]{0,17}"),
    "decimal": re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "yyyymm": re.compile(r"[0-9]{4}-[0-9]{2}"),
    "bool": re.compile("[01]"),
}


def to_python(indicator: Indicator, stored: str | None) -> Any:
    """int, Decimal, date (a month is its first day), bool, frozenset of codes or str; None blank; NA.

    Raises UnreadableValue when the stored text is not in canonical form.
    """
    if stored is None or stored == "":
        return None
    if stored == NOT_APPLICABLE and indicator.dtype not in WORDY:
        return NA
    dtype = indicator.dtype
    pattern = CANONICAL.get(dtype)
    if pattern is not None and not pattern.fullmatch(stored):
        raise UnreadableValue(_("“%(value)s” is not in the stored form.") % {"value": shown(stored)})
    if dtype == "int":
        return int(stored)
    if dtype == "decimal":
        return Decimal(stored)
    if dtype == "bool":
        return stored == "1"
    if dtype == "multi":
        return frozenset(stored.split(","))
    if dtype in ("date", "yyyymm"):
        try:
            return date.fromisoformat(stored if dtype == "date" else f"{stored}-01")
        except ValueError:
            raise UnreadableValue(_("“%(value)s” is not in the stored form.") % {"value": shown(stored)}) from None
    return stored


def show_value(indicator: Indicator, stored: str | None, lang: str | None = None) -> str:
    """For the reader: thousands separators and a true minus, labels for codes, words for yes and no."""
    if stored is None or stored == "":
        return ""
    if stored == NOT_APPLICABLE and indicator.dtype not in WORDY:
        return pick("不适用", "Not applicable", lang)
    if indicator.dtype in structured.KINDS:
        return structured.words(stored)
    if indicator.dtype == "bool":
        return pick(*({"1": ("是", "Yes"), "0": ("否", "No")}.get(stored, (stored, stored))), lang)
    if indicator.options:
        return pick("、", ", ", lang).join(_labelled(indicator, code, lang) for code in stored.split(","))
    if indicator.numeric:
        return show_number(stored)
    return stored


def _labelled(indicator: Indicator, code: str, lang: str | None) -> str:
    option = indicator.option_by_code.get(code)
    return f"{code} {option.label(lang)}" if option else code


def show_number(figure: str | int | Decimal) -> str:
    """1234567.5 → 1,234,567.5 and -3 → −3; what is not a number comes back as it is."""
    text = format(figure, "f") if isinstance(figure, Decimal) else str(figure)
    if not re.fullmatch(r"-?[0-9]{1,40}(\.[0-9]+)?", text):
        return text
    return grouped(Decimal(text)).replace("-", "−")


def wan_echo(thousand_yuan: str | int | Decimal | None) -> str:
    """千元 as 万元, exact to one place and without the unit: "12345" → "1,234.5". Blank stays blank."""
    text = "" if thousand_yuan is None else str(thousand_yuan)
    if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]+)?", text):
        return ""
    return show_number(Decimal(text) / 10)
