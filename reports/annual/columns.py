"""The columns of the repeating answers of the annual report: changes, subcontractors, penalties."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from reports.schemes.reading.dates import read_date
from reports.schemes.values import UnreadableValue

MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is text, date or bool (1 yes, 0 no)."""

    code: str
    label: str | Promise
    kind: str = "text"
    most: int = 100


COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "R103": (
        Column("what", pgettext_lazy("annual report", "Matter")),
        Column("on", pgettext_lazy("annual report", "Date"), "date"),
        Column("done", pgettext_lazy("annual report", "Change registered"), "bool"),
    ),
    "R205": (
        Column("name", pgettext_lazy("annual report", "Subcontractor")),
        Column("certificate", pgettext_lazy("annual report", "Certificate number"), most=50),
        Column("items", pgettext_lazy("annual report", "Items subcontracted")),
    ),
    "R309": (
        Column("authority", pgettext_lazy("annual report", "Authority")),
        Column("on", pgettext_lazy("annual report", "Date"), "date"),
        Column("cause", pgettext_lazy("annual report", "Cause")),
        Column("mended", pgettext_lazy("annual report", "Correction")),
    ),
}
#: For an answer of rows whose columns nobody has named.
PLAIN = (Column("", pgettext_lazy("annual report", "Detail"), most=300),)


def columns_of(code: str) -> tuple[Column, ...]:
    return COLUMNS.get(code, PLAIN)


def read_line(columns: tuple[Column, ...], typed: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """(the line as stored, what is wrong with it). A part that cannot be read stays as typed."""
    line, wrong = {}, []
    for column in columns:
        text = " ".join(typed.get(column.code, "").replace("\x00", "").split())
        if column.kind == "date" and text:
            text, refusal = _date(text)
            wrong += [f"{column.label}: {refusal}"] if refusal else []
        if len(text) > column.most:
            wrong.append(
                _("%(column)s: %(over)d characters too long; at most %(most)d fit.")
                % {"column": column.label, "over": len(text) - column.most, "most": column.most}
            )
        line[column.code] = text
    empty = [str(column.label) for column in columns if not line[column.code]]
    if empty and len(empty) < len(columns):
        wrong.append(_("Not filled: %(columns)s.") % {"columns": "、".join(empty)})
    return line, wrong


def _date(text: str) -> tuple[str, str]:
    from django.utils import timezone

    from reports.schemes.definition import Indicator

    item = Indicator("", "", "", "", "date")
    try:
        return read_date(item, unicodedata.normalize("NFKC", text), timezone.localdate()), ""
    except UnreadableValue as refusal:
        return text, str(refusal)
