"""What a workbook would change, cell by cell, against the filing as it stands. Pure: nothing is read or written.

Three values are compared: what stood in the cell when the workbook was made, what stands there now, and what was sent. A cell
that the person did not touch is no change, even when it was changed on the site meanwhile; one that both changed is a clash.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from reports.filings.cellkeys import CellKey, put_value
from reports.filings.drafts import MOST_ROWS, TableDraft
from reports.filings.spreadsheet.entries import Entry, Reading, read_entry
from reports.filings.spreadsheet.reading import Row, Taken
from reports.filings.spreadsheet.stamp import Stamp
from reports.filings.spreadsheet.written import untouched, written
from reports.schemes.definition import ANNUAL, Indicator, SchemeDefinition, TableDefinition
from reports.schemes.values import show_value

#: Above this many changed cells a line of a repeating table is chosen as a whole: a form takes so many boxes.
BOXES = 1_200


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that would change. `box` names the tick box; cells of one new or chosen-as-a-whole line share one."""

    box: str
    table: str
    key: CellKey
    item: Indicator
    row: str
    before: str
    after: str
    stored: str | None
    place: str
    hint: str = ""
    clash: bool = False


@dataclass(frozen=True, slots=True)
class NewRow:
    """A line that stands only in the workbook; `cells` are those that could be read."""

    box: str
    table: str
    place: str
    cells: tuple[tuple[Indicator, str | None], ...]
    clash: bool = False

    @property
    def words(self) -> str:
        return " · ".join(show_value(item, stored) for item, stored in self.cells if stored)[:200]


@dataclass(frozen=True, slots=True)
class GoneRow:
    """A line whose cells were all cleared, or that was taken out of the workbook."""

    box: str
    table: str
    row_id: str
    row: str
    words: str
    clash: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    table: str
    row: str
    item: Indicator
    place: str
    sheet: str
    at: tuple[int, int]
    text: str
    reason: str
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Since:
    """A cell changed on the site after the workbook was made, and left as it is."""

    table: str
    row: str
    item: Indicator
    before: str
    now: str


@dataclass(slots=True)
class TableDifference:
    table: TableDefinition
    changes: list[Change] = field(default_factory=list)
    added: list[NewRow] = field(default_factory=list)
    removed: list[GoneRow] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changes or self.added or self.removed)

    @property
    def count(self) -> int:
        return len(self.changes) + len(self.added) + len(self.removed)

    @property
    def clashes(self) -> int:
        found = (
            [one.clash for one in self.changes]
            + [one.clash for one in self.added]
            + [one.clash for one in self.removed]
        )
        return sum(found)


@dataclass(slots=True)
class Difference:
    """`places` finds the cell of the workbook for a cell of the filing: (table, key) → (sheet, row, column)."""

    tables: list[TableDifference] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    since: list[Since] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    read: int = 0
    places: dict[tuple[str, str], tuple[str, int, int]] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        return sum(len(table.changes) for table in self.tables)

    @property
    def added(self) -> int:
        return sum(len(table.added) for table in self.tables)

    @property
    def removed(self) -> int:
        return sum(len(table.removed) for table in self.tables)

    @property
    def total(self) -> int:
        return self.changed + self.added + self.removed

    @property
    def clashes(self) -> int:
        return sum(table.clashes for table in self.tables)


def compare(definition: SchemeDefinition, drafts: Mapping[str, TableDraft], stamp: Stamp, taken: Taken) -> Difference:
    found = Difference(notes=list(taken.notes))
    for table in definition.tables_of(ANNUAL):
        draft = drafts[table.code]
        base = TableDraft(dict(stamp.base.get(table.code, {})), dict(stamp.unread.get(table.code, {})), 0)
        work = _Table(table, draft, base, found)
        if table.code in taken.single:
            work.cells(taken.single[table.code])
        elif table.code in taken.rows:
            work.rows(taken.rows[table.code], has_ids=table.code in taken.has_ids)
        elif table.code in stamp.sheets:
            found.notes.append(
                _("No sheet of table %(table)s was found; the table stays as it is.") % {"table": table.code}
            )
        if work.own:
            found.tables.append(work.own)
    if found.changed > BOXES:
        for own in found.tables:
            own.changes = [_boxed_by_row(change) for change in own.changes]
    return found


