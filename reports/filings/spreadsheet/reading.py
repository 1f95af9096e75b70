"""Which cell of a workbook is which cell of the filing: by the codes of indicators and the words of headings.

Positions mean nothing: columns may be moved, added and renamed, sheets renamed and put in another order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from reports.filings.spreadsheet import layout
from reports.filings.spreadsheet.entries import Entry, Place
from reports.filings.spreadsheet.layout import plain
from reports.schemes.definition import ANNUAL, SchemeDefinition, TableDefinition

HEAD_WITHIN = 60  # lines of a sheet in which the headings are looked for
TOLD = 8  # names a note lists


@dataclass(slots=True)
class Row:
    """A line of a repeating table; `id` empty for a line that was added in the workbook."""

    id: str
    place: Place
    entries: dict[str, Entry]

    @property
    def blank(self) -> bool:
        return all(entry.blank and not entry.trouble for entry in self.entries.values())


@dataclass(slots=True)
class Taken:
    """What the workbook says. Tables without a sheet are in neither mapping; `has_ids` names the tables whose lines carry ids."""

    single: dict[str, dict[str, Entry]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    has_ids: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    @property
    def tables(self) -> set[str]:
        return set(self.single) | set(self.rows)

    @property
    def found(self) -> bool:
        """Whether anything of the filing was recognised, or at least told about."""
        return bool(self.tables or self.notes)


class Sheet:
    """The cells of one sheet, by row and column."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.title: str = found["title"]
        self.hidden: bool = found["hidden"]
        self.hidden_rows = set(found["hidden_rows"])
        self.merged: list[list[int]] = found["merged"]
        self.lines: dict[int, dict[int, list[Any]]] = {}
        for cell in found["cells"]:
            self.lines.setdefault(cell[0], {})[cell[1]] = cell

    def text(self, row: int, column: int) -> str:
        cell = self.lines.get(row, {}).get(column)
        return "" if cell is None or cell[3] is None else str(cell[3])

    def entry(self, row: int, column: int, inputs: set[int]) -> Entry:
        """`inputs` are the columns (or, in a single table, the one column) that are read: a merged area over two of their
        cells has one value for both."""
        place = Place(self.title, row, column)
        for top, left, bottom, right in self.merged:
            if top <= row <= bottom and left <= column <= right:
                shared = (bottom - top + 1) * len([at for at in inputs if left <= at <= right])
                if shared > 1:
                    area = f"{layout.letters(left)}{top}:{layout.letters(right)}{bottom}"
                    words = _(
                        "Merged cells (%(area)s): one value cannot belong to several cells. Unmerge them and fill each."
                    )
                    return Entry(place, trouble=words % {"area": area})
        cell = self.lines.get(row, {}).get(column)
        return Entry(place) if cell is None else Entry(place, cell[2], cell[3], cell[4] if len(cell) > 4 else "")


@dataclass(frozen=True, slots=True)
class Head:
    """The line of headings of a sheet."""

    row: int
    roles: Mapping[str, list[int]]
    codes: Mapping[str, int]
    repeated: tuple[str, ...]
    others: tuple[str, ...]
    table: TableDefinition | None

    @property
    def first_of_value(self) -> int:
        return self.roles[layout.VALUE][0]


def take(sheets: list[Mapping[str, Any]], definition: SchemeDefinition, names: Mapping[str, str]) -> Taken:
    """Everything that can be read of the sheets. `names` are the sheets' names when the workbook was made, by table."""
    taken = Taken()
    known = set(names.values())
    wanted = [Sheet(found) for found in sheets if found["title"] not in layout.HIDDEN_SHEETS]
    # A copy of a sheet that somebody kept aside comes after the sheet itself, and a hidden one after a visible one.
    for sheet in sorted(wanted, key=lambda sheet: (sheet.title not in known, sheet.hidden)):
        _Reader(sheet, definition, taken).read()
    return taken


