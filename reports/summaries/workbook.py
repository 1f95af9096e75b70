"""A build as a workbook: cover, one sheet a block, and who has not filed. Figures are numbers, words are text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from portal.ui.spreadsheet import write_text
from reports.summaries.blocks import Block, Column, share
from reports.summaries.models import Build

FONT, SONG = "Microsoft YaHei", "SimSun"
INK = "12304F"
_title = Font(name=SONG, size=16, bold=True, color=INK)
_body = Font(name=FONT, size=10)
_strong = Font(name=FONT, size=10, bold=True)
_note = Font(name=FONT, size=9, color="4F5B68")
_head_fill = PatternFill("solid", fgColor="E9EEF4")
_hair = Side(style="hair", color="7C8896")
_rule = Side(style="medium", color=INK)
_centre = Alignment(horizontal="center", vertical="center", wrap_text=True)


@dataclass(frozen=True, slots=True)
class NonFiler:
    """A line of the list of who has not filed."""

    prefecture: str
    bureau: str
    institution: str
    uscc: str
    state: str
    contact: str
    phone: str


def number_format(column: Column) -> str:
    """Thousands separators; as many decimals as the column says, and no more than a figure has."""
    return "#,##0.0" if column.places == 1 else "#,##0.##" if column.places else "#,##0"


@dataclass(frozen=True, slots=True)
class Extended:
    """An institution that was given more time."""

    bureau: str
    institution: str
    uscc: str
    until: str
    decided_by: str
    reason: str
    state: str


def write_workbook(
    build: Build, blocks: Sequence[Block], non_filers: Iterable[NonFiler], path: Path, extended: Iterable[Extended] = ()
) -> None:
    """Write the workbook of a finished build to `path` in the active language."""
    book = Workbook()
    cover = book.active
    assert isinstance(cover, Worksheet)
    _write_cover(cover, build, blocks)
    for block in blocks:
        _write_block(book.create_sheet(_sheet_title(block.title)), block, build)
    _write_extended(book.create_sheet(_sheet_title(_("Extensions"))), extended)
    _write_non_filers(book.create_sheet(_sheet_title(_("Not filed"))), non_filers)
    book.properties.title = str(build)
    book.properties.creator = _("Zhibao")
    book.save(path)


def _sheet_title(title: str) -> str:
    return "".join(c for c in title if c not in r"[]:*?/\\")[:31]


def _put(sheet: Worksheet, row: int, column: int, value: object, font: Font = _body) -> None:
    """A word as text, a figure as a number, None as nothing."""
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, int | Decimal):
        cell.value = value
        cell.alignment = Alignment(horizontal="right")
    elif value is not None:
        assert isinstance(cell, Cell)
        write_text(cell, value)
    cell.font = font


def _write_cover(sheet: Worksheet, build: Build, blocks: Sequence[Block]) -> None:
    sheet.title = _sheet_title(_("Cover"))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 76
    _put(sheet, 1, 1, build.round.title, _title)
    _put(sheet, 2, 1, _("Summary workbook · internal material, not for publication"), _note)
    lines = cover_lines(build) + legal_lines(build)
    for offset, (label, value) in enumerate(lines, start=4):
        _put(sheet, offset, 1, label, _strong)
        _put(sheet, offset, 2, value)
        sheet.cell(row=offset, column=2).alignment = Alignment(wrap_text=True, horizontal="left", vertical="top")
    row = 5 + len(lines)
    _put(sheet, row, 1, _("Sheets"), _strong)
    for offset, block in enumerate(blocks):
        _put(sheet, row + offset, 2, block.title)
    _set_up_page(sheet, landscape=False)


def cover_lines(build: Build) -> list[tuple[str, object]]:
    """What every use of the figures must know: build number, basis, data cut, coverage, version, digest."""
    coverage = share(build.counted, build.due_count)
    return [
        (_("Build number"), build.number),
        (_("Basis"), build.get_basis_display()),
        (_("Data cut"), date_format(localtime(build.data_cut), "DATETIME_FORMAT")),
        (
            _("Coverage"),
            _("%(counted)s of %(due)s institutions due (%(share)s %%)")
            % {"counted": build.counted, "due": build.due_count, "share": "—" if coverage is None else coverage},
        ),
        (_("Made"), date_format(localtime(build.finished_at or build.created_at), "DATETIME_FORMAT")),
        (_("Scheme"), f"{build.scheme} · {build.scheme.digest[:12]}"),
        (_("Program version"), build.code_version),
        (_("Digest of the figures"), build.digest),
        (_("Unit of money"), _("thousand yuan, unless a column says otherwise")),
    ]


def legal_lines(build: Build) -> list[tuple[str, object]]:
    """Legal marks of the scheme's first table; they are a property of the scheme version (N24)."""
    tables = build.scheme.definition.tables
    return [(label, value) for label, value in tables[0].legal_marks()] if tables else []


