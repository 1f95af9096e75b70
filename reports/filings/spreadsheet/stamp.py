"""What a workbook says about itself: which filing, which scheme, and every cell as it was when the workbook was made.

The cells are there so that a file sent weeks later can be told apart from what was changed on the site meanwhile. A stamp
guards against mistakes, not against fraud: whoever sends a file may only write into his own filing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from reports.filings.spreadsheet.layout import FORM, FORMAT

CHUNK = 30_000  # characters of a cell; it holds 32,767


@dataclass(frozen=True, slots=True)
class Stamp:
    """`base` and `unread` are as in Draft, by table; `sheets` names the sheet of each table."""

    filing: str
    institution: str
    institution_name: str
    round: str
    period: str
    scheme: str
    scheme_title: str
    made_at: str
    versions: Mapping[str, int]
    base: Mapping[str, Mapping[str, Any]]
    unread: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sheets: Mapping[str, str] = field(default_factory=dict)
    form: str = FORM
    format: int = FORMAT

    def pieces(self) -> list[str]:
        """The stamp as texts that fit into cells."""
        text = json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))
        return [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]

    @property
    def meta(self) -> str:
        return f"zhibao:{self.form}:{self.format}:{self.institution}"


class NoStamp(Exception):
    """The workbook carries no stamp, or one that cannot be read."""


def read_stamp(texts: Iterable[str]) -> Stamp:
    """Raises NoStamp. Only the shape is checked: what a stamp claims is compared with the filing later."""
    try:
        found = json.loads("".join(texts))
        stamp = Stamp(**found)
    except (ValueError, TypeError, RecursionError):
        raise NoStamp from None
    texts_ok = all(
        isinstance(getattr(stamp, name), str)
        for name in (
            "filing",
            "institution",
            "institution_name",
            "round",
            "period",
            "scheme",
            "scheme_title",
            "made_at",
            "form",
        )
    )
    maps_ok = all(isinstance(getattr(stamp, name), dict) for name in ("versions", "base", "unread", "sheets"))
    if not (texts_ok and maps_ok and isinstance(stamp.format, int) and _cells_ok(stamp)):
        raise NoStamp
    return stamp


def _cells_ok(stamp: Stamp) -> bool:
    for cells in (*stamp.base.values(), *stamp.unread.values()):
        if not isinstance(cells, dict):
            return False
        rows = cells.get("rows", [])
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows
        ):
            return False
        flat = [value for row in rows for value in row.values()] + [
            value for code, value in cells.items() if code != "rows"
        ]
        if not all(isinstance(value, str) for value in flat):
            return False
    return True
