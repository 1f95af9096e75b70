"""The rows of one table as a page shows them: values, last year's, what is required, hidden, marked or refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from portal.ui.figures import Change, change, echo
from reports.filings.controls import (
    CHOICE,
    FIGURE,
    MANY,
    Line,
    control,
    head_of,
    kind_of,
    mark_of_cell,
    options_of,
    title_of,
)
from reports.filings.drafts import Conflict
from reports.filings.examination import Examination
from reports.filings.gridrow import carried_word, row_of
from reports.filings.samelines import SameLines
from reports.schemes.definition import Indicator, TableDefinition
from reports.schemes.values import NOT_APPLICABLE, UnreadableValue, read_value, show_value

SHAPES = {"hard": "hard", "verify": "verify", "said": "said", "remark": "returned", "blank": "due"}
MARK_WORDS = {
    "hard": gettext_lazy("Must be corrected"),
    "verify": gettext_lazy("Needs an explanation"),
    "said": gettext_lazy("Explained"),
    "remark": gettext_lazy("Remark of a reviewer"),
    "blank": gettext_lazy("Not filled"),
}
NO_SIGN = mark_of_cell("", "")
SUB = ("其中", "of which", "Of which")
_lines: dict[tuple[int, str], tuple[TableDefinition, tuple[Line, ...]]] = {}


def lines_of(table: TableDefinition) -> tuple[Line, ...]:
    """The table's lines in the active language; made once for each definition held in memory."""
    slot = (id(table), get_language() or "")
    held = _lines.get(slot)
    if held is None or held[0] is not table:
        if len(_lines) > 200:
            _lines.clear()
        held = _lines[slot] = (table, tuple(_line(item) for item in table.indicators))
    return held[1]


def _line(item: Indicator) -> Line:
    kind, name, definition = kind_of(item), item.name(), item.definition()
    return Line(
        item=item,
        code=item.code,
        name=name,
        unit=item.unit_name(),
        group=item.group(),
        definition=definition,
        kind=kind,
        sub=name.startswith(SUB),
        label=escape(_("%(code)s %(name)s, this year") % {"code": item.code, "name": name}),
        head=head_of(item, kind),
        options=options_of(item),
        title=title_of(name, definition, required=False),
        title_required=title_of(name, definition, required=True),
    )


@dataclass(slots=True)
class Cell:
    """One cell. `text` is what it shows, `stored` what the database holds; `was` goes back with a save so that the server
    knows what was changed. `refusal` says why the typed text cannot be read, `offer` what may be meant. `at_row` names the line
    of a repeating table."""

    line: Line
    key: str
    stored: str | None
    text: str
    required: bool
    hidden: bool
    control: SafeString = field(default_factory=SafeString)
    echo: str = ""
    last: str = ""
    change: Change | None = None
    mark: str = ""
    refusal: str = ""
    offer: str = ""
    conflict: Conflict | None = None
    theirs: str = ""
    carried: bool = False
    at_row: str = ""

    @property
    def differs(self) -> bool:
        """Words of last year that are not the same as this year's."""
        return bool(self.last) and self.last != show_value(self.line.item, self.stored)

    @property
    def title(self) -> SafeString:
        return self.line.title_required if self.required else self.line.title

    @property
    def sign(self) -> SafeString:
        """The mark before the cell."""
        mark = "hard" if self.refusal else self.mark
        return mark_of_cell(SHAPES[mark], str(MARK_WORDS[mark])) if mark else NO_SIGN

    @property
    def carried_word(self) -> SafeString:
        return carried_word(self)

    @property
    def row(self) -> SafeString:
        """The line of the cell in a table with one value per line."""
        return row_of(self)

    @property
    def css(self) -> str:
        """Classes of the row."""
        names = ["sub"] if self.line.sub else []
        names += ["has-hard"] if self.refusal else [f"has-{self.mark}"] if self.mark else []
        if self.carried:
            names.append("has-last")
        return " ".join(names)


