"""The first sheet: whose workbook it is, how to use it, and what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl.styles import Font

from reports.filings.spreadsheet import parts, styles
from reports.schemes.definition import ANNUAL, TableDefinition, pick

if TYPE_CHECKING:
    from reports.filings.spreadsheet.writing import Material


def write(sheet: Any, material: Material, tables: list[TableDefinition], names: Mapping[str, str]) -> None:
    sheet.title = pick("填写说明", "Read me")
    parts.widths(sheet, (14, 46, 40))
    parts.put(sheet, 1, 1, material.round, styles.TITLE)
    sheet.row_dimensions[1].height = 28
    facts = [
        (_("Institution"), f"{material.institution_name}（{material.institution}）"),
        (_("Scheme"), material.definition.title()),
    ]
    if material.due:
        facts.append((_("Due"), material.due))
    for row, (label, value) in enumerate(facts, start=2):
        parts.put(sheet, row, 1, label, styles.LEGAL)
        parts.put(sheet, row, 2, value, styles.LEGAL)
    row = len(facts) + 3
    parts.put(sheet, row, 1, _("How to use this workbook"), styles.GROUP)
    for words in _steps():
        row += 1
        parts.put(sheet, row, 1, words, styles.HINT)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=3)
        sheet.row_dimensions[row].height = 28
    row = _contents(sheet, material, tables, names, row + 2)
    parts.set_up_print(sheet, material, landscape=False, titles="1:1", last=(row, 3))
    sheet.sheet_view.showGridLines = False


def _steps() -> list[str]:
    return [
        _(
            "1. Fill the light cells. Everything known is filled in already: the register, last year's "
            "answers, what was saved on the site."
        ),
        _("2. Cells turn yellow while they must be filled and are blank, red where a sum does not add up."),
        _("3. Money is in thousand yuan; the column beside it shows ten thousand yuan."),
        _("4. Zero and blank differ. Where an item does not apply to you, enter “-”."),
        _("5. Lines may be added at the end of the tables with lines. To remove a line, clear all its cells."),
        _("6. Save as .xlsx and upload it on the page of this filing. You see every change before anything is saved."),
        _("7. Columns may be moved, but keep the codes: they tell which cell is which."),
    ]  # fmt: skip


def _contents(sheet: Any, material: Material, tables: list[TableDefinition], names: Mapping[str, str], row: int) -> int:
    parts.put(sheet, row, 1, _("Table"), styles.HEAD)
    parts.put(sheet, row, 2, pgettext("table", "Name"), styles.HEAD)
    parts.put(sheet, row, 3, _("Remark"), styles.HEAD)
    for table in material.definition.tables_of(ANNUAL):
        row += 1
        there = table.code in names
        cell = parts.put(sheet, row, 1, table.code, styles.CELL)
        if there:
            cell.hyperlink = f"#'{names[table.code]}'!A1"
            cell.font = Font(styles.SONG, 10, underline="single", color="FF1F4E8C")
        parts.put(sheet, row, 2, table.name(), styles.CELL)
        remark = "" if there else _("does not apply to your type of unit")
        if there and not material.env.applies(table):
            remark = (
                _("applies or not by the type of unit in JC01 (A201)")
                if not material.env.single.get("A201")
                else _("does not apply to your type of unit; shown because it holds values")
            )
        parts.put(sheet, row, 3, remark, styles.CELL)
    return row
