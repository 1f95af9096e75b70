"""The reading child: `python -m reports.numbers.reading.child` with its task as JSON on standard input.

The task: {"path", "form": "auto" | "list" | "jsonl", "known": {…}, "memory", "seconds"}. It limits itself before it
opens the file, and answers in frames on standard output.
"""

from __future__ import annotations

import gc
import itertools
import math
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

from portal.uploads import container, frames, tables
from portal.uploads.answering import answer_in_frames
from portal.uploads.areas import merged_below
from portal.uploads.headings import LOOKED_AT, Headings
from portal.uploads.jsonlines import value_of
from portal.uploads.limits import give_way, peak_mb, take_task
from portal.uploads.sheets import Block, Sheet, Workbook
from portal.uploads.trouble import Unreadable
from reports.numbers.reading import headings as h
from reports.numbers.reading.lines import Blocks, Known, Lines

FORM = "RN"
VERSION = 1


def main() -> int:
    give_way()
    gc.disable()  # rows make no cycles; looking for some would cost a third of the time
    sys.setswitchinterval(0.0005)  # the thread that reads ahead asks for Python's lock often and briefly
    task = take_task()
    return answer_in_frames(lambda out: read(Path(task["path"]), task["form"], Known.from_json(task["known"]), out))


def read(path: Path, form: str, known: Known, out: IO[bytes]) -> dict[str, Any]:
    if form == "jsonl":
        report = _read_json(path, known, out)
    elif container.kind_of(path) == "xlsx":
        report = _read_workbook(path, known, out)
    else:
        report = _read_table(path, known, out, is_list=form == "list")
    if not report["read"]:
        raise Unreadable("no_rows")
    return report


def _send(out: IO[bytes], lines: Lines, known: Known, blocks: Blocks, done: int, total: int | None) -> None:
    if lines.stray_code and not known.trusts_code:
        raise Unreadable("other_institution", uscc=lines.stray_code)
    for kind, block in zip((frames.DIRECT, frames.ROWS, frames.FAULTS), blocks, strict=True):
        if block:
            frames.send(out, kind, block)
    frames.send_json(out, frames.PROGRESS, {"done": done, "total": total})


def _report(lines: Lines, headings: Headings | None, **more: Any) -> dict[str, Any]:
    columns = sorted(headings.columns, key=headings.columns.__getitem__) if headings else []
    return {
        "read": lines.read,
        "blank": lines.blank,
        "replaces": lines.judge.replaces,
        "causes": lines.causes,
        "findings": lines.findings,
        "peak_mb": peak_mb(),
        "columns": columns,
        "unmatched": headings.unmatched if headings else [],
        "heading_row": headings.row if headings else 0,
        "data_row": headings.data if headings else 1,
        "width": headings.width if headings else 0,
        **more,
    }


# -- csv and lists --------------------------------------------------------------------------------


def _read_table(path: Path, known: Known, out: IO[bytes], *, is_list: bool) -> dict[str, Any]:
    table = tables.Table.look(path, partial(h.find, names=h.Names(known.names)))
    headings = table.headings
    if headings is None and is_list:
        headings = Headings(0, 1, h.columns_of_list(table.first))
    if headings is None:
        raise Unreadable("no_headings", first=tables.preview(table.first, 2))
    _must_have_date(headings, known)
    lines = Lines(known, headings.columns)
    size = path.stat().st_size
    for first, records, done in table.records(headings.data):
        blocks = lines.feed(range(first, first + len(records)), records)
        _send(out, lines, known, blocks, done, size)
    return _report(
        lines,
        headings,
        format="csv",
        encoding=table.encoding,
        separator=table.separator,
        preview=tables.preview(table.first),
    )


def _must_have_date(headings: Headings, known: Known) -> None:
    if h.ISSUED not in headings.columns and not known.defaults.get(h.ISSUED):
        raise Unreadable("no_date_column", unmatched=headings.unmatched)


# -- workbooks ------------------------------------------------------------------------------------


def _read_workbook(path: Path, known: Known, out: IO[bytes]) -> dict[str, Any]:
    book = Workbook.open(path)
    _look_at_template(book, known)
    chosen, headings, blocks, others = _choose(book, h.Names(known.names))
    _must_have_date(headings, known)
    lines = Lines(known, headings.columns, book.dates_1904)
    hidden = last = 0
    filled = _Filler(headings)
    for block in blocks:
        numbers, rows, marks = _below(block, headings)
        hidden += block.hidden
        if not rows:
            continue
        last = numbers[-1]
        faults = filled.faults(block, numbers, marks)
        _send(out, lines, known, lines.feed(numbers, rows, faults), lines.read, None)
    merged = merged_below(book.merged, headings, last)
    if merged:
        raise Unreadable("merged", cells=merged)
    return _report(
        lines, headings, format="xlsx", sheet=chosen.name, sheet_hidden=chosen.hidden, hidden_rows=hidden,
        other_sheets=others, cut_off=book.cut_off, dates_1904=book.dates_1904,
        template=int(book.meta["version"]) if book.meta else None, current_template=VERSION,
    )  # fmt: skip


