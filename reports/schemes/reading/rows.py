"""The lines of an answer of rows: JSON of objects, one for each line, with the columns that the scheme gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from reports.schemes.definition import Indicator, RowColumn, pick
from reports.schemes.structured import dump

from .choices import read_bool
from .cleaning import as_text, one_line, shown
from .dates import read_date
from .numbers import read_number
from .refusal import UnreadableValue
from .texts import read_text

MOST_LINES = 30
MOST_FIGURE = Decimal(10**12 - 1)
Line = Mapping[str, str]


def read_rows(indicator: Indicator, text: str, today: date) -> str:
    """The lines in their stored form, empty ones left out; "" where none is left. Refuses with the faults of every line."""
    if not indicator.columns:
        return read_text(text, indicator.length)
    stored, wrong = [], []
    for number, line in enumerate(_lines(text), start=1):
        if any(line.values()):
            read, faults = _read_line(indicator.columns, line, today)
            stored.append(read)
            wrong += [_("Line %(number)d: %(reason)s") % {"number": number, "reason": fault} for fault in faults]
    if len(stored) > MOST_LINES:
        wrong.append(_("At most %(most)d lines fit. Sum up the rest in the text.") % {"most": MOST_LINES})
    made = dump(stored) if stored else ""
    if len(made) > indicator.length:
        wrong.append(_("Together these lines are too long. Shorten them, or put the details into the text."))
    if wrong:
        raise UnreadableValue(" ".join(wrong))
    return made


def _lines(text: str) -> list[Line]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise UnreadableValue(
            _("“%(value)s” is no list of lines. Fill in the lines of the form.") % {"value": shown(text)}
        )
    return [{str(name): str(value).strip() for name, value in line.items()} for line in found]


def _read_line(columns: Sequence[RowColumn], line: Line, today: date) -> tuple[dict[str, str], list[str]]:
    """(the line as stored, what is wrong with it). A line whose known columns are all empty is wrong as well."""
    read, wrong, empty = {}, [], []
    for column in columns:
        typed = line.get(column.code, "")
        try:
            typed = one_line(as_text(typed))
            read[column.code] = _read(column, typed, today) if typed else ""
        except UnreadableValue as refusal:
            wrong.append(f"{column.name()}: {refusal}")
        if not typed and column.required:
            empty.append(column.name())
    if empty:
        wrong.append(_("Not filled: %(columns)s.") % {"columns": pick("、", ", ").join(empty)})
    return read, wrong


def _read(column: RowColumn, typed: str, today: date) -> str:
    plain = Indicator("", "", "", "", column.kind, minimum=Decimal(0), maximum=MOST_FIGURE)
    if column.kind == "date":
        return read_date(plain, typed, today)
    if column.kind == "bool":
        return read_bool(typed)
    if column.kind == "int":
        return read_number(plain, typed)[0]
    over = len(typed) - column.length
    if over > 0:
        raise UnreadableValue(
            _("%(over)d characters too long; at most %(most)d fit.") % {"over": over, "most": column.length}
        )
    return typed
