"""A stored value as it stands in a workbook, and whether a cell that came back still holds it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from portal.ui.spreadsheet import safe_text
from reports.schemes.definition import Indicator
from reports.schemes.values import NOT_APPLICABLE, UnreadableValue, read_value, show_value

#: A spreadsheet keeps fifteen digits; a longer figure stands as text.
DIGITS = 15
Written = str | int | Decimal | None


def written(item: Indicator, stored: str | None, unread: str | None = None) -> Written:
    """What the cell holds: figures as numbers, choices with their words, everything else as text.

    `unread` is what was typed on the site and could not be read; it stands in the cell as typed.
    """
    if unread is not None:
        return safe_text(unread)
    if not stored:
        return None
    if item.numeric and stored != NOT_APPLICABLE:
        return _figure(stored)
    if item.computed:
        return safe_text(show_value(item, stored))
    return safe_text(_words(item, stored))


def _figure(stored: str) -> Written:
    try:
        value = Decimal(stored)
    except InvalidOperation:
        return safe_text(stored)
    if not value.is_finite() or len(value.as_tuple().digits) > DIGITS:
        return safe_text(stored)
    return int(stored) if stored.lstrip("-").isdigit() else value


def _words(item: Indicator, stored: str) -> str:
    """The readable form where it reads back as the same value, else the stored one: a label may hold a separator."""
    if stored != NOT_APPLICABLE and item.dtype not in ("enum", "multi", "bool"):
        return stored
    shown = show_value(item, stored)
    try:
        return shown if read_value(item, shown).stored == stored else stored
    except UnreadableValue:
        return stored


def untouched(before: Written, found: Any) -> bool:
    """Whether `found` (None, str, int, float, bool) is what was written; a date or a truth value never is."""
    if before is None or found is None:
        return before is None and found is None
    if isinstance(found, bool):
        return False
    if isinstance(before, str):
        return isinstance(found, str) and found.replace("\r\n", "\n") == before.replace("\r\n", "\n")
    return isinstance(found, int | float) and Decimal(repr(found)) == before