def _boxed_by_row(change: Change) -> Change:
    return replace(change, box=f"{change.table}|{change.key.row_id}:*") if change.key.row_id else change


class _Table:
    def __init__(self, table: TableDefinition, draft: TableDraft, base: TableDraft, found: Difference) -> None:
        self.table, self.draft, self.base, self.found = table, draft, base, found
        self.own = TableDifference(table)

    # -- a line for each indicator ----------------------------------------------------------------

    def cells(self, entries: Mapping[str, Entry]) -> None:
        for item in self.table.indicators:
            if item.code in entries:
                self._cell(item, entries[item.code], CellKey(None, item.code), "", self.base.cells, self.draft.cells)

    def _cell(
        self, item: Indicator, entry: Entry, key: CellKey, row: str, base: Mapping[str, Any], now: Mapping[str, Any]
    ) -> None:
        self.found.read += 1
        name = str(key)
        self.found.places[self.table.code, name] = (entry.place.sheet, entry.place.row, entry.place.column)
        was, is_now = (
            (base.get(item.code), self.base.unread.get(name)),
            (now.get(item.code), self.draft.unread.get(name)),
        )
        if self._left_alone(item, entry, was):
            if was != is_now:
                self._tell_since(item, row, was, is_now)
            elif is_now[1] is not None and (again := read_entry(item, entry)).refusal:
                self._refuse(item, entry, row, again)
            return
        reading = read_entry(item, entry)
        if reading.refusal:
            self._refuse(item, entry, row, reading)
        elif is_now != (reading.stored, None):
            box = f"{self.table.code}|{name}"
            self.own.changes.append(
                Change(
                    box,
                    self.table.code,
                    key,
                    item,
                    row,
                    _shown(item, *is_now),
                    show_value(item, reading.stored),
                    reading.stored,
                    str(entry.place),
                    reading.hint,
                    was != is_now,
                )
            )

    @staticmethod
    def _left_alone(item: Indicator, entry: Entry, was: tuple[str | None, str | None]) -> bool:
        if entry.trouble or entry.formula or entry.kind not in "sn-":
            return False
        return untouched(written(item, *was), entry.value)

    def _tell_since(
        self, item: Indicator, row: str, was: tuple[str | None, str | None], now: tuple[str | None, str | None]
    ) -> None:
        self.found.since.append(Since(self.table.code, row, item, _shown(item, *was), _shown(item, *now)))

    def _refuse(self, item: Indicator, entry: Entry, row: str, reading: Reading) -> None:
        place = entry.place
        self.found.unreadable.append(
            Unreadable(
                self.table.code,
                row,
                item,
                str(place),
                place.sheet,
                (place.row, place.column),
                entry.text[:80],
                reading.refusal,
                reading.offer,
            )
        )

    # -- a column for each indicator --------------------------------------------------------------

    def rows(self, sent: list[Row], *, has_ids: bool) -> None:
        base = {row["id"]: row for row in self.base.cells.get("rows", [])}
        now = {row["id"]: row for row in self.draft.cells.get("rows", [])}
        order = {row_id: number for number, row_id in enumerate(now, start=1)}
        if not has_ids:
            _match(self.table, sent, base)
        kept = set()
        for row in sent:
            if row.blank:
                continue
            if row.id in now:
                kept.add(row.id)
                self._row(row, base.get(row.id, {}), now[row.id], _("Row %(number)d") % {"number": order[row.id]})
            elif row.id in base and self._row_left_alone(row, base[row.id]):
                self._note(
                    _("Sheet “%(sheet)s”, line %(row)d: the line was removed on the site meanwhile; it is left out."),
                    row,
                )
            else:
                self._new(row, clash=row.id in base)
        for row_id in base:
            if row_id in now and row_id not in kept:
                self._gone(row_id, base[row_id], now[row_id], order[row_id])
        added = [row_id for row_id in now if row_id not in base and row_id not in kept]
        if added:
            self.found.notes.append(
                _("Table %(table)s: %(count)d lines were added on the site after the workbook was made; they stay.")
                % {"table": self.table.code, "count": len(added)}
            )
        self._mind_the_most(len(now))

    def _row(self, row: Row, base: Mapping[str, str], now: Mapping[str, str], label: str) -> None:
        for item in self.table.indicators:
            if item.code in row.entries:
                self._cell(item, row.entries[item.code], CellKey(row.id, item.code), label, base, now)

    def _row_left_alone(self, row: Row, base: Mapping[str, str]) -> bool:
        return all(
            self._left_alone(
                item, row.entries[item.code], (base.get(item.code), self.base.unread.get(f"{row.id}:{item.code}"))
            )
            for item in self.table.indicators
            if item.code in row.entries
        )

    def _new(self, row: Row, *, clash: bool) -> None:
        label = _("New line")
        cells = []
        for item in self.table.indicators:
            entry = row.entries.get(item.code)
            if entry is None or (entry.blank and not entry.trouble):
                continue
            self.found.read += 1
            reading = read_entry(item, entry)
            self.found.places[self.table.code, f"{_new_id(row)}:{item.code}"] = (
                entry.place.sheet,
                entry.place.row,
                entry.place.column,
            )
            if reading.refusal:
                self._refuse(item, entry, label, reading)
            else:
                cells.append((item, reading.stored))
        box = f"{self.table.code}|{_new_id(row)}"
        place = f"{row.place.sheet} · {row.place.row}"
        self.own.added.append(NewRow(box, self.table.code, place, tuple(cells), clash))

    def _gone(self, row_id: str, base: Mapping[str, str], now: Mapping[str, str], number: int) -> None:
        codes = [item for item in self.table.indicators if now.get(item.code)]
        words = " · ".join(show_value(item, now[item.code]) for item in codes[:4])
        label = _("Row %(number)d") % {"number": number}
        self.own.removed.append(
            GoneRow(f"{self.table.code}|-{row_id}", self.table.code, row_id, label, words, base != now)
        )

    def _mind_the_most(self, present: int) -> None:
        room = MOST_ROWS - present + len(self.own.removed)
        if len(self.own.added) > room:
            self.found.notes.append(
                _(
                    "Table %(table)s takes at most %(most)d lines; of the %(count)d new ones only the "
                    "first %(room)d are offered."
                )
                % {"table": self.table.code, "most": MOST_ROWS, "count": len(self.own.added), "room": max(0, room)}
            )
            del self.own.added[max(0, room) :]

    def _note(self, words: str, row: Row) -> None:
        self.found.notes.append(words % {"sheet": row.place.sheet, "row": row.place.row})