@dataclass(slots=True)
class Group:
    title: str
    cells: list[Cell]

    @property
    def hidden(self) -> bool:
        return all(cell.hidden for cell in self.cells)

    @property
    def required(self) -> int:
        return sum(1 for cell in self.cells if cell.required)

    @property
    def filled(self) -> int:
        return sum(1 for cell in self.cells if cell.required and cell.stored)

    @property
    def takes_last(self) -> bool:
        """Last year has a value for a cell that is empty."""
        return any(cell.last and cell.control and not cell.text and not cell.hidden for cell in self.cells)


@dataclass(slots=True)
class Row:
    """One record of a repeating table; `title` names it by its first telling cells."""

    id: str
    number: int
    cells: list[Cell]
    first: bool
    last: bool

    @property
    def title(self) -> str:
        told = [cell.text for cell in self.cells if cell.text and cell.line.kind in ("words", CHOICE)]
        shown = [
            show_value(cell.line.item, cell.stored) if cell.line.kind == CHOICE else cell.text
            for cell in self.cells
            if cell.text and cell.line.kind in ("words", CHOICE)
        ]
        return " · ".join(shown[:2]) if told else ""


@dataclass(slots=True)
class Grid:
    table: TableDefinition
    version: int
    groups: list[Group]
    rows: list[Row]

    @property
    def cells(self) -> Iterator[Cell]:
        for group in self.groups:
            yield from group.cells
        for row in self.rows:
            yield from row.cells

    @property
    def heads(self) -> list[Cell]:
        """The columns of a repeating table."""
        return self.rows[0].cells if self.rows else []

    @property
    def was(self) -> dict[str, str]:
        """What each typed cell showed, by key; a save compares with it."""
        return {cell.key: _compared(cell) for cell in self.cells if not cell.line.item.computed}

    @property
    def regions(self) -> list[tuple[str, str]]:
        """(code, name) to choose from, when the table asks for a region."""
        if not any(item.dtype == "region6" for item in self.table.indicators) or self.table.scheme is None:
            return []
        known = self.table.scheme.regions.rows.values()
        zh = (get_language() or "zh").startswith("zh")
        return [(row.code, row.name_zh if zh else row.name_en or row.name_zh) for row in known if row.to_year is None]


def _compared(cell: Cell) -> str:
    if cell.conflict is not None:
        return cell.theirs if cell.line.kind not in (CHOICE, MANY) else cell.conflict.stored or ""
    return (cell.stored or "") if cell.line.kind in (CHOICE, MANY) and not cell.refusal else cell.text


def make_grid(
    examination: Examination,
    table: TableDefinition,
    marks: Mapping[str, str],
    *,
    editable: bool,
    conflicts: Mapping[str, Conflict] | None = None,
) -> Grid:
    """The whole table. `marks` is {cell key: hard|verify|said|remark}; conflicts keep what this person typed."""
    draft = examination.drafts[table.code]
    work = _Work(examination, table, marks, editable, conflicts or {}, draft.unread, draft.carried)
    if table.repeating:
        return Grid(table, draft.version, [], work.rows(draft.cells.get("rows", [])))
    return Grid(table, draft.version, work.groups(draft.cells), [])


