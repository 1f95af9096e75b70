"""Opening what people send: in a bounded program, and never under the name they gave it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.uploads import children
from reports.filings.errors import Incomplete
from reports.filings.spreadsheet.causes import sentence

CHILD = "reports.filings.spreadsheet.child"


class FileRefused(Incomplete):
    """The file as a whole cannot be read; `told` is {"code", "values"} for `causes.sentence`."""

    def __init__(self, code: str, /, **values: Any) -> None:
        self.told = {"code": code, "values": values}
        super().__init__(sentence(self.told))


def open_file(path: Path) -> dict[str, Any]:
    """{"sheets": […], "meta": …} as `child` gives it. Raises FileRefused."""
    return _run({"act": "read", "path": str(path)})


def write_comments(path: Path, out: Path, marks: Sequence[tuple[str, int, int, str]], marked: str) -> int:
    """The file again at `out`, with a comment for each (sheet, row, column, text); how many found their cell."""
    task = {
        "act": "mark",
        "path": str(path),
        "out": str(out),
        "marks": [list(note) for note in marks],
        "marked": marked,
    }
    return int(_run(task)["marked"])


def _run(task: dict[str, Any]) -> dict[str, Any]:
    try:
        return children.run(CHILD, task, memory_mb=settings.WORKBOOK_CHILD_MB, seconds=settings.WORKBOOK_CHILD_SECONDS)
    except children.ChildRefused as refused:
        raise FileRefused(refused.told["code"], **refused.told["values"]) from None
