"""Coverage and the list of non-filers as workbooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from portal.ui.figures import round_half_up
from portal.ui.spreadsheet import write_text
from review.coverage.areas import Area
from review.coverage.nonfilers import NonFiler

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _put(sheet: Worksheet, row: int, values: Sequence[object]) -> None:
    """Figures as figures, everything else as text."""
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row=row, column=column)
        if value is None:
            continue
        if isinstance(value, int | Decimal):
            cell.value = value
        elif isinstance(cell, Cell):
            write_text(cell, value)


def _sheet(title: str, subtitle: str, head: Sequence[str], widths: Sequence[int]) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title[:31]
    _put(sheet, 1, [title])
    _put(sheet, 2, [subtitle])
    _put(sheet, 3, head)
    sheet["A1"].font = Font(size=14, bold=True)
    for cell in sheet[3]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "B4"
    sheet.print_title_rows = "3:3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return book, sheet


def _answer(book: Workbook, name: str) -> HttpResponse:
    buffer = BytesIO()
    book.save(buffer)
    disposition = content_disposition_header(as_attachment=True, filename=f"{name}.xlsx")
    return HttpResponse(
        buffer.getvalue(), content_type=XLSX, headers={"Content-Disposition": disposition or "attachment"}
    )


def _percent(rate: Decimal | None) -> Decimal | None:
    return round_half_up(rate, 1) if rate is not None else None


def _as_at(now: dt.datetime) -> str:
    return _("Figures as at %(moment)s. Internal.") % {"moment": localtime(now).strftime("%Y-%m-%d %H:%M")}


def coverage_book(title: str, areas: Iterable[Area], now: dt.datetime) -> HttpResponse:
    """One row for each bureau; the denominators stand beside the rates."""
    head = [
        _("Bureau"), _("Due"), _("Filed"), _("Coverage, % of due"), _("Same day last year, %"), _("Finally accepted"), _("In review"),
        _("Returned"), _("Being filled"), _("Not begun"), _("Late"), _("Excused"), _("Required items filled"),
        _("Required items"), _("Items filled, %"),
    ]  # fmt: skip
    book, sheet = _sheet(title, _as_at(now), head, [28, *[11] * 14])
    for number, row in enumerate(areas, start=4):
        name = f"{'　' * row.depth}{row.bureau}" + (_(" (reviewed directly)") if row.is_direct else "")
        _put(
            sheet,
            number,
            [
                name, row.due, row.filed, _percent(row.rate), _percent(row.last_rate), row.accepted, row.in_review, row.returned,
                row.drafting, row.not_begun, row.late, row.excused, row.filled, row.required, _percent(row.item_rate),
            ],
        )  # fmt: skip
    return _answer(book, title)


def nonfiler_book(title: str, rows: Iterable[NonFiler], now: dt.datetime) -> HttpResponse:
    head = [
        _("Institution"), _("Unified social credit code"), _("Reviewing bureau"), _("State"), _("Filled"), _("Required"),
        _("Reminded, times"), _("Last reminded"), _("Contact"), _("Telephone"),
    ]  # fmt: skip
    book, sheet = _sheet(title, _as_at(now), head, [36, 22, 26, 10, 8, 8, 10, 18, 12, 16])
    for number, row in enumerate(rows, start=4):
        filing, institution = row.filing, row.filing.institution
        last = localtime(row.told.last).strftime("%Y-%m-%d %H:%M") if row.told else None
        _put(
            sheet,
            number,
            [
                institution.name, institution.uscc, filing.reviewing_bureau, filing.get_state_display(), filing.filled,
                filing.required, row.told.times if row.told else 0, last, institution.contact_name, institution.contact_phone,
            ],
        )  # fmt: skip
    return _answer(book, title)
