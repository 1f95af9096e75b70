"""The sheet of a table with one line for each indicator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openpyxl.comments import Comment

from reports.filings.spreadsheet import formulas, layout, lists, parts, styles
from reports.filings.spreadsheet.layout import letters
from reports.filings.spreadsheet.lists import Lists
from reports.filings.spreadsheet.written import written
from reports.schemes.definition import Indicator, TableDefinition

if TYPE_CHECKING:
    from reports.filings.spreadsheet.writing import Material

COLUMNS = (layout.NAME, layout.CODE, layout.UNIT, layout.VALUE, layout.WAN, layout.LAST, layout.CHANGE, layout.NOTES)
WIDTHS = (40, 8, 10, 24, 14, 18, 9, 58)
AT = {role: column for column, role in enumerate(COLUMNS, start=1)}
HEAD_ROW = 7
SUB = ("其中", "of which", "Of which")
LONG = frozenset(("string", "text", "rows", "multi"))


def write(sheet: Any, material: Material, table: TableDefinition, choices: Lists) -> None:
    parts.widths(sheet, WIDTHS)
    parts.head(sheet, material, table, AT[layout.NOTES])
    for role, column in AT.items():
        parts.put(sheet, HEAD_ROW, column, parts.heading(role), styles.HEAD)
    rows = _lines(sheet, material, table, choices)
    _watch(sheet, material, table, rows)
    last = max(rows.values(), default=HEAD_ROW)
    sheet.freeze_panes = f"{letters(AT[layout.UNIT])}{HEAD_ROW + 1}"
    parts.set_up_print(sheet, material, landscape=True, titles=f"{HEAD_ROW}:{HEAD_ROW}", last=(last, len(COLUMNS)))


def _lines(sheet: Any, material: Material, table: TableDefinition, choices: Lists) -> dict[str, int]:
    row, rows = HEAD_ROW, {}
    for title, items in table.groups():
        if title:
            row += 1
            for column in AT.values():
                parts.put(sheet, row, column, title if column == 1 else None, styles.GROUP)
        for item in items:
            row += 1
            rows[item.code] = row
            _line(sheet, row, material, table, item, choices)
    return rows


def _line(sheet: Any, row: int, material: Material, table: TableDefinition, item: Indicator, choices: Lists) -> None:
    required = item.is_required(material.env)
    name = f"{item.name()} *" if required else item.name()
    label = parts.put(sheet, row, AT[layout.NAME], name, styles.SUB if item.name().startswith(SUB) else styles.LABEL)
    label.comment = _card(material, item)
    parts.put(sheet, row, AT[layout.CODE], item.code, styles.CENTRE)
    parts.put(sheet, row, AT[layout.UNIT], item.unit_name(), styles.CENTRE)
    parts.put(sheet, row, AT[layout.NOTES], item.definition(), styles.PROSE)
    _value(sheet, row, material, table, item, choices)
    value, last = f"{letters(AT[layout.VALUE])}{row}", f"{letters(AT[layout.LAST])}{row}"
    if item.money:
        parts.put_formula(sheet, row, AT[layout.WAN], f'=IF(ISNUMBER({value}),{value}/10,"")', styles.ECHO)
    else:
        parts.put(sheet, row, AT[layout.WAN], None, styles.CELL)
    if item.numeric:
        formula = f'=IF(AND(ISNUMBER({value}),ISNUMBER({last})),IF({last}<>0,({value}-{last})/ABS({last})*100,""),"")'
        parts.put_formula(sheet, row, AT[layout.CHANGE], formula, styles.PERCENT)
    else:
        parts.put(sheet, row, AT[layout.CHANGE], None, styles.CELL)


def _card(material: Material, item: Indicator) -> Comment | None:
    words = parts.words_of_help(material.definition, item, definition=False)
    return parts.comment(words) if words else None


def _value(sheet: Any, row: int, material: Material, table: TableDefinition, item: Indicator, choices: Lists) -> None:
    draft, last = material.drafts[table.code], material.last.get(table.code, {})
    stored, before = draft.cells.get(item.code), last.get(item.code)
    if item.computed:
        stored = material.derived.get(item.code) or stored
        before = material.last_derived.get(item.code) or before
    style = _given(item) if item.computed else input_style(item)
    parts.put(sheet, row, AT[layout.VALUE], written(item, stored, draft.unread.get(item.code)), style)
    parts.put(sheet, row, AT[layout.LAST], written(item, before), _given(item))
    if not item.computed:
        lists.add(sheet, lists.validation(item, choices), f"{letters(AT[layout.VALUE])}{row}")


def _given(item: Indicator) -> str:
    return styles.given_figure(item.places if item.dtype == "decimal" else 0) if item.numeric else styles.GIVEN_TEXT


def input_style(item: Indicator) -> str:
    if item.dtype in ("int", "decimal"):
        return styles.input_figure(item.places if item.dtype == "decimal" else 0)
    return styles.INPUT_LONG if item.dtype in LONG else styles.INPUT_TEXT


def _watch(sheet: Any, material: Material, table: TableDefinition, rows: dict[str, int]) -> None:
    value = letters(AT[layout.VALUE])
    needed = [f"{value}{rows[item.code]}" for item in table.indicators if item.is_required(material.env)]
    if needed:
        parts.watch_blank(sheet, needed, f"LEN(TRIM({needed[0]}))=0")
    places = {code: f"${value}${row}" for code, row in rows.items() if table.by_code[code].numeric}
    for alarm in formulas.alarms(material.definition, table, places):
        parts.watch(sheet, (places[code].replace("$", "") for code in alarm.cells), alarm.formula)
