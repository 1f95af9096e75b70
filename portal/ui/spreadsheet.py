"""Text that is safe to put in a cell of a workbook or a csv file.

A cell that begins with one of = + - @, a tab or a line end is run as a formula by spreadsheet programs, and some
read the full-width signs the same way. Such text is kept, but as text.
"""

from decimal import Decimal
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell

MARKS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST = 32_767  # characters a cell can hold; openpyxl cuts silently, Excel refuses the file


def _printable(value: str) -> str:
    """`value` without the characters XML cannot carry: control characters, lone surrogates, U+FFFE and U+FFFF."""
    kept = ILLEGAL_CHARACTERS_RE.sub("", value)
    return "".join(c for c in kept if not ("\ud800" <= c <= "\udfff" or c in "\ufffe\uffff"))


def safe_text(value: object) -> str:
    """Text for a string cell: printable, at most 32,767 characters, otherwise as it was typed.

    Only safe in a cell whose type is string: write it with `write_text`, or with XlsxWriter's `write_string`.
    For csv, where a cell has no type, use `csv_text`.
    """
    return _printable(str(value))[:LONGEST]


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet program might run the text, also after leading spaces or NULs it throws away."""
    return text.lstrip(" \u3000\xa0\x00").startswith(MARKS) or text.startswith(MARKS)


def write_text(cell: Cell, value: object) -> None:
    """Put text in an openpyxl cell as text. openpyxl itself would turn "=1+1" into a formula and "#N/A" into an error."""
    text = safe_text(value)
    cell.value = text
    if text:
        cell.data_type = "s"
    if looks_like_formula(text):
        cell.quotePrefix = True  # Excel keeps it as text when somebody edits the cell


def csv_text(value: Any) -> str:
    """Text for a csv cell: what looks like a formula gets an apostrophe in front. A number, even −5, stays a number."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    text = safe_text(value)
    return f"'{text}" if looks_like_formula(text) else text