def _look_at_template(book: Workbook, known: Known) -> None:
    if book.meta is None:
        return
    if book.meta["form"] != FORM:
        raise Unreadable("other_form", form=book.meta["form"])
    uscc = book.meta["uscc"]
    if uscc and known.uscc and uscc != known.uscc and not known.trusts_code:
        raise Unreadable("other_institution", uscc=uscc)


def _choose(book: Workbook, names: h.Names) -> tuple[Sheet, Headings, Iterator[Block], list[str]]:
    """The first visible sheet with the headings, else the first hidden one, and its blocks; and the other sheets that
    have them too, with numbers below."""
    found: list[tuple[Sheet, Headings, Iterator[Block]]] = []
    others: list[str] = []
    first: list[list[str]] = []
    for sheet in sorted(book.sheets, key=lambda sheet: sheet.hidden):
        blocks = book.blocks(sheet)
        head = next(blocks, None)
        if head is None:
            continue
        rows = [(number, [""] * head.column + row) for number, row in zip(head.numbers, head.rows, strict=True)]
        headings = h.find(rows[:LOOKED_AT], names)
        if headings is not None and found:
            if _has_numbers(rows, headings):
                others.append(sheet.name)
        elif headings is not None:
            found.append((sheet, headings, itertools.chain([head], blocks)))
        elif not first:
            first = tables.preview([row for _, row in rows], 2)
    if not found:
        if not first:
            raise Unreadable("no_rows")
        raise Unreadable("no_headings", first=first)
    return *found[0], others


def _has_numbers(rows: list[tuple[int, list[Any]]], headings: Headings) -> bool:
    column = headings.columns[h.NUMBER]
    return any(row[column : column + 1] not in ([], [""], [None]) for number, row in rows if number >= headings.data)


def _below(block: Block, headings: Headings) -> tuple[list[int], list[list[Any]], dict[tuple[int, int], str]]:
    """The data rows of a block, from column A on, with truth values as words."""
    skip = max(0, min(len(block.rows), headings.data - block.first))
    rows, numbers = block.rows[skip:], block.numbers[skip:]
    if block.column:
        rows = [[*[""] * block.column, *row] for row in rows]
    if block.has_bools:
        rows = [
            [{True: "TRUE", False: "FALSE"}[cell] if isinstance(cell, bool) else cell for cell in row] for row in rows
        ]
    return (
        numbers,
        rows,
        {(position - skip, column): code for (position, column), code in block.marks.items() if position >= skip},
    )


class _Filler:
    """Which of the marked cells matter: those of columns we read. A blank row with a marked cell is not blank."""

    def __init__(self, headings: Headings) -> None:
        self._codes = {index: code for code, index in headings.columns.items()}

    def faults(self, block: Block, numbers: list[int], marks: dict[tuple[int, int], str]) -> dict[int, str]:
        found: dict[int, str] = {}
        for (position, column), code in marks.items():
            if column in self._codes and 0 <= position < len(numbers):
                found.setdefault(position, f"{code}|{self._codes[column]}")
        return found


# -- JSON lines -----------------------------------------------------------------------------------


def _read_json(path: Path, known: Known, out: IO[bytes]) -> dict[str, Any]:
    """One object a line, in UTF-8; names are codes, headings or English names. A line that is no object is a refused line."""
    names = h.Names(known.names)
    columns = {code: index for index, code in enumerate((*h.COLUMNS, h.CODE))}
    lines = Lines(known, columns)
    size, first = path.stat().st_size, 1
    with path.open("rb") as file:
        while raw := list(itertools.islice(file, tables.BLOCK)):
            rows, faults = [], {}
            for position, line in enumerate(raw):
                row, fault = _json_row(line, names, len(columns), columns)
                rows.append(row)
                if fault:
                    faults[position] = fault
            _send(out, lines, known, lines.feed(range(first, first + len(rows)), rows, faults), file.tell(), size)
            first += len(rows)
    return _report(lines, None, format="jsonl")


def _json_row(line: bytes, names: h.Names, width: int, columns: dict[str, int]) -> tuple[list[Any], str]:
    row: list[Any] = [""] * width
    if not line.strip():
        return row, ""
    try:
        value = value_of(line)
    except UnicodeDecodeError:
        return row, "not_utf8"
    except (ValueError, RecursionError):
        return row, "json"
    if not isinstance(value, dict):
        return row, "json"
    for name, cell in value.items():
        code = names.code(name)
        if code is None or cell is None:
            continue
        if isinstance(cell, list | dict) or (isinstance(cell, float) and not math.isfinite(cell)):
            return row, f"json|{name[:40]}"
        if isinstance(cell, bool):
            cell = "TRUE" if cell else "FALSE"
        elif isinstance(cell, int):
            cell = str(cell) if abs(cell) < 10**30 else "9" * 31
        row[columns[code]] = cell
    return row, ""


if __name__ == "__main__":
    sys.exit(main())
