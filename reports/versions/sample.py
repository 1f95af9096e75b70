"""A scheme's form before anybody filled it: the tables as a filer would see them, kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property

from reports.filings.drafts import TableDraft
from reports.filings.examination import Examination
from reports.filings.grid import Grid, make_grid
from reports.filings.models import Filing
from reports.rounds.models import Round
from reports.schemes.checking import Cells, Env, Facts
from reports.schemes.definition import ANNUAL, DERIVED, REPORT, Indicator, SchemeDefinition, TableDefinition
from reports.schemes.helptexts import CheckCard, cards, condition_words, form_of


class Sample(Examination):
    """An examination of nothing: no institution, no register, no last year."""

    @cached_property
    def env(self) -> Env:
        typed = {code: draft.cells for code, draft in self.drafts.items()}
        return Env(self.definition, Cells.from_tables(typed), None, Facts.for_year(self.definition.year))

    @cached_property
    def _last(self) -> None:
        return None

    @cached_property
    def derived(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True, slots=True)
class Conditional:
    """A cell that is asked for under a condition."""

    code: str
    name: str
    condition: str


@dataclass(frozen=True, slots=True)
class FormTable:
    """One table of the form. `shown_when` are the cells that not everybody sees, `asked_when` those always shown
    but not always asked, `lined` those answered in lines, with the columns of a line."""

    table: TableDefinition
    grid: Grid
    applies_when: str
    shown_when: list[Conditional]
    asked_when: list[Conditional]
    lined: list[tuple[Indicator, str]]
    checks: list[CheckCard]
    marks: list[tuple[str, str]]


def form_tables(definition: SchemeDefinition) -> list[TableDefinition]:
    """What institutions fill on screen: the statistics, then the annual report."""
    return definition.tables_of(ANNUAL) + definition.tables_of(REPORT)


def form_table(definition: SchemeDefinition, table: TableDefinition) -> FormTable:
    """The blank table, every line of it shown; a repeating one with a first row."""
    drafts = {one.code: _blank(one, table) for one in form_tables(definition)}
    nobody = Filing(round=Round(kind=table.kind, period=str(definition.year)))
    grid = make_grid(Sample(nobody, definition, drafts), table, {}, editable=True)
    for cell in grid.cells:
        cell.hidden = False
    shown = list(_conditions(definition, table, "visible_when"))
    return FormTable(
        table=table,
        grid=grid,
        applies_when=condition_words(definition, table.applies_when) if table.applies_when else "",
        shown_when=shown,
        asked_when=[one for one in _conditions(definition, table, "required_when") if one not in shown],
        lined=[(item, form_of(item)) for item in table.indicators if item.columns],
        checks=cards(check for check in definition.checks if check.table in _seen_in(definition, table)),
        marks=table.legal_marks(),
    )


def _blank(table: TableDefinition, shown: TableDefinition) -> TableDraft:
    rows: dict[str, Any] = {"rows": [{"id": "r1"}] if table is shown else []}
    return TableDraft(rows if table.repeating else {}, {}, 0)


def _seen_in(definition: SchemeDefinition, table: TableDefinition) -> set[str]:
    """The table itself; checks of derived figures are shown with the last table of the statistics."""
    last = definition.tables_of(ANNUAL)[-1:]
    return {table.code} | ({one.code for one in definition.tables_of(DERIVED)} if table in last else set())


def _conditions(definition: SchemeDefinition, table: TableDefinition, column: str) -> Iterator[Conditional]:
    for item in table.indicators:
        condition = getattr(item, column)
        if condition not in ("", "yes"):
            yield Conditional(item.code, item.name(), condition_words(definition, condition))
