"""From a workbook that somebody sent to the content of a scheme: what was read, where it stood, and what could not be read.

The file is opened by `child`, a program with limits of its own. Sheets and columns are found by their names, never by position.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from openpyxl.utils import get_column_letter

from portal.uploads import children

from .columns import SHEETS, Sheet
from .workbook import LISTS, README

CHILD = "reports.schemes.child"
HEAD_WITHIN = 10  # lines of a sheet in which the names of columns are looked for
LONGEST = 4_000
EXACT = 10**15  # a spreadsheet keeps 15 digits


class FileRefused(Exception):
    """The file as a whole cannot be read; `told` is {"code", "values"} for `causes.refusal`."""

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.told = {"code": code, "values": values}


@dataclass(slots=True)
class Arrived:
    """`content` is whole even where it is faulty. `faults` and `notes` are {"code", "sheet", "cell", "values"} for `causes`.

    `places` is {sheet: {"rows": [line of the workbook], "columns": {name: letter}, "head": line}}.
    """

    content: dict[str, Any]
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    stamp: str = ""


def read_file(path: Path) -> Arrived:
    """Raises FileRefused for a file that is no scheme workbook at all."""
    try:
        raw = children.run(
            CHILD,
            {"path": str(path)},
            memory_mb=settings.WORKBOOK_CHILD_MB,
            seconds=settings.WORKBOOK_CHILD_SECONDS,
        )
    except children.ChildRefused as refused:
        raise FileRefused(refused.told["code"], **refused.told["values"]) from None
    return arrange(raw)


def arrange(raw: Mapping[str, Any]) -> Arrived:
    """The content of what `child` read."""
    by_name = {}
    arrived = Arrived({"scheme": {}}, stamp=raw["stamp"])
    for found in raw["sheets"]:
        name = _named(found["title"])
        if name and name not in by_name:
            by_name[name] = found
        elif found["title"] not in (README, LISTS) and found["cells"]:
            arrived.notes.append(_told("sheet_unread", found["title"]))
    if not by_name:
        raise FileRefused("filing" if raw["filing"] else "no_sheets")
    for name, sheet in SHEETS.items():
        if name in by_name:
            _Reader(sheet, by_name[name], arrived).read()
        elif not sheet.optional:
            arrived.faults.append(_told("sheet_missing", name))
            arrived.content.setdefault(name, {} if name == "scheme" else [])
    return arrived


def _named(title: str) -> str:
    plain = title.strip().casefold()
    return next((name for name, sheet in SHEETS.items() if plain in (name, sheet.zh, sheet.en.casefold())), "")


def _told(code: str, sheet: str, cell: str = "", **values: Any) -> dict[str, Any]:
    return {"code": code, "sheet": sheet, "cell": cell, "values": values}


class _Reader:
    def __init__(self, sheet: Sheet, found: Mapping[str, Any], arrived: Arrived) -> None:
        self.sheet, self.found, self.arrived = sheet, found, arrived
        self.lines: dict[int, dict[int, list[Any]]] = {}
        for row, column, kind, value in found["cells"]:
            self.lines.setdefault(row, {})[column] = [kind, value]
        self.columns: dict[int, str] = {}

    def fault(self, code: str, row: int = 0, column: int = 0, **values: Any) -> None:
        cell = f"{get_column_letter(column)}{row}" if row and column else ""
        self.arrived.faults.append(_told(code, self.sheet.name, cell, **values))

    def read(self) -> None:
        head = self._head()
        if not head:
            self.fault("no_headings", values=[column.name for column in self.sheet.columns[:4]])
            self._store([], [], 0)
            return
        for column in self.sheet.columns:
            if column.needed and column.name not in self.columns.values():
                self.fault("column_missing", name=column.name)
        self._tell_merged(head)
        numbers = [row for row in sorted(self.lines) if row > head]
        rows, places = [], []
        for row in numbers:
            values = dict(self._cells(row))
            if any(values.values()):
                rows.append({name: values.get(name, "") for name in self.columns.values()})
                places.append(row)
        hidden = len(set(self.found["hidden_rows"]) & set(places))
        if hidden:
            self.arrived.notes.append(_told("hidden", self.sheet.name, count=hidden))
        self._store(rows, places, head)

    def _store(self, rows: list[dict[str, str]], places: list[int], head: int) -> None:
        name = self.sheet.name
        if name == "scheme":
            if len(rows) > 1:
                self.fault("one_line", places[1], 1, count=len(rows))
            self.arrived.content[name] = rows[0] if rows else {}
        else:
            self.arrived.content[name] = rows
        letters = {column: get_column_letter(at) for at, column in self.columns.items()}
        self.arrived.places[name] = {"rows": places, "columns": letters, "head": head}

    def _head(self) -> int:
        """The line of headings: the first that names two columns of the sheet, or all it has."""
        known = {column.name: column for column in self.sheet.columns}
        for row in sorted(self.lines)[:HEAD_WITHIN]:
            names = {at: str(value).strip() for at, (kind, value) in self.lines[row].items() if kind == "s"}
            if len(set(names.values()) & set(known)) >= 2:
                self._take_head(row, names, known)
                return row
        return 0

    def _take_head(self, row: int, names: Mapping[int, str], known: Mapping[str, Any]) -> None:
        for at, name in names.items():
            if name not in known:
                self.arrived.notes.append(
                    _told("column_unread", self.sheet.name, f"{get_column_letter(at)}{row}", name=name[:60])
                )
            elif name in self.columns.values():
                self.fault("column_twice", row, at, name=name)
            else:
                self.columns[at] = name

    def _tell_merged(self, head: int) -> None:
        for top, left, bottom, right in self.found["merged"]:
            if bottom > head and any(left <= at <= right for at in self.columns):
                area = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
                self.fault("merged", top, left, area=area)

    def _cells(self, row: int) -> Iterator[tuple[str, str]]:
        for at, name in self.columns.items():
            kind, value = self.lines[row].get(at, ("-", None))
            if kind == "-":
                continue
            text, trouble = _text(kind, value)
            if trouble:
                self.fault(trouble, row, at, value=str(value)[:60])
            yield name, text


def _text(kind: str, value: Any) -> tuple[str, str]:
    """(text, code of what is wrong with the cell). Excel turns a code typed as 10 into a number; it comes back as "10"."""
    if kind == "s":
        text = str(value).strip()
        trouble = "long" if len(text) > LONGEST else "unprintable" if "\ufffd" in text else ""
        return text[:LONGEST], trouble
    if kind == "b":
        return ("1" if value else "0"), ""
    if kind == "n":
        if not math.isfinite(value) or abs(value) >= EXACT:
            return "", "digits"
        return (str(int(value)) if value == int(value) else repr(value)), ""
    return "", {"f": "formula", "e": "error", "d": "date"}[kind]
