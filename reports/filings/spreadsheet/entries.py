"""One cell as it was sent, and what it means for an indicator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from reports.filings.spreadsheet.layout import reference
from reports.schemes.definition import Indicator
from reports.schemes.values import UnreadableValue, read_value

FIFTEEN_DIGITS = 10**15


@dataclass(frozen=True, slots=True)
class Place:
    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        return reference(self.sheet, self.row, self.column)


@dataclass(frozen=True, slots=True)
class Entry:
    """One cell as sent. `kind` as in `child`; `formula` is its text where there is one; `trouble` why it is not read at all."""

    place: Place
    kind: str = "-"
    value: Any = None
    formula: str = ""
    trouble: str = ""

    @property
    def blank(self) -> bool:
        return (self.kind == "-" and not self.formula) or (self.kind == "s" and not str(self.value).strip())

    @property
    def text(self) -> str:
        """As a person sees it, for telling."""
        return self.formula if self.kind == "-" and self.formula else "" if self.value is None else str(self.value)


@dataclass(frozen=True, slots=True)
class Reading:
    """`stored` is the value in the stored form; `refusal` says why there is none, `offer` what may be meant."""

    stored: str | None = None
    refusal: str = ""
    offer: str = ""
    hint: str = ""


def read_entry(item: Indicator, entry: Entry) -> Reading:
    if entry.trouble:
        return Reading(refusal=entry.trouble)
    refusal = _refused(item, entry)
    if refusal:
        return Reading(refusal=refusal)
    try:
        value = read_value(item, entry.value if entry.kind != "-" else None)
    except UnreadableValue as error:
        return Reading(refusal=str(error), offer=error.offer or "")
    hint = str(value.hint or "")
    if entry.formula:
        hint = (
            _("Taken from the formula %(formula)s as last computed.") % {"formula": entry.formula[:60]} + " " + hint
        ).strip()
    return Reading(value.stored, hint=hint)


def _refused(item: Indicator, entry: Entry) -> str:
    """What only a spreadsheet can get wrong; the rest is told by `read_value`."""
    if entry.kind == "e":
        words = _("The cell shows the error %(error)s. Mend the formula, or enter the value itself.")
        return words % {"error": entry.value}
    if entry.kind == "-" and entry.formula:
        words = _(
            "The formula %(formula)s was never computed. Open the file in Excel or WPS and save it, or "
            "enter the value itself."
        )
        return words % {"formula": entry.formula[:60]}
    if entry.kind == "n" and not item.numeric and abs(entry.value) >= FIFTEEN_DIGITS:
        return _(
            "The cell holds a number of more than 15 digits, of which the spreadsheet has lost the last. "
            "Format the cell as text and enter it again."
        )
    if entry.kind == "d" and item.dtype not in ("date", "yyyymm"):
        words = _(
            "The spreadsheet made the date %(date)s of what was typed. Format the cell as text and enter it again."
        )
        return words % {"date": entry.value}
    if entry.kind == "t":
        return _("The cell holds a time of day. Format it as text or number and enter the value again.")
    return ""
