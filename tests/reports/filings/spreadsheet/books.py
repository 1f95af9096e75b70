"""Workbooks as people change them between download and upload."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl.workbook import Workbook

from reports.filings.models import Filing
from tests.reports.filings.test_views_pages import address

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(client: Client, filing: Filing) -> bytes:
    response = client.get(address("workbook-download", filing))
    assert response.status_code == 200
    return response.content


def book_of(content: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(content))


def bytes_of(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def changed(content: bytes, *changes: Callable[[Workbook], object]) -> bytes:
    book = book_of(content)
    for change in changes:
        change(book)
    return bytes_of(book)


def sheet_of(book: Workbook, table: str) -> Any:
    return next(sheet for sheet in book.worksheets if sheet.title.split(" ")[0] == table)


def place_of(book: Workbook, code: str, line: int = 1) -> Any:
    """The input cell of an indicator; in a repeating table that of the line below the headings."""
    for sheet in book.worksheets:
        if sheet.title.startswith("zhibao_"):
            continue
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value != code:
                    continue
                if cell.column == 2 and sheet.cell(7, 2).value in ("代码", "Code"):
                    return sheet.cell(cell.row, 4)
                if cell.row == 9:
                    return sheet.cell(9 + line, cell.column)
    raise LookupError(code)


def typed(code: str, value: Any, line: int = 1) -> Callable[[Workbook], object]:
    def change(book: Workbook) -> None:
        place_of(book, code, line).value = value

    return change


def send(client: Client, filing: Filing, content: bytes, name: str = "填好.xlsx") -> HttpResponse:
    """The answer to the upload itself."""
    return client.post(address("workbook-upload", filing), {"file": SimpleUploadedFile(name, content, XLSX)})


def compared(client: Client, filing: Filing, content: bytes) -> Any:
    """The difference that the page shows after the upload."""
    response = send(client, filing, content)
    assert response.status_code == 302, response.content.decode()[-3000:]
    page = client.get(response["Location"])
    assert page.status_code == 200
    return page.context["page"]


def boxes(page: Any) -> list[str]:
    """Every tick box of the page, in order."""
    found: list[str] = []
    for section in page.sections:
        found += [line.box for line in section.lines]
        found += [row.box for row in (*section.own.added, *section.own.removed)]
    return found


def apply(client: Client, filing: Filing, page: Any, chosen: list[str] | None = None) -> HttpResponse:
    return client.post(
        address("workbook-apply", filing),
        {
            "upload": str(page.comparison.upload.pk),
            "seen": page.seen,
            "box": boxes(page) if chosen is None else chosen,
        },
    )
