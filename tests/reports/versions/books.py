"""Scheme workbooks as somebody edits them in a spreadsheet program."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook


def edited(made: bytes, change: Callable[[Workbook], Any] = lambda book: None) -> bytes:
    book = load_workbook(BytesIO(made))
    change(book)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def column(page: Any, name: str) -> int:
    return next(cell.column for cell in page[1] if cell.value == name)


def line(page: Any, code: str, key: str = "code") -> int:
    """The line whose column `key` holds the code."""
    at = column(page, key)
    return next(row for row in range(2, page.max_row + 1) if page.cell(row, at).value == code)


def put(page: Any, code: str, name: str, value: str) -> str:
    """Type over one cell; its address."""
    cell = page.cell(line(page, code), column(page, name))
    cell.value = value
    return str(cell.coordinate)


def a_file(content: bytes, name: str = "制度.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
