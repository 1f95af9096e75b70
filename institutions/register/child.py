"""The program that opens a register somebody sent: `python -m institutions.register.child`, its task on standard input.

The task: {"path", "act": "look" | "read", "kept": {heading: field}, "columns": {field: column}, "sheet", "lists", "import"}.
"look" answers one report as JSON: which sheet, which row holds the headings, what they are, the first lines. "read" answers
in frames: lines of COPY text, then the report.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from institutions.register import columns as c
from institutions.register.lines import Lists, Reader, shown
from portal.uploads import container, frames, tables
from portal.uploads.answering import answer, answer_in_frames
from portal.uploads.areas import merged_below
from portal.uploads.headings import LOOKED_AT, Headings
from portal.uploads.limits import peak_mb, take_task
from portal.uploads.sheets import Block, Sheet, Workbook
from portal.uploads.trouble import Unreadable

SHOWN = 5  # lines on the page where columns are matched


def main() -> int:
    os.nice(5)  # people at their pages come first
    gc.disable()
    task = take_task()
    if task["act"] == "look":
        return answer(lambda: look(task))
    return answer_in_frames(lambda out: read(task, out))


# -- looking --------------------------------------------------------------------------------------


def look(task: dict[str, Any]) -> dict[str, Any]:
    path = Path(task["path"])
    if container.kind_of(path) == "xlsx":
        return _look_at_workbook(path, task["kept"])
    table = tables.Table.look(path, c.find)
    if table.headings is None:
        raise Unreadable("no_headings", first=_joined(table.first))
    rows = table.first[table.headings.data - 1 :][:SHOWN]
    if not any(cell for row in rows for cell in row):
        raise Unreadable("no_rows")
    report = {"format": "csv", "encoding": table.encoding, "separator": table.separator}
    return report | _matched(table.first[table.headings.row - 1], table.headings, rows, task["kept"])


def _look_at_workbook(path: Path, kept: dict[str, str]) -> dict[str, Any]:
    book = Workbook.open(path)
    best: tuple[Sheet, Headings, list[list[Any]]] | None = None
    others: list[str] = []
    first = ""
    for sheet in sorted(book.sheets, key=lambda sheet: sheet.hidden):
        head = next(book.blocks(sheet), None)
        if head is None:
            continue
        rows = _from_first_column(head)
        first = first or _joined(rows)
        headings = c.find([(number, row) for number, row in zip(head.numbers, rows, strict=True)][:LOOKED_AT])
        if headings is None:
            continue
        if best is None or len(headings.columns) > len(best[1].columns):
            if best is not None and best[1].columns:
                others.append(best[0].name)
            best = sheet, headings, [row for number, row in zip(head.numbers, rows, strict=True)]
        elif headings.columns:
            others.append(sheet.name)
    if best is None:
        raise Unreadable("no_headings", first=first) if first else Unreadable("no_rows")
    sheet, headings, rows = best
    at = next(position for position, row in enumerate(rows) if _is(row, headings))
    below = rows[at + 1 : at + 1 + SHOWN]
    if not any(cell not in ("", None) for row in below for cell in row):
        raise Unreadable("no_rows")
    report = {"format": "xlsx", "sheet": sheet.name, "sheet_hidden": sheet.hidden, "other_sheets": others}
    return report | _matched(rows[at], headings, below, kept)


def _is(row: list[Any], headings: Headings) -> bool:
    if headings.columns:
        return c.match(row) == headings.columns
    return sum(isinstance(cell, str) and bool(cell.strip()) for cell in row) >= 3


def _matched(cells: list[Any], headings: Headings, rows: list[list[Any]], kept: dict[str, str]) -> dict[str, Any]:
    names = [shown(cell) if cell not in ("", None) else "" for cell in cells[: headings.width]]
    return {
        "headings": names,
        "columns": c.remembered(names, kept),
        "heading_row": headings.row,
        "data_row": headings.data,
        "width": headings.width,
        "preview": [[_cell(row, index) for index in range(headings.width)] for row in rows],
    }


def _cell(row: list[Any], index: int) -> str:
    return shown(row[index]) if index < len(row) and row[index] not in ("", None) else ""


def _joined(rows: list[list[Any]]) -> str:
    return " / ".join(", ".join(shown(cell) for cell in row[:6] if cell not in ("", None)) for row in rows[:2])[:200]


def _from_first_column(block: Block) -> list[list[Any]]:
    return [[*[""] * block.column, *row] for row in block.rows] if block.column else block.rows


# -- reading --------------------------------------------------------------------------------------


def read(task: dict[str, Any], out: IO[bytes]) -> dict[str, Any]:
    headings = Headings(task["heading_row"], task["data_row"], task["columns"], width=task["width"])
    reader = Reader(task["columns"], Lists(task["lists"]), task["import"])
    path = Path(task["path"])
    more = _read_workbook(path, task["sheet"], headings, reader, out) if task["sheet"] else None
    if more is None:
        more = _read_table(path, headings, reader, out)
    if not reader.read:
        raise Unreadable("no_rows")
    return {"read": reader.read, "blank": reader.blank, "faulty": reader.faulty, "peak_mb": peak_mb(), **more}


def _send(out: IO[bytes], reader: Reader, lines: bytes, done: int, total: int | None) -> None:
    if lines:
        frames.send(out, frames.ROWS, lines)
    frames.send_json(out, frames.PROGRESS, {"done": done, "total": total})


def _read_table(path: Path, headings: Headings, reader: Reader, out: IO[bytes]) -> dict[str, Any]:
    table = tables.Table.look(path, c.find)
    size = path.stat().st_size
    for first, records, done in table.records(headings.data):
        lines = reader.feed(range(first, first + len(records)), records, {})
        _send(out, reader, lines, done, size)
    return {"hidden_rows": 0, "cut_off": False}


def _read_workbook(path: Path, name: str, headings: Headings, reader: Reader, out: IO[bytes]) -> dict[str, Any]:
    book = Workbook.open(path)
    sheet = next((sheet for sheet in book.sheets if sheet.name == name), None)
    if sheet is None:
        raise Unreadable("damaged")
    wanted = set(headings.columns.values())
    hidden = last = 0
    blocks: Iterator[Block] = book.blocks(sheet)
    for block in blocks:
        hidden += block.hidden
        skip = max(0, min(len(block.rows), headings.data - block.first))
        rows, numbers = _from_first_column(block)[skip:], block.numbers[skip:]
        if not rows:
            continue
        last = numbers[-1]
        marks: dict[int, str] = {}
        for (position, column), code in block.marks.items():
            if column in wanted and position >= skip:
                marks.setdefault(position - skip, f"{code}|{column + 1}")
        if block.has_bools:
            rows = [[("TRUE" if cell else "FALSE") if isinstance(cell, bool) else cell for cell in row] for row in rows]
        _send(out, reader, reader.feed(numbers, rows, marks), reader.read, None)
    merged = merged_below(book.merged, headings, last)
    if merged:
        raise Unreadable("merged", cells=", ".join(merged))
    return {"hidden_rows": hidden, "cut_off": book.cut_off}


if __name__ == "__main__":
    sys.exit(main())
