"""The sheet of a table with several lines: a column for each indicator, spare lines below the filled ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.filings.drafts import MOST_ROWS
from reports.filings.spreadsheet import layout, lists, parts, styles
from reports.filings.spreadsheet.layout import SPARE_ROWS, letters
from reports.filings.spreadsheet.lists import Lists
from reports.filings.spreadsheet.single import LONG, input_style
from reports.filings.spreadsheet.written import written
from reports.schemes.definition import Indicator, TableDefinition

if TYPE_CHECKING:
    from reports.filings.spreadsheet.writing import Material

NAMES_ROW, UNITS_ROW, CODES_ROW = 7, 8, 9
ID_COLUMN, NUMBER_COLUMN, FIRST = 1, 2, 3


def write(sheet: Any, material: Material, table: TableDefinition, choices: Lists) -> None:
    """The row id stands in a hidden column; the line of codes is the last of the headings, and data begin right below."""
    draft = material.drafts[table.code]
    rows = draft.cells.get("rows", [])
    last = CODES_ROW + min(len(rows) + SPARE_ROWS, max(MOST_ROWS, len(rows)))
    items = [item for item in table.indicators if not item.computed]
    echoes = [item for item in items if item.money]
    parts.head(sheet, material, table, max(FIRST, FIRST + len(items) - 3))
    _headings(sheet, material, items, echoes)
    for offset in range(last - CODES_ROW):
        row = rows[offset] if offset < len(rows) else None
        _line(sheet, CODES_ROW + 1 + offset, offset + 1, items, echoes, row, draft.unread)
    _columns(sheet, items, last, choices)
    sheet.column_dimensions[letters(ID_COLUMN)].hidden = True
    sheet.freeze_panes = f"{letters(FIRST + 2)}{CODES_ROW + 1}"
    parts.set_up_print(
        sheet,
        material,
        landscape=True,
        titles=f"{NAMES_ROW}:{CODES_ROW}",
        last=(last, FIRST + len(items) + len(echoes) - 1),
    )


def _headings(sheet: Any, material: Material, items: list[Indicator], echoes: list[Indicator]) -> None:
    for row in (NAMES_ROW, UNITS_ROW, CODES_ROW):
        for column in (ID_COLUMN, NUMBER_COLUMN):
            parts.put(sheet, row, column, None, styles.HEAD)
    parts.put(sheet, CODES_ROW, ID_COLUMN, parts.heading(layout.ROW), styles.HEAD)
    parts.put(sheet, CODES_ROW, NUMBER_COLUMN, parts.heading(layout.NUMBER), styles.HEAD)
    sheet.column_dimensions[letters(NUMBER_COLUMN)].width = 6
    for column, item in enumerate(items, start=FIRST):
        name = f"{item.name()} *" if item.required_when == "yes" else item.name()
        cell = parts.put(sheet, NAMES_ROW, column, name, styles.HEAD)
        words = parts.words_of_help(material.definition, item, definition=True)
        if words:
            cell.comment = parts.comment(words)
        parts.put(sheet, UNITS_ROW, column, item.unit_name(), styles.HEAD)
        parts.put(sheet, CODES_ROW, column, item.code, styles.HEAD)
        sheet.column_dimensions[letters(column)].width = 28 if item.dtype in LONG else 15
    for column, item in enumerate(echoes, start=FIRST + len(items)):
        parts.put(sheet, NAMES_ROW, column, item.name(), styles.HEAD)
        parts.put(sheet, UNITS_ROW, column, item.code, styles.HEAD)
        parts.put(sheet, CODES_ROW, column, parts.heading(layout.WAN), styles.HEAD)
        sheet.column_dimensions[letters(column)].width = 14
    sheet.row_dimensions[NAMES_ROW].height = 32


def _line(
    sheet: Any,
    at: int,
    number: int,
    items: list[Indicator],
    echoes: list[Indicator],
    row: dict[str, str] | None,
    unread: Any,
) -> None:
    parts.put(sheet, at, ID_COLUMN, row["id"] if row else None, styles.CENTRE)
    parts.put(sheet, at, NUMBER_COLUMN, number, styles.CENTRE)
    for column, item in enumerate(items, start=FIRST):
        value = written(item, row.get(item.code), unread.get(f"{row['id']}:{item.code}")) if row else None
        parts.put(sheet, at, column, value, input_style(item))
    for column, item in enumerate(echoes, start=FIRST + len(items)):
        value_at = f"{letters(FIRST + items.index(item))}{at}"
        parts.put_formula(sheet, at, column, f'=IF(ISNUMBER({value_at}),{value_at}/10,"")', styles.ECHO)


def _columns(sheet: Any, items: list[Indicator], last: int, choices: Lists) -> None:
    """Drop-downs and watching, a column at a time. A line counts once anything stands in it."""
    top = CODES_ROW + 1
    first, end = letters(FIRST), letters(FIRST + len(items) - 1)
    needed = []
    for column, item in enumerate(items, start=FIRST):
        places = f"{letters(column)}{top}:{letters(column)}{last}"
        lists.add(sheet, lists.validation(item, choices), places)
        if item.required_when == "yes":
            needed.append((letters(column), places))
    for column_letters, places in needed:
        formula = f"AND(COUNTA(${first}{top}:${end}{top})>0,LEN(TRIM({column_letters}{top}))=0)"
        parts.watch_blank(sheet, [places], formula)
