"""Merged areas of a sheet: only their first cell holds a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from portal.uploads.headings import Headings
from portal.uploads.sheets import column_index

TOLD = 10
_AREA = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")


class Area(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def parse(cls, ref: str) -> Area | None:
        match = _AREA.fullmatch(ref)
        if match is None:
            return None
        return cls(column_index(match[1]), int(match[2]), column_index(match[3]), int(match[4]))


def merged_below(refs: Sequence[str], headings: Headings, last: int) -> list[str]:
    """Merged areas below the headings that touch a column we read: all but their first cell are empty."""
    columns = set(headings.columns.values())
    touched = []
    for ref in refs:
        area = Area.parse(ref)
        if area is None or area.bottom < headings.data or area.top > last or area.bottom == area.top:
            continue
        if any(area.left <= column <= area.right for column in columns):
            touched.append(ref)
    return [*touched[:TOLD], "…"] if len(touched) > TOLD else touched
