"""What a check asks for is said in the same words on its card, in the help of an item and in the comments of the workbook."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from openpyxl.workbook import Workbook

from reports.filings.models import Filing
from reports.filings.spreadsheet.parts import MOST_COMMENT
from reports.schemes.definition import SchemeDefinition, TableDefinition
from reports.schemes.helptexts import cards
from tests.reports.filings.spreadsheet.books import book_of, download, sheet_of


def comments(book: Workbook, table: TableDefinition) -> Iterator[tuple[str, str]]:
    """(code, comment) of the items of a table that have one."""
    sheet = sheet_of(book, table.code)
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value not in table.by_code:
                continue
            beside = sheet.cell(7, cell.column) if table.repeating else sheet.cell(cell.row, 1)
            around = [*sheet[cell.row], *(sheet.cell(at, cell.column) for at in range(1, cell.row)), beside]
            found = next((one.comment.text for one in around if one.comment), None)
            if found is not None:
                yield str(cell.value), found


def lines(scheme: SchemeDefinition, code: str, *, repeating: bool) -> list[str]:
    item = scheme.indicator(code)
    own = [card.rule.text for card in cards(scheme.checks_of(code))]
    return [item.definition(), *own] if repeating and item.definition() else own


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_comments_and_help_are_the_words_of_the_cards(clerk: Client, filled: Filing, lang: str) -> None:
    clerk.cookies["django_language"] = lang
    book, scheme = book_of(download(clerk, filled)), filled.round.scheme.definition
    seen: dict[str, str] = {}
    with override(lang):
        for table in (scheme.table("JC01"), scheme.table("JC05"), scheme.table("JC05-1")):
            for code, text in comments(book, table):
                wanted = "\n".join(lines(scheme, code, repeating=table.repeating))
                assert len(wanted) <= MOST_COMMENT, code
                assert text == wanted, code
                seen[code] = text
        checked = {item.code for table in scheme.tables_of("annual") for item in table.indicators} & {
            code for check in scheme.checks for code in check.cells
        }
        assert {code for code in checked if code[0] == "W"} <= seen.keys()
        for code in ("A301", "W211", "D103"):
            page = clerk.get(reverse("schemes:indicator-help", args=[code])).content.decode()
            for card in cards(scheme.checks_of(code)):
                assert escape(card.rule.told) in page
                assert card.rule.text in seen[code]


def test_all_parts_of_a_check_share_one_card(filled: Filing) -> None:
    """The help shows one card for a check of several parts, a finding that of its own part."""
    for card in cards(filled.round.scheme.definition.checks):
        assert len({(one.help_zh, one.help_en, one.example, one.source) for one in card.checks}) == 1, card.code