class _Reader:
    def __init__(self, sheet: Sheet, definition: SchemeDefinition, taken: Taken) -> None:
        self.sheet, self.taken = sheet, taken
        self.items = {item.code: item for table in definition.tables_of(ANNUAL) for item in table.indicators}
        self.by_plain = {plain(code): item for code, item in self.items.items()}
        self.tables = definition.table_by_code

    def note(self, words: str, **values: Any) -> None:
        self.taken.notes.append(words % {"sheet": self.sheet.title, **values})

    def read(self) -> None:
        before = len(self.taken.tables)
        head = self._head()
        if head is None:
            if any(plain(cell[3]) in self.by_plain for line in self.sheet.lines.values() for cell in line.values()):
                self.note(
                    _(
                        "Sheet “%(sheet)s”: it has codes of indicators but no line of headings; nothing was "
                        "read from it."
                    )
                )
            return
        if head.table is not None:
            self._read_rows(head, head.table)
        else:
            self._read_single(head)
        if len(self.taken.tables) == before:
            return
        if self.sheet.hidden:
            self.note(_("Sheet “%(sheet)s” is hidden; it was read all the same."))
        hidden = len([row for row in self.sheet.hidden_rows if row in self.sheet.lines and row > head.row])
        if hidden:
            self.note(_("Sheet “%(sheet)s”: %(count)d hidden lines were read too."), count=hidden)

    # -- headings ---------------------------------------------------------------------------------

    def _head(self) -> Head | None:
        for row in sorted(self.sheet.lines)[:HEAD_WITHIN]:
            head = self._as_head(row)
            if head is not None:
                return head
        return None

    def _as_head(self, row: int) -> Head | None:
        roles: dict[str, list[int]] = {}
        codes: dict[str, int] = {}
        repeated, others = [], []
        tables: dict[str, int] = {}
        for column, cell in self.sheet.lines[row].items():
            text = plain(cell[3]) if cell[2] == "s" else ""
            item = self.by_plain.get(text)
            if text in layout.ROLES:
                roles.setdefault(layout.ROLES[text], []).append(column)
            elif item is not None and item.code in codes:
                repeated.append(item.code)
            elif item is not None:
                codes[item.code] = column
                tables[item.table] = tables.get(item.table, 0) + 1
            elif text:
                others.append(str(cell[3]))
        if layout.CODE in roles and len(roles) > 1:
            return Head(row, roles, {}, (), tuple(others), None)
        table = self.tables[max(tables, key=lambda code: tables[code])] if tables else None
        if table is None or not table.repeating or (len(codes) < 2 and layout.ROW not in roles):
            return None
        own = {code: column for code, column in codes.items() if code in table.by_code}
        return Head(row, roles, own, tuple(repeated), tuple(others), table)

    # -- a line for each indicator ----------------------------------------------------------------

    def _read_single(self, head: Head) -> None:
        values = head.roles.get(layout.VALUE, [])
        if len(values) != 1 or len(head.roles[layout.CODE]) != 1:
            words = _(
                "Sheet “%(sheet)s”, line %(row)d: there must be one column headed “%(code)s” and one headed “%(value)s”. "
                "Found: %(found)s. Nothing was read from the sheet."
            )
            found = "、".join(self.sheet.text(head.row, column) for column in self.sheet.lines[head.row])
            code, value = layout.HEADINGS[layout.CODE][0], layout.HEADINGS[layout.VALUE][0]
            self.note(words, row=head.row, code=code, value=value, found=found)
            return
        lines = self._coded_lines(head.roles[layout.CODE][0], head)
        by_table: dict[str, dict[str, Entry]] = {}
        for code, entry in lines.items():
            by_table.setdefault(self.items[code].table, {})[code] = entry
        for table, entries in by_table.items():
            if table in self.taken.single:
                self.note(_("Sheet “%(sheet)s” repeats table %(table)s; only the first sheet was read."), table=table)
                continue
            self.taken.single[table] = entries
            self._tell_missing(self.tables[table], set(entries))
        if by_table and head.others:
            self._tell_others(head.others)

    def _coded_lines(self, code_column: int, head: Head) -> dict[str, Entry]:
        value_column, strange = head.first_of_value, []
        found: dict[str, Entry] = {}
        for row in sorted(self.sheet.lines):
            text = plain(self.sheet.text(row, code_column))
            if row <= head.row or not text:
                continue
            item = self.by_plain.get(text)
            entry = self.sheet.entry(row, value_column, {value_column})
            if item is None or self.tables[item.table].repeating:
                if not entry.blank:
                    strange.append(f"{self.sheet.text(row, code_column)}（{entry.place}）")
            elif not item.computed:
                found[item.code] = _once(found.get(item.code), entry, item.code)
        if strange:
            self.note(
                _("Sheet “%(sheet)s”: these codes are not items of the present scheme and were left out: %(names)s."),
                names=_few(strange),
            )
        return found

    # -- a column for each indicator --------------------------------------------------------------

    def _read_rows(self, head: Head, table: TableDefinition) -> None:
        if table.code in self.taken.rows:
            self.note(_("Sheet “%(sheet)s” repeats table %(table)s; only the first sheet was read."), table=table.code)
            return
        if head.repeated:
            self.note(
                _(
                    "Sheet “%(sheet)s”: the codes %(names)s head two columns. Nothing was read from the "
                    "sheet; delete one of each."
                ),
                names=_few(list(head.repeated)),
            )
            return
        ids = head.roles.get(layout.ROW, [])
        columns = {code: column for code, column in head.codes.items() if not table.by_code[code].computed}
        self.taken.rows[table.code] = list(self._rows(head.row, ids[0] if ids else 0, columns))
        if ids:
            self.taken.has_ids.add(table.code)
        else:
            self.note(
                _(
                    "Sheet “%(sheet)s”: the hidden column that tells the lines apart is gone; lines were "
                    "matched by what they hold."
                )
            )
        self._tell_missing(table, set(columns))
        if head.others:
            self._tell_others(head.others)

    def _rows(self, head_row: int, id_column: int, columns: Mapping[str, int]) -> list[Row]:
        seen: set[str] = set()
        rows = []
        inputs = set(columns.values())
        for number in sorted(self.sheet.lines):
            if number <= head_row:
                continue
            entries = {code: self.sheet.entry(number, column, inputs) for code, column in columns.items()}
            row_id = self.sheet.text(number, id_column).strip() if id_column else ""
            row = Row(row_id, Place(self.sheet.title, number, min(inputs, default=1)), entries)
            if row_id in seen and row_id:
                row.id = ""
                if not row.blank:
                    self.note(
                        _("Sheet “%(sheet)s”, line %(row)d is a copy of another line; it counts as a new line."),
                        row=number,
                    )
            seen.add(row_id)
            if row.id or not row.blank:
                rows.append(row)
        return rows

    # -- what is told -----------------------------------------------------------------------------

    def _tell_missing(self, table: TableDefinition, found: set[str]) -> None:
        missing = [item.code for item in table.indicators if not item.computed and item.code not in found]
        if not missing:
            return
        if table.repeating:
            words = _(
                "Sheet “%(sheet)s”: the columns of these items are missing; they stay as they are on the site: %(names)s."
            )
        else:
            words = _(
                "Sheet “%(sheet)s”: the lines of these items are missing; they stay as they are on the site: %(names)s."
            )
        self.note(words, names=_few(missing))

    def _tell_others(self, others: tuple[str, ...]) -> None:
        self.note(_("Sheet “%(sheet)s”: columns that are not read: %(names)s."), names=_few(list(others)))


def _few(names: list[str]) -> str:
    return "、".join(names[:TOLD]) + (" …" if len(names) > TOLD else "")


def _once(before: Entry | None, entry: Entry, code: str) -> Entry:
    """A code that stands twice is read when both lines say the same."""
    if before is None or (before.kind, before.value) == (entry.kind, entry.value):
        return entry
    words = _(
        "The code %(code)s stands twice, at %(first)s and %(second)s, with different values. Delete one of the lines."
    )
    return Entry(
        before.place,
        before.kind,
        before.value,
        trouble=words % {"code": code, "first": before.place, "second": entry.place},
    )