@dataclass(slots=True)
class _Work:
    examination: Examination
    table: TableDefinition
    marks: Mapping[str, str]
    editable: bool
    conflicts: Mapping[str, Conflict]
    unread: Mapping[str, str]
    carried: frozenset[str]

    def groups(self, stored: Mapping[str, Any]) -> list[Group]:
        env, last = self.examination.env, self.examination.last_tables.get(self.table.code, {})
        found: dict[str, list[Cell]] = {}
        for line in lines_of(self.table):
            cell = self.cell(line, line.code, self._value(line, stored), env, None, "")
            if not line.item.repeating:
                self._compare(cell, self._last(line, last))
            found.setdefault(line.group, []).append(cell)
        return [Group(title, cells) for title, cells in found.items()]

    def rows(self, stored: list[Mapping[str, str]]) -> list[Row]:
        env, same = self.examination.env, SameLines(self.table, self._last_rows())
        converted = {own: row for own, _stored, row in env.lines(self.table)}
        made = []
        for number, row in enumerate(stored, start=1):
            prefix = _("Row %(number)d") % {"number": number}
            cells = [
                self.cell(
                    line, f"{row['id']}:{line.code}", row.get(line.code), env, converted.get(row["id"], {}), prefix
                )
                for line in lines_of(self.table)
            ]
            before = same.last(row)
            for cell in cells:
                cell.at_row = prefix
                self._compare(cell, before.get(cell.line.code))
            made.append(Row(row["id"], number, cells, number == 1, number == len(stored)))
        return made

    def _last_rows(self) -> list[Mapping[str, str]]:
        found: list[Mapping[str, str]] = self.examination.last_tables.get(self.table.code, {}).get("rows", [])
        return found

    def cell(self, line: Line, key: str, stored: str | None, env: Any, row: Any, prefix: str) -> Cell:
        item = line.item
        text = shown_in_cell(line, stored)
        cell = Cell(line, key, stored, text, item.is_required(env, row), not stored and not item.is_visible(env, row))
        cell.mark = self.marks.get(key, "")
        cell.carried = key in self.carried
        if key in self.unread:
            cell.text, cell.hidden = self.unread[key], False
            cell.refusal, cell.offer = why_unread(item, cell.text)
        if key in self.conflicts:
            cell.conflict, cell.theirs, cell.hidden = self.conflicts[key], text, False
            cell.text = cell.conflict.mine
        cell.echo = echo_of(item, stored) if not cell.refusal else ""
        if self.editable and not item.computed:
            mine = cell.conflict.mine if cell.conflict and line.kind in (CHOICE, MANY) else stored
            about = "w-" if cell.refusal else "l-" if cell.carried and not cell.conflict else ""
            cell.control = control(line, key, cell.text, mine, row=prefix, about=about)
        elif not cell.refusal:
            cell.text = show_value(item, stored)
        return cell

    def _value(self, line: Line, stored: Mapping[str, Any]) -> str | None:
        if line.item.computed:
            return self.examination.derived.get(line.code) or stored.get(line.code)
        return stored.get(line.code)

    def _last(self, line: Line, last: Mapping[str, Any]) -> str | None:
        if line.item.computed:
            return self.examination.last_derived.get(line.code) or last.get(line.code)
        return last.get(line.code)

    def _compare(self, cell: Cell, last: str | None) -> None:
        cell.last = show_value(cell.line.item, last)
        if cell.line.kind == FIGURE or cell.line.item.numeric:
            cell.change = change(as_figure(cell.stored), as_figure(last))


def shown_in_cell(line: Line, stored: str | None) -> str:
    """The stored value as a person would type it: figures with separators, codes of a choice as they are."""
    if stored is None or line.kind in (CHOICE, MANY):
        return stored or ""
    shown = show_value(line.item, stored)
    return shown.replace("−", "-") if line.kind == FIGURE else shown


def why_unread(item: Indicator, text: str) -> tuple[str, str]:
    """(reason, what may be meant as it would be shown) of a text that could not be read."""
    try:
        read_value(item, text)
    except UnreadableValue as refusal:
        return str(refusal), refusal.offer or ""
    return _("This text could not be read. Type it again instead of pasting it."), ""


def echo_of(item: Indicator, stored: str | None) -> str:
    """The larger unit of a sum of money; the name of a region."""
    if not stored or stored == NOT_APPLICABLE:
        return ""
    if item.money:
        return echo(as_figure(stored))
    return ""


def as_figure(stored: str | None) -> Decimal | None:
    if not stored or stored == NOT_APPLICABLE:
        return None
    try:
        return Decimal(stored)
    except InvalidOperation:
        return None
