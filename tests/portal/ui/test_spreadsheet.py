import csv
import io
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from portal.ui.spreadsheet import LONGEST, csv_text, looks_like_formula, safe_text, write_text

FORMULAS = [
    "=cmd|'/c calc'!A1",
    "+86 591",
    "-x",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "  =1+1",
    "　=1",
]


def written_and_read(value):
    book = Workbook()
    write_text(book.active["A1"], value)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return load_workbook(stream).active["A1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_formula_is_written_as_text_and_kept(text):
    cell = written_and_read(text)
    assert cell.data_type == "s"
    assert cell.value.replace("\r", "\n").replace("_x000D_", "\n") == text.replace("\r", "\n")
    assert cell.quotePrefix


@pytest.mark.parametrize("text", ["#N/A", "#DIV/0!", "福州榕江检测技术有限公司", "1,234", "A=1"])
def test_ordinary_text_is_written_as_it_is(text):
    cell = written_and_read(text)
    assert (cell.data_type, cell.value, bool(cell.quotePrefix)) == ("s", text, False)


def test_characters_a_workbook_cannot_carry_are_taken_out():
    assert safe_text("bell\x07nul\x00esc\x1b tail\ud800\ufffe\uffff中") == "bellnulesc tail中"
    assert written_and_read("\x07=1").value == "=1"


def test_text_longer_than_a_cell_is_cut_to_what_fits():
    assert safe_text("一" * (LONGEST + 5)) == "一" * LONGEST


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_cell_gets_an_apostrophe(text):
    assert looks_like_formula(text)
    stream = io.StringIO()
    csv.writer(stream).writerow([csv_text(text)])
    assert next(csv.reader(io.StringIO(stream.getvalue(), newline=""))) == [f"'{text}"]


@pytest.mark.parametrize(("number", "shown"), [(-5, "-5"), (Decimal("-0.50"), "-0.50")])
def test_negative_number_in_csv_stays_a_number(number, shown):
    assert csv_text(number) == shown