def _new_id(row: Row) -> str:
    return f"+{row.place.row}"


def _shown(item: Indicator, stored: str | None, unread: str | None) -> str:
    return unread if unread is not None else show_value(item, stored)


def _match(table: TableDefinition, sent: list[Row], base: Mapping[str, Mapping[str, str]]) -> None:
    """Give lines without ids the id of the line they resemble most: more than half of its cells must be the same."""
    free = dict(base)
    for row in sent:
        scores = {row_id: _alike(table, row, cells) for row_id, cells in free.items()}
        best = max(scores, key=lambda row_id: scores[row_id], default=None)
        if best is not None and scores[best] * 2 > max(1, len(free[best]) - 1):
            row.id = best
            del free[best]


def _alike(table: TableDefinition, row: Row, cells: Mapping[str, str]) -> int:
    return sum(
        1
        for item in table.indicators
        if item.code in row.entries
        and cells.get(item.code)
        and untouched(written(item, cells[item.code]), row.entries[item.code].value)
    )


def overlaid(drafts: Mapping[str, TableDraft], difference: Difference) -> dict[str, TableDraft]:
    """The drafts as they would be with everything saved that could be read; the ids of new lines are those of `places`."""
    found = {}
    by_table = {own.table.code: own for own in difference.tables}
    for code, draft in drafts.items():
        own = by_table.get(code)
        if own is None:
            found[code] = draft
            continue
        cells, unread = deepcopy(draft.cells), dict(draft.unread)
        gone = {row.row_id for row in own.removed}
        if gone:
            cells["rows"] = [row for row in cells["rows"] if row["id"] not in gone]
        for change in own.changes:
            put_value(cells, change.key, change.stored)
            unread.pop(str(change.key), None)
        for row in own.added:
            values = {item.code: stored for item, stored in row.cells if stored}
            cells.setdefault("rows", []).append({"id": row.box.partition("|")[2], **values})
        unread = {name: raw for name, raw in unread.items() if CellKey.parse(name).row_id not in gone}
        found[code] = replace(draft, cells=cells, unread=unread)
    return found
