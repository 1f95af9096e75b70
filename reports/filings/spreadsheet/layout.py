"""What the writer and the reader of workbooks agree on. Nothing here imports Django."""

from __future__ import annotations

import unicodedata
from typing import Final

FORM: Final = "FILING"
#: Raised when a workbook of the version before can no longer be read.
FORMAT: Final = 1
#: The defined name that every workbook of the portal carries: "zhibao:<form>:<format>[:<credit code>]".
META_NAME: Final = "zhibao_template"
STAMP_SHEET, LISTS_SHEET = "zhibao_stamp", "zhibao_lists"
HIDDEN_SHEETS: Final = frozenset((STAMP_SHEET, LISTS_SHEET))
#: Empty lines that a repeating table offers below the filled ones.
SPARE_ROWS: Final = 20
AUTHOR: Final = "直报 Zhibao"

CODE, NAME, UNIT, VALUE, WAN, LAST, CHANGE, NOTES = "code", "name", "unit", "value", "wan", "last", "change", "notes"
ROW, NUMBER = "row", "number"
#: (Chinese, English) of every heading. A workbook is read by these words, whatever its order and language.
HEADINGS: Final = {
    NAME: ("指标名称", "Indicator"),
    CODE: ("代码", "Code"),
    UNIT: ("计量单位", "Unit"),
    VALUE: ("本年", "This year"),
    WAN: ("折合万元", "10,000 yuan"),
    LAST: ("上年", "Last year"),
    CHANGE: ("增减%", "Change %"),
    NOTES: ("指标解释", "Definition"),
    ROW: ("行标识", "Row id"),
    NUMBER: ("序号", "No."),
}


def plain(text: object) -> str:
    """A heading or code as it is compared: width, case, spaces, stars and line ends do not matter."""
    folded = unicodedata.normalize("NFKC", str(text)).casefold()
    return "".join(folded.split()).strip("*:")


ROLES: Final = {plain(word): role for role, words in HEADINGS.items() for word in words}


def letters(column: int) -> str:
    """1 → A, 27 → AA."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def reference(sheet: str, row: int, column: int) -> str:
    """As spreadsheet programs print it: JC05!D12, with quotes round a name that needs them."""
    bare = sheet.replace("-", "").replace("_", "").isalnum() and "-" not in sheet
    name = sheet if bare else "'{}'".format(sheet.replace("'", "''"))
    return f"{name}!{letters(column)}{row}"
