"""What a pasted list holds, seen before it is sent: its columns, and whether they are those that its reader expects."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial

from portal.uploads.tables import taken_apart
from reports.numbers.reading import headings as h
from reports.numbers.reading.cells import Fault, read_date, shown

#: As much of the text as is looked at.
HEAD = 2**18


@dataclass(frozen=True, slots=True)
class Pasted:
    """`strange` is a cell where a list without headings has its dates and that is none, where most of them are none."""

    has_dates: bool
    has_certificates: bool
    strange: str = ""

    @property
    def is_mixed_up(self) -> bool:
        return bool(self.strange)


def look_at(text: str) -> Pasted:
    """As `reading.child` takes a list apart. Raises Unreadable where two columns are headed the same."""
    _separator, headings, rows = taken_apart(text[:HEAD], partial(h.find, names=h.Names({})))
    if headings is not None:
        return Pasted(h.ISSUED in headings.columns, h.CERTIFICATE in headings.columns)
    columns = h.columns_of_list(rows)
    dates = [row[1].strip() for row in rows if len(row) > 1]
    strange = [cell for cell in dates if _is_no_date(cell)]
    return Pasted(
        h.ISSUED in columns,
        h.CERTIFICATE in columns,
        shown(strange[0]) if len(strange) * 2 > len(dates) else "",
    )


def _is_no_date(cell: str) -> bool:
    try:
        read_date(cell, dates_1904=False, today=dt.date.max)
    except Fault as fault:
        return fault.text.startswith("date_unreadable|")
    return False
