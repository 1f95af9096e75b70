"""What the workbook to fill in says of the certificate, which rows of some institutions have to name."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.utils.translation import override

from reports.filings.models import Filing
from reports.numbers.template_book import template_book
from tests.factories.filings import fresh
from tests.factories.institutions import Province, a_certificate
from tests.reports.numbers.conftest import CERTIFICATE, lines, send

SECOND = "221300000009"


def book_of(filing: Filing) -> Any:
    with override("en"):
        return openpyxl.load_workbook(io.BytesIO(template_book(fresh(filing))))


def about_certificate(book: Any) -> str:
    [words] = [row[1].value for row in book["How to fill it in"].iter_rows() if str(row[0].value).startswith("C ")]
    return words


def test_an_institution_of_several_certificates_is_told_that_a_row_has_to_name_one(
    filing: Filing, world: Province
) -> None:
    a_certificate(world.a, number=SECOND)
    book = book_of(filing)
    assert about_certificate(book).startswith(
        f"Required, as your institution has several certificates: {CERTIFICATE}、{SECOND}. Rows without one are refused. "
    )
    [choice] = [rule for rule in book.worksheets[0].data_validations.dataValidation if str(rule.sqref).startswith("C2")]
    assert (choice.formula1, choice.error) == ("lists!$A$1:$A$2", "Choose one of the list.")
    headings = book.worksheets[0][1]
    assert headings[2].font.color.rgb == headings[0].font.color.rgb
    batch = send(filing, lines("FJ-1"), world.filer_a)
    assert batch.causes == {"certificate_missing": 1}


@pytest.mark.parametrize("held", [0, 1])
def test_others_are_told_what_a_blank_certificate_stands_for(filing: Filing, world: Province, held: int) -> None:
    if not held:
        world.a.certificates.all().delete()
    book = book_of(filing)
    told = (
        f"then it is {CERTIFICATE}, the only certificate"
        if held
        else "no certificate of your institution is registered"
    )
    assert about_certificate(book).startswith("May be left blank: ")
    assert told in about_certificate(book)
    batch = send(filing, lines("FJ-1"), world.filer_a)
    assert (batch.stored, batch.causes) == (1, {})
