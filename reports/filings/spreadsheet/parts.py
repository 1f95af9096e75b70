"""What the sheets of a workbook share: head, headings, comments, print set-up, watching of simple sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule

from portal.ui.spreadsheet import write_text
from reports.filings.spreadsheet import styles
from reports.filings.spreadsheet.layout import AUTHOR, HEADINGS, letters
from reports.filings.spreadsheet.written import Written
from reports.schemes.definition import Indicator, SchemeDefinition, TableDefinition, pick
from reports.schemes.helptexts import cards

if TYPE_CHECKING:
    from reports.filings.spreadsheet.writing import Material

MOST_COMMENT = 4000
PAPER_A4 = 9


def colon() -> str:
    return pick("：", ": ")


def heading(role: str) -> str:
    return pick(*HEADINGS[role])


def put(sheet: Any, row: int, column: int, value: Written, style: str) -> Any:
    """Text stays text, whatever it begins with; figures are numbers."""
    cell = sheet.cell(row, column)
    cell.style = style
    if isinstance(value, str):
        write_text(cell, value)
    elif value is not None:
        cell.value = value
    return cell


def put_formula(sheet: Any, row: int, column: int, formula: str, style: str) -> None:
    """One of our own formulas; nothing that a person wrote comes here."""
    cell = sheet.cell(row, column)
    cell.style = style
    cell.value = formula


def head(sheet: Any, material: Material, table: TableDefinition, marks_at: int) -> None:
    """The first five lines: title, who and when, how to fill; the legal marks at the right."""
    put(sheet, 1, 1, f"{table.code} {table.name()}", styles.TITLE)
    sheet.row_dimensions[1].height = 26
    put(sheet, 2, 1, f"{_('Reported by')}{colon()}{material.institution_name}（{material.institution}）", styles.LEGAL)
    put(sheet, 3, 1, f"{_('Round')}{colon()}{material.round}", styles.LEGAL)
    put(
        sheet,
        4,
        1,
        _("* marks what must be filled. Light cells are yours to fill; the rest is protected."),
        styles.LEGAL,
    )
    for row, (mark, value) in enumerate(table.legal_marks(), start=1):
        put(sheet, row, marks_at, f"{mark}{colon()}{value or '—'}", styles.LEGAL)


def comment(text: str) -> Comment:
    cut = text if len(text) <= MOST_COMMENT else text[: MOST_COMMENT - 1] + "…"
    return Comment(cut, AUTHOR, width=480, height=min(720, 40 + 15 * (len(cut) // 32 + cut.count("\n"))))


def words_of_help(scheme: SchemeDefinition, item: Indicator, *, definition: bool) -> str:
    """What the help says of an item: its definition where the sheet does not show it, and the rule cards of its checks."""
    parts = [item.definition()] if definition and item.definition() else []
    return "\n".join([*parts, *(card.rule.text for card in cards(scheme.checks_of(item.code)))])


def watch_blank(sheet: Any, places: Sequence[str], formula: str) -> None:
    """Colour what must be filled and is blank; `formula` speaks of the first place."""
    if places:
        sheet.conditional_formatting.add(" ".join(places), Rule("expression", dxf=styles.MISSING, formula=[formula]))


def watch(sheet: Any, places: Iterable[str], formula: str) -> None:
    sheet.conditional_formatting.add(" ".join(places), Rule("expression", dxf=styles.WRONG, formula=[formula]))


def set_up_print(sheet: Any, material: Material, *, landscape: bool, titles: str, last: tuple[int, int]) -> None:
    setup = sheet.page_setup
    setup.paperSize, setup.orientation = PAPER_A4, "landscape" if landscape else "portrait"
    setup.fitToWidth, setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = titles
    sheet.print_area = f"A1:{letters(last[1])}{last[0]}"
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.oddFooter.left.text = material.institution_name.replace("&", "&&")
    sheet.oddFooter.right.text = _("Page &P of &N")
    sheet.print_options.horizontalCentered = True


def widths(sheet: Any, found: Iterable[float]) -> None:
    for column, width in enumerate(found, start=1):
        sheet.column_dimensions[letters(column)].width = width
