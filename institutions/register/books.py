"""A list as a workbook: text as text, figures as figures, written row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO

import xlsxwriter
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from portal.ui.spreadsheet import safe_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def list_book(
    title: str, subtitle: str, head: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """Title and moment above, headings in row 3, fixed while one scrolls. Rows may be many: memory does not follow them."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True, "in_memory": True})
    sheet = book.add_worksheet()
    bold, large = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"bold": True, "font_size": 14})
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, safe_text(title), large)
    sheet.write_string(1, 0, safe_text(subtitle))
    for column, words in enumerate(head):
        sheet.write_string(2, column, safe_text(words), bold)
    for number, row in enumerate(rows, start=3):
        for column, value in enumerate(row):
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                sheet.write_number(number, column, value)
            elif value not in (None, ""):
                sheet.write_string(number, column, _text(value))
    sheet.freeze_panes(3, 1)
    sheet.repeat_rows(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    book.close()
    disposition = content_disposition_header(as_attachment=True, filename=f"{title}.xlsx")
    return HttpResponse(
        buffer.getvalue(), content_type=XLSX, headers={"Content-Disposition": disposition or "attachment"}
    )


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else safe_text(value)
