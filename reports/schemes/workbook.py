"""The scheme as a workbook: one sheet for each sheet of the content, so that it can be edited and loaded again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from portal.ui.spreadsheet import write_text

# The columns in the order a person reads them: JSON in the database keeps none.
COLUMNS = {
    "scheme": "code version year title_zh title_en",
    "tables": "code kind repeating name_zh name_en applies_when form_number_zh form_number_en made_by_zh made_by_en "
    "approved_by_zh approved_by_en approval_number_zh approval_number_en valid_until_zh valid_until_en",
    "units": "unit name_en",
    "indicators": "table code name_zh name_en unit dtype required visible_when group_zh group_en options min max formula "
    "definition_zh definition_en source",
    "options": "list code label_zh label_en maps source",
    "checks": "code part severity table per_row each when expression cells shows fix message_zh message_en help_zh "
    "help_en example source",
    "regions": "code name_zh name_en level from_year to_year successor",
}
WIDE, NARROW = 48, 14


def workbook_bytes(content: Mapping[str, Any]) -> bytes:
    """Every cell is text. The sheet "scheme" has one line; the others a heading and a line for each row."""
    book = Workbook()
    del book["Sheet"]
    for name, columns in COLUMNS.items():
        rows = [content["scheme"]] if name == "scheme" else content[name]
        _write(book.create_sheet(name), columns.split(), rows)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _write(sheet: Any, columns: list[str], rows: Sequence[Mapping[str, Any]]) -> None:
    for at, column in enumerate(columns, start=1):
        write_text(sheet.cell(1, at), column)
        sheet.cell(1, at).font = Font(bold=True)
        longest = max((len(str(row.get(column, ""))) for row in rows), default=0)
        sheet.column_dimensions[get_column_letter(at)].width = WIDE if longest > NARROW * 2 else NARROW
    for number, row in enumerate(rows, start=2):
        for at, column in enumerate(columns, start=1):
            if row.get(column) not in (None, ""):
                write_text(sheet.cell(number, at), row[column])
    sheet.freeze_panes = "B2"


def content_from_workbook(file: IO[bytes] | Path | str) -> dict[str, Any]:
    """The content of a scheme workbook. Missing sheets and columns show as problems when it is built."""
    book = load_workbook(file, read_only=True, data_only=True)
    try:
        content: dict[str, Any] = {name: _read(book[name]) for name in COLUMNS if name in book.sheetnames}
    finally:
        book.close()
    head = content.pop("scheme", [{}])
    return {"scheme": head[0] if head else {}, **content}


def _read(sheet: Any) -> list[dict[str, str]]:
    lines = sheet.iter_rows(values_only=True)
    columns = [str(value or "").strip() for value in next(lines, ())]
    rows = []
    for line in lines:
        row = {column: _text(value) for column, value in zip(columns, line, strict=False) if column}
        if any(row.values()):
            rows.append(row)
    return rows


def _text(value: Any) -> str:
    """Excel turns a code typed as 10 into a number; it comes back as "10"."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()
