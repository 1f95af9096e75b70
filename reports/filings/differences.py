"""What changed between two sets of cells, cell by cell: two revisions, or a revision and the draft after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from reports.schemes.definition import ANNUAL, REPORT, Indicator, SchemeDefinition, TableDefinition
from reports.schemes.values import show_value

Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell. `row` names the line and `row_id` is its id, both empty in a single-line table; `before` and `after` are
    shown values, empty where blank."""

    table: str
    table_name: str
    row: str
    code: str
    name: str
    before: str
    after: str
    row_id: str = ""


def differences(definition: SchemeDefinition, before: Tables, after: Tables) -> list[Difference]:
    """Every cell that differs, in the order of the form. Rows are matched by their ids; a row on one side only shows all its cells."""
    found: list[Difference] = []
    for table in (*definition.tables_of(ANNUAL), *definition.tables_of(REPORT)):
        old, new = before.get(table.code, {}), after.get(table.code, {})
        if old == new:
            continue
        found += _of_rows(table, old, new) if table.repeating else _of_cells(table, old, new, "")
    return found


def _of_cells(table: TableDefinition, old: Mapping[str, Any], new: Mapping[str, Any], row: str) -> Iterator[Difference]:
    for item in table.indicators:
        if not item.computed and old.get(item.code) != new.get(item.code):
            yield _difference(
                table, item, row, new.get("id") or old.get("id") or "", old.get(item.code), new.get(item.code)
            )


def _of_rows(table: TableDefinition, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    lines = {row["id"]: row for row in old.get("rows", [])}
    for number, row in enumerate(new.get("rows", []), start=1):
        yield from _of_cells(table, lines.pop(row["id"], {}), row, _("Row %(number)d") % {"number": number})
    for row in lines.values():
        yield from _of_cells(table, row, {}, _("Removed row"))


def _difference(
    table: TableDefinition, item: Indicator, row: str, row_id: str, old: str | None, new: str | None
) -> Difference:
    return Difference(
        table.code, table.name(), row, item.code, item.name(), show_value(item, old), show_value(item, new), row_id
    )
