"""Opens a scheme workbook that somebody sent, in a program with limits of its own; nothing here imports Django.

Task: {"path"}. Answer: {"sheets": [{"title", "cells": [[row, column, kind, value], …], "merged", "hidden_rows"}], "stamp",
"filing"}: every cell that holds something, computed values and formulas as kind "f"; the names that tell what the workbook is.
It answers {"code", "values"} where it refuses the file.
"""

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from portal.uploads import container
from portal.uploads.answering import answer
from portal.uploads.limits import take_task
from portal.uploads.trouble import Unreadable

MOST_UNPACKED = 64 * 2**20
MOST_CELLS = 120_000
MOST_TEXT = 8 * 2**20
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Cell = list[Any]  # [row, column, kind, value]; kinds: s text, n number, b yes/no, d date, e error, f formula


def main() -> int:
    warnings.simplefilter("ignore")
    task = take_task()
    return answer(lambda: read(Path(task["path"])))


def read(path: Path) -> dict[str, Any]:
    container.verified_workbook(path, MOST_UNPACKED)
    book = _load(path)
    sheets, cells, text = [], 0, 0
    for sheet in book.worksheets:
        found = _sheet(sheet)
        cells += len(found["cells"])
        text += sum(len(cell[3]) for cell in found["cells"] if isinstance(cell[3], str))
        if cells > MOST_CELLS or text > MOST_TEXT:
            raise Unreadable("too_much")
        sheets.append(found)
    names = {name: str(found.attr_text or "").strip('"') for name, found in book.defined_names.items()}
    return {
        "sheets": sheets,
        "stamp": names.get("zhibao_scheme", "")[:200],
        "filing": "zhibao_template" in names,
    }


def _load(path: Path) -> Any:
    """The workbook with its formulas, so that one is seen where it stands."""
    try:
        with path.open("rb") as file:  # by its path the library would judge the file's name
            book = load_workbook(file, keep_links=False)
    except MemoryError:
        raise
    except Exception:  # the library has no error of its own: KeyError, TypeError, ParseError and more mean the same
        raise Unreadable("damaged") from None
    if not book.worksheets:
        raise Unreadable("damaged")
    return book


def _sheet(sheet: Any) -> dict[str, Any]:
    # Not `iter_rows`: it would make a cell for every place of a sheet that claims a million rows.
    cells = [[row, column, *_value(cell)] for (row, column), cell in sorted(sheet._cells.items())]
    return {
        "title": sheet.title,
        "cells": [cell for cell in cells if cell[2] != "-"],
        "merged": [[area.min_row, area.min_col, area.max_row, area.max_col] for area in sheet.merged_cells.ranges],
        "hidden_rows": sorted(row for row, dimension in sheet.row_dimensions.items() if dimension.hidden),
    }


def _value(cell: Any) -> tuple[str, Any]:
    value = cell.value
    if value is None or value == "":
        return "-", None
    if cell.data_type == "f" or type(value).__name__ in ("ArrayFormula", "DataTableFormula"):
        return "f", str(getattr(value, "text", value))[:200]
    if cell.data_type == "e":
        return "e", str(value)[:50]
    if isinstance(value, bool):
        return "b", value
    if isinstance(value, int | float):
        return "n", value
    if isinstance(value, str):
        return "s", _UNSTORABLE.sub("\ufffd", value)
    return "d", str(value)


if __name__ == "__main__":
    sys.exit(main())
