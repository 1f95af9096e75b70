"""The scheme as a workbook: one sheet for each sheet of the content, so that it can be edited and loaded again."""

# ruff: noqa: E501 -- sentences of the first sheet
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from portal.ui.spreadsheet import write_text

from .columns import SHEETS, Column, Sheet
from .content import digest_of, sheet_of

README, LISTS = "说明 Readme", "_lists"
#: The defined name that tells which version, with which content, the workbook was made from.
STAMP = "zhibao_scheme"
WIDE, NARROW = 48, 14
SPARE = 400  # lines below the last one that still have drop-downs
HEAD, NEEDED = PatternFill("solid", fgColor="E8EEF6"), PatternFill("solid", fgColor="D5E3F5")
WRAPPED = Alignment(wrap_text=True, vertical="top")
AUTHOR = "Zhibao"

GUIDE = (
    ("如何修改", "How to edit"),
    (
        "1. 每个工作表第一行是列名，请勿改动；把光标移到列名上可看到说明。列的次序可变。",
        "1. The first row of each sheet names the columns; leave it as it is. Point at a name to read what it means. Columns may be moved.",
    ),
    (
        "2. 深色列名必须填写。有下拉箭头的单元格请从列表中选。所有单元格都是文本，00、01之类的代码不会丢失前导零。",
        "2. Columns with a dark heading must be filled. Choose from the list where a cell has an arrow. All cells are text, so codes such as 00 keep their zeros.",
    ),
    (
        "3. 不要使用公式、合并单元格或宏；增删行即可增删表、指标、选项和审核关系。",
        "3. No formulas, merged cells or macros. Add and delete lines to add and delete tables, indicators, options and checks.",
    ),
    (
        "4. 指标改了代码的，在“renames”表写明原代码和新代码，上年数据即可接续；也可上传后在网页上对照。",
        "4. Where an indicator gets a new code, write the old and the new one on the sheet “renames”, and last year's values follow; this can be done on the site, too.",
    ),
    (
        "5. 存为.xlsx后在“调查制度”页上传。全部问题会一次列出，注明工作表和单元格；上传只形成草案，不影响已发布的版本。",
        "5. Save as .xlsx and upload it on the page “Schemes”. Everything that is wrong is listed at once, with sheet and cell. An upload makes a draft and touches no published version.",
    ),
)


def workbook_bytes(content: Mapping[str, Any]) -> bytes:
    """Every cell is text. A first sheet explains; "scheme" has one line, the others a heading and a line for each row."""
    book = Workbook()
    _readme(book)
    for name, sheet in SHEETS.items():
        rows = [content["scheme"]] if name == "scheme" else sheet_of(content, name)
        _write(book.create_sheet(name), sheet, rows)
    _drop_downs(book, content)
    head = content["scheme"]
    stamp = f"{head.get('code', '')}|{head.get('version', '')}|{digest_of(content)}"
    book.defined_names[STAMP] = DefinedName(STAMP, attr_text=f'"{stamp}"')
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _readme(book: Workbook) -> None:
    page = book.active
    assert page is not None
    page.title = README
    lines = [*GUIDE, ("", ""), ("工作表和列", "Sheets and columns"), *_described()]
    for row, (zh, en) in enumerate(lines, start=1):
        for column, text in enumerate((zh, en), start=1):
            cell = page.cell(row, column)
            assert isinstance(cell, Cell)  # nothing is merged on this page
            write_text(cell, text)
            cell.alignment = WRAPPED
            cell.font = Font(bold=row == 1 or text in ("工作表和列", "Sheets and columns"))
    page.column_dimensions["A"].width = page.column_dimensions["B"].width = 80
    page.freeze_panes = "A2"


def _described() -> Iterator[tuple[str, str]]:
    for sheet in SHEETS.values():
        yield f"【{sheet.name}】{sheet.zh}：{sheet.hint_zh}", f"[{sheet.name}] {sheet.en}: {sheet.hint_en}"
        for column in sheet.columns:
            yield f"　{column.name}　{_words(column, 'zh')}", f"  {column.name}  {_words(column, 'en')}"


def _words(column: Column, lang: str) -> str:
    if lang == "zh":
        return "；".join(filter(None, (column.zh, column.hint_zh, "必填" if column.needed else "")))
    return "; ".join(filter(None, (column.en, column.hint_en, "needed" if column.needed else "")))


def _write(page: Any, sheet: Sheet, rows: Sequence[Mapping[str, Any]]) -> None:
    for at, column in enumerate(sheet.columns, start=1):
        cell = page.cell(1, at)
        write_text(cell, column.name)
        cell.font, cell.fill = Font(bold=True), NEEDED if column.needed else HEAD
        cell.comment = Comment(f"{_words(column, 'zh')}\n{_words(column, 'en')}", AUTHOR, width=320, height=90)
        longest = max((len(str(row.get(column.name, ""))) for row in rows), default=0)
        dimension = page.column_dimensions[get_column_letter(at)]
        dimension.width = WIDE if longest > NARROW * 2 else NARROW
        dimension.number_format = "@"
    for number, row in enumerate(rows, start=2):
        for at, column in enumerate(sheet.columns, start=1):
            if row.get(column.name) not in (None, ""):
                cell = page.cell(number, at)
                write_text(cell, row[column.name])
                cell.number_format = "@"
    page.freeze_panes = sheet.frozen
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{max(len(rows), 1) + 1}"


def _drop_downs(book: Workbook, content: Mapping[str, Any]) -> None:
    """Choices stand in a hidden sheet; those of another sheet are its own cells, so that what is added there is offered."""
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    at = 0
    for name, sheet in SHEETS.items():
        lines = len(sheet_of(content, name)) + 1 + SPARE
        for place, column in enumerate(sheet.columns, start=1):
            if column.source == ("options", "list") or column.choices:
                own = column.choices or tuple(dict.fromkeys(row.get("list", "") for row in content.get("options", ())))
                at += 1
                for row, choice in enumerate(own, start=1):
                    write_text(lists.cell(row, at), choice)
                letter = get_column_letter(at)
                formula = f"{LISTS}!${letter}$1:${letter}${max(len(own), 1)}"
            elif column.source:
                formula = _range_of(*column.source, content)
            else:
                continue
            rule = DataValidation("list", formula1=formula, allow_blank=True, showErrorMessage=column.strict)
            rule.errorTitle, rule.error = "不在列表中 Not in the list", "请从列表中选择。Choose from the list."
            letter = get_column_letter(place)
            rule.add(f"{letter}2:{letter}{lines}")
            book[name].add_data_validation(rule)


def _range_of(sheet: str, column: str, content: Mapping[str, Any]) -> str:
    place = [one.name for one in SHEETS[sheet].columns].index(column) + 1
    letter = get_column_letter(place)
    return f"{sheet}!${letter}$2:${letter}${len(content.get(sheet, ())) + 1 + SPARE}"


def content_from_workbook(file: IO[bytes] | Path | str) -> dict[str, Any]:
    """The content of a workbook of our own making; what strangers send goes through `arriving.read_file`."""
    book = load_workbook(file, read_only=True, data_only=True)
    try:
        content: dict[str, Any] = {name: _read(book[name]) for name in SHEETS if name in book.sheetnames}
    finally:
        book.close()
    head = content.pop("scheme", [{}])
    if not content.get("renames"):
        content.pop("renames", None)
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
