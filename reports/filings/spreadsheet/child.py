"""The bounded program: `python -m reports.filings.spreadsheet.child` with its task as JSON on standard input.

{"act": "read", "path"} answers the cells of every sheet; {"act": "mark", "path", "out", "marks"} writes the person's own
file again with comments, [[sheet, row, column, text], …]. It answers {"code", "values"} where it refuses the file.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.reader.excel import ExcelReader

from portal.uploads import container
from portal.uploads.answering import answer
from portal.uploads.limits import take_task
from portal.uploads.trouble import Unreadable
from reports.filings.spreadsheet import strict
from reports.filings.spreadsheet.layout import AUTHOR

MOST_UNPACKED = 64 * 2**20
MOST_CELLS = 60_000
MOST_TEXT = 4 * 2**20
_FORMULA = re.compile(rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>([^<]*)<)")
_AT = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Cell = list[Any]  # [row, column, kind, value]; kinds: s text, n number, b yes/no, d date, e error, - nothing


def main() -> int:
    warnings.simplefilter("ignore")
    task = take_task()
    return answer(lambda: _done(task))


def _done(task: dict[str, Any]) -> dict[str, Any]:
    archive = container.verified_workbook(Path(task["path"]), MOST_UNPACKED)
    return read(archive, task) if task["act"] == "read" else mark(archive, task)


# -- reading --------------------------------------------------------------------------------------


def read(archive: zipfile.ZipFile, task: dict[str, Any]) -> dict[str, Any]:
    reader, members = _load(archive, task["path"])
    sheets, cells, text = [], 0, 0
    for sheet in reader.wb.worksheets:
        found = _sheet(sheet, container.content(archive, members.get(sheet.title, ""), MOST_UNPACKED))
        cells += len(found["cells"])
        text += sum(len(cell[3]) for cell in found["cells"] if isinstance(cell[3], str))
        if cells > MOST_CELLS or text > MOST_TEXT:
            raise Unreadable("too_much")
        sheets.append(found)
    meta = reader.wb.defined_names.get("zhibao_template")
    return {"sheets": sheets, "meta": str(meta.attr_text).strip('"') if meta is not None else ""}


def _load(archive: zipfile.ZipFile, path: str) -> tuple[ExcelReader, dict[str, str]]:
    """The workbook with computed values, and {title: member of the archive}."""
    try:
        with strict.opened(
            Path(path), archive, MOST_UNPACKED
        ) as file:  # by its path the library would judge the file's name
            reader = ExcelReader(file, data_only=True, keep_links=False)
            reader.read()
        members = {sheet.name: str(rel.target) for sheet, rel in reader.parser.find_sheets()}
    except MemoryError:
        raise
    except Exception:  # the library has no error of its own: KeyError, TypeError, ParseError and more mean the same
        raise Unreadable("damaged") from None
    if not reader.wb.worksheets:
        raise Unreadable("damaged")
    return reader, members


def _sheet(sheet: Any, xml: bytes) -> dict[str, Any]:
    formulas = _formulas(xml)
    cells = []
    # Not `iter_rows`: it would make a cell for every place of a sheet that claims a million rows.
    for (row, column), cell in sorted(sheet._cells.items()):
        formula = formulas.pop((row, column), None)
        kind, value = _value(cell)
        if kind == "-" and cell.data_type == "str":  # computed all the same: its text is empty
            formula = None
        if kind != "-" or formula is not None:
            cells.append([row, column, kind, value] if formula is None else [row, column, kind, value, formula])
    return {
        "title": sheet.title,
        "hidden": sheet.sheet_state != "visible",
        "cells": cells,
        "merged": [[area.min_row, area.min_col, area.max_row, area.max_col] for area in sheet.merged_cells.ranges],
        "hidden_rows": sorted(row for row, dimension in sheet.row_dimensions.items() if dimension.hidden),
    }


def _formulas(xml: bytes) -> dict[tuple[int, int], str]:
    """Where a formula stands; the library gives its computed value alone."""
    found = {}
    for match in _FORMULA.finditer(xml):
        at = _AT.search(match[1])
        if at is not None:
            text = (match[2] or b"").decode("utf-8", "replace")
            for entity, sign in _ENTITIES:
                text = text.replace(entity, sign)
            found[int(at[2]), _column(at[1])] = "=" + text[:200]
    return found


def _column(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index


def _value(cell: Any) -> tuple[str, Any]:
    value = cell.value
    if value is None or value == "":
        return "-", None
    if cell.data_type == "e":
        return "e", str(value)
    if isinstance(value, bool):
        return "b", value
    if isinstance(value, int | float):
        return "n", value
    if isinstance(value, dt.datetime):
        return "d", value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
    if isinstance(value, dt.date):
        return "d", value.isoformat()
    if isinstance(value, dt.time | dt.timedelta):
        return "t", str(value)
    return "s", _UNSTORABLE.sub("\ufffd", str(value))


# -- marking --------------------------------------------------------------------------------------


def mark(archive: zipfile.ZipFile, task: dict[str, Any]) -> dict[str, Any]:
    """Comments of an earlier marking go; a comment of somebody else stays, below ours."""
    try:
        with strict.opened(Path(task["path"]), archive, MOST_UNPACKED) as file:
            book = load_workbook(file, keep_links=True)
        for sheet in book.worksheets:
            for cell in list(_commented(sheet)):
                cell.comment = _without_ours(cell.comment, task["marked"])
        for cell, texts in _texts_by_cell(book, task["marks"]).items():
            _comment(cell, task["marked"], texts)
        book.save(task["out"])
    except MemoryError:
        raise
    except Exception:  # as in `_load`: whatever a strange file breaks in the library
        raise Unreadable("damaged") from None
    return {"marked": len(task["marks"])}


def _commented(sheet: Any) -> Iterator[Any]:
    for cell in list(sheet._cells.values()):
        if getattr(cell, "comment", None) is not None:
            yield cell


def _without_ours(comment: Comment, marked: str) -> Comment | None:
    if not comment.text.startswith(marked):
        return comment
    _ours, found, theirs = comment.text.partition(SEPARATOR)
    return Comment(theirs, comment.author or AUTHOR, width=360, height=160) if found else None


SEPARATOR = "\n———\n"


def _texts_by_cell(book: Any, marks: list[list[Any]]) -> dict[Any, list[str]]:
    found: dict[Any, list[str]] = {}
    for title, row, column, text in marks:
        sheet = book[title]
        cell = sheet.cell(row, column)
        for area in sheet.merged_cells.ranges:  # only the first cell of a merged area can carry a comment
            if cell.coordinate in area:
                cell = sheet.cell(area.min_row, area.min_col)
        found.setdefault(cell, []).append(text)
    return found


def _comment(cell: Any, marked: str, texts: list[str]) -> None:
    words = "\n".join([marked, *texts])[:4000]
    if cell.comment is not None:
        words += f"{SEPARATOR}{cell.comment.text}"
    cell.comment = Comment(words, AUTHOR, width=360, height=min(320, 60 + 16 * (len(words) // 24)))


if __name__ == "__main__":
    sys.exit(main())
