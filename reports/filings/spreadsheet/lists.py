"""Drop-down lists, in a very hidden sheet, and what a cell says when it is entered."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from portal.ui.spreadsheet import write_text
from reports.filings.spreadsheet.layout import LISTS_SHEET, letters
from reports.schemes.definition import Indicator
from reports.schemes.values import show_value

PROMPT, PROMPT_TITLE = 250, 30  # characters a program shows


class Lists:
    """One column of the hidden sheet and one defined name for each list of options, however many cells use it."""

    def __init__(self, book: Workbook) -> None:
        self._sheet = book.create_sheet(LISTS_SHEET)
        self._sheet.sheet_state = "veryHidden"
        self._book = book
        self._names: dict[tuple[str, ...], str] = {}

    def name_of(self, item: Indicator) -> str:
        words = _choices(item)
        if words not in self._names:
            column = len(self._names) + 1
            name = f"zb_{re.sub('[^A-Za-z0-9]', '_', item.list_name or item.code)}_{column}"
            for row, word in enumerate(words, start=1):
                write_text(self._sheet.cell(row, column), word)
            place = f"{LISTS_SHEET}!${letters(column)}$1:${letters(column)}${len(words)}"
            self._book.defined_names[name] = DefinedName(name, attr_text=place, hidden=True)
            self._names[words] = name
        return self._names[words]


def _choices(item: Indicator) -> tuple[str, ...]:
    codes = ("1", "0") if item.dtype == "bool" else tuple(option.code for option in item.options)
    return tuple(show_value(item, code) for code in codes)


def validation(item: Indicator, lists: Lists) -> DataValidation:
    """The rule of the item's cells. It warns and lets pass: what is wrong is told on the site, with its reason."""
    rule = DataValidation(allow_blank=True, showInputMessage=True, errorStyle="warning")
    rule.promptTitle = _cut(f"{item.code} {item.name()}", PROMPT_TITLE)
    rule.prompt = _cut(prompt_of(item), PROMPT)
    if item.dtype == "bool" or (item.dtype == "enum" and item.options):
        rule.type, rule.formula1 = "list", lists.name_of(item)
        _warn(rule, _("Choose one of the list."))
    elif item.dtype in ("int", "decimal") and item.minimum is not None and item.maximum is not None:
        rule.type, rule.operator = ("whole" if item.dtype == "int" else "decimal"), "between"
        rule.formula1, rule.formula2 = str(item.minimum), str(item.maximum)
        _warn(rule, _("A number is expected here, in %(unit)s.") % {"unit": item.unit_name() or _("units")})
    return rule


def _warn(rule: DataValidation, words: str) -> None:
    rule.showErrorMessage, rule.errorTitle, rule.error = True, rule.promptTitle, words


def prompt_of(item: Indicator) -> str:
    parts = [item.definition()]
    if item.dtype == "multi":
        options = _("Enter codes with commas between them: %(options)s")
        parts.append(options % {"options": "；".join(show_value(item, option.code) for option in item.options)})
    elif item.dtype == "date":
        parts.append(_("Enter it as %(example)s.") % {"example": "2023-05-17"})
    elif item.dtype == "yyyymm":
        parts.append(_("Enter it as %(example)s.") % {"example": "2023-05"})
    return "\n".join(filter(None, parts))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def add(sheet: Any, rule: DataValidation, places: str) -> None:
    rule.add(places)
    sheet.add_data_validation(rule)