def _write_block(sheet: Worksheet, block: Block, build: Build) -> None:
    _put(sheet, 1, 1, block.title, _title)
    provisional = "" if build.basis == Build.Basis.ACCEPTED else _("Provisional figures")
    foot = _("%(round)s · build %(number)s") % {"round": build.round.title, "number": build.number}
    _put(sheet, 2, 1, " · ".join(part for part in (foot, provisional, _("internal material")) if part), _note)
    titles = [(block.label, ""), (_("Code"), ""), *((column.title, column.unit) for column in block.columns)]
    for index, (title, unit) in enumerate(titles, start=1):
        _head(sheet, 4, index, f"{title}\n（{unit}）" if unit else title)
    for offset, line in enumerate(block.lines, start=5):
        font = _strong if line.strong else _body
        _put(sheet, offset, 1, line.label, font)
        sheet.cell(row=offset, column=1).alignment = Alignment(indent=line.level * 2, wrap_text=True, vertical="center")
        _put(sheet, offset, 2, line.code, font)
        for index, (column, figure) in enumerate(zip(block.columns, line.figures, strict=True), start=3):
            _put(sheet, offset, index, figure, font)
            sheet.cell(row=offset, column=index).number_format = number_format(column)
        for index in range(1, len(titles) + 1):
            sheet.cell(row=offset, column=index).border = Border(bottom=_hair)
    if block.note:
        _put(sheet, 6 + len(block.lines), 1, block.note, _note)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 40, 10
    for index in range(3, len(titles) + 1):
        sheet.column_dimensions[get_column_letter(index)].width = 17
    sheet.freeze_panes = "C5"
    _set_up_page(sheet, landscape=len(titles) > 6)


def _head(sheet: Worksheet, row: int, column: int, title: str) -> None:
    _put(sheet, row, column, title, _strong)
    cell = sheet.cell(row=row, column=column)
    cell.fill, cell.alignment, cell.border = (
        _head_fill,
        _centre,
        Border(top=_rule, bottom=Side(style="thin", color=INK)),
    )
    sheet.row_dimensions[row].height = 32


def _write_non_filers(sheet: Worksheet, non_filers: Iterable[NonFiler]) -> None:
    columns = {
        _("Prefecture"): 18, _("Reviewing bureau"): 26, _("Institution"): 44, _("Unified social credit code"): 22, _("State"): 12,
        _("Contact"): 12, _("Telephone"): 16,
    }  # fmt: skip
    lines = (
        (line.prefecture, line.bureau, line.institution, line.uscc, line.state, line.contact, line.phone)
        for line in non_filers
    )
    empty = _("Nobody: every institution due has filed.")
    _write_list(sheet, _("Institutions that have not filed"), columns, lines, empty)


def _write_extended(sheet: Worksheet, extended: Iterable[Extended]) -> None:
    columns = {
        _("Reviewing bureau"): 26, _("Institution"): 44, _("Unified social credit code"): 22, _("Granted until"): 18,
        _("Decided by"): 26, _("Reason"): 50, _("State"): 12,
    }  # fmt: skip
    lines = (
        (line.bureau, line.institution, line.uscc, line.until, line.decided_by, line.reason, line.state)
        for line in extended
    )
    _write_list(sheet, _("Institutions that were given more time"), columns, lines, _("Nobody was given more time."))


def _write_list(
    sheet: Worksheet, title: str, columns: Mapping[str, int], lines: Iterable[Sequence[Any]], empty: str
) -> None:
    """A list of institutions of this moment. `columns` are the headings with their widths; `empty` stands in place of lines."""
    _put(sheet, 1, 1, title, _title)
    _put(sheet, 2, 1, _("As at the making of this build; internal material"), _note)
    for index, (heading, width) in enumerate(columns.items(), start=1):
        _head(sheet, 4, index, heading)
        sheet.column_dimensions[get_column_letter(index)].width = width
    row = 4
    for row, values in enumerate(lines, start=5):
        for index, value in enumerate(values, start=1):
            _put(sheet, row, index, value)
    if row == 4:
        _put(sheet, 5, 1, empty)
    sheet.freeze_panes = "A5"
    _set_up_page(sheet, landscape=True)


def _set_up_page(sheet: Worksheet, *, landscape: bool) -> None:
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "4:4"
    footer = sheet.oddFooter
    assert footer is not None
    assert footer.center is not None
    footer.center.text = "&P / &N"
    sheet.sheet_view.showGridLines = False
