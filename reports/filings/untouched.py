"""What still stands as it was taken over from last year: cells that nobody has touched since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reports.filings.cellkeys import CellKey
from reports.filings.examination import Examination
from reports.filings.links import table_address
from reports.schemes.definition import TableDefinition
from reports.schemes.values import show_value


@dataclass(frozen=True, slots=True)
class Untouched:
    """One cell. `row` names the line of a repeating table; `url` leads to the cell in its table."""

    table: str
    row: str
    code: str
    name: str
    value: str
    url: str


def untouched(examination: Examination) -> list[Untouched]:
    """In the order of the form, of the tables that would be sent; empty cells are left out."""
    return [
        Untouched(
            table.code,
            row,
            key.code,
            table.by_code[key.code].name(),
            _shown(table, key.code, value),
            f"{table_address(examination.filing.public_id, table.code)}#c-{key}",
        )
        for table in map(examination.definition.table, examination.tables)
        for key, row, value in _cells(table, examination)
    ]


def _cells(table: TableDefinition, examination: Examination) -> Iterator[tuple[CellKey, str, str]]:
    draft = examination.drafts[table.code]
    if not draft.carried:
        return
    for row_id, row, cells in _lines(table, draft.cells):
        for item in table.indicators:
            key = CellKey(row_id, item.code)
            if str(key) in draft.carried and cells.get(item.code):
                yield key, row, cells[item.code]


def _lines(table: TableDefinition, cells: Mapping) -> Iterator[tuple[str | None, str, Mapping[str, str]]]:
    if not table.repeating:
        yield None, "", cells
        return
    for number, row in enumerate(cells.get("rows", ()), start=1):
        yield row["id"], _("Row %(number)d") % {"number": number}, row


def _shown(table: TableDefinition, code: str, value: str) -> str:
    item = table.by_code[code]
    return f"{show_value(item, value)} {item.unit_name()}".strip()
