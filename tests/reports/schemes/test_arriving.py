"""Workbooks that people send: what is read, what is told with its cell, what is refused as a file."""

import datetime as dt
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName

from reports.schemes import causes
from reports.schemes.anchors import ANCHORS
from reports.schemes.arriving import FileRefused, read_file
from reports.schemes.columns import SHEETS
from reports.schemes.content import DATA, bundled, content_from_folder
from reports.schemes.definition import SchemeDefinition
from reports.schemes.workbook import README, workbook_bytes

CONTENT = content_from_folder(DATA / "jc2023")
MADE = workbook_bytes(CONTENT)


def sent(tmp_path: Path, change: Callable[[Workbook], Any] = lambda book: None) -> Path:
    book = load_workbook(BytesIO(MADE))
    change(book)
    path = tmp_path / "x"
    book.save(path)
    return path


def told(found: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(one["code"], one["sheet"], one["cell"]) for one in found]


def test_what_was_downloaded_is_read_back_the_same(tmp_path: Path) -> None:
    arrived = read_file(sent(tmp_path))
    assert (arrived.faults, arrived.notes) == ([], [])
    assert SchemeDefinition.from_content(arrived.content) == SchemeDefinition.from_content(CONTENT)
    assert arrived.stamp.startswith("jc2023|1|")
    assert causes.faults_of(arrived.content, arrived.places) == []


def test_the_workbook_helps_whoever_edits_it() -> None:
    book = load_workbook(BytesIO(MADE))
    assert book.sheetnames[0] == README
    page = book["indicators"]
    assert page.freeze_panes == "C2"
    assert page["A2"].number_format == "@"
    assert page["B1"].comment is not None
    assert "指标代码" in page["B1"].comment.text
    lists = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation}
    assert lists["A2:A702"] == "tables!$A$2:$A$413"
    assert book["_lists"].sheet_state == "hidden"


def test_an_indicator_that_the_portal_reads_stays_in_its_table() -> None:
    moved = [{**row, "table": "JC05"} if row["code"] == "A301" else row for row in CONTENT["indicators"]]
    found = causes.faults_of({**CONTENT, "indicators": moved}, {})
    assert [(one.code, one.column) for one in found if "JC01" in one.message] == [("A301", "table")]


def test_every_cell_that_cannot_be_read_is_told_at_once(tmp_path: Path) -> None:
    def spoil(book: Workbook) -> None:
        page = book["indicators"]
        page["C3"] = "=1+1"
        page["C4"] = dt.date(2024, 1, 2)
        page["C5"] = 12345678901234567
        page["C6"] = "#N/A"
        page["C6"].data_type = "e"
        page["C7"] = "长" * 4001
        book["checks"].merge_cells("C5:C6")
        book["scheme"]["A3"] = "jc2025"
        page.row_dimensions[9].hidden = True
        page.cell(1, 18, "note")
        book.create_sheet("草稿")["A1"] = "x"

    arrived = read_file(sent(tmp_path, spoil))
    assert told(arrived.faults) == [
        ("one_line", "scheme", "A3"),
        ("formula", "indicators", "C3"),
        ("date", "indicators", "C4"),
        ("digits", "indicators", "C5"),
        ("error", "indicators", "C6"),
        ("long", "indicators", "C7"),
        ("merged", "checks", "C5"),
    ]
    assert told(arrived.notes) == [
        ("sheet_unread", "草稿", ""),
        ("column_unread", "indicators", "R1"),
        ("hidden", "indicators", ""),
    ]
    for lang in ("zh-hans", "en"):
        with override(lang):
            words = [one.message for one in causes.told_words(arrived.faults, causes.FAULTS)]
            assert "%(" not in "".join(words)
            assert len(set(words)) == 7


def test_what_does_not_fit_is_told_with_sheet_and_cell_in_both_languages(tmp_path: Path) -> None:
    def spoil(book: Workbook) -> None:
        page = book["indicators"]
        page["F5"] = "number"
        page["C6"] = None
        page.insert_rows(8)  # blank lines do not move what is told
        page["A10"] = "JC99"
        book["checks"]["H3"] = "A101 >"
        book["options"]["B4"] = book["options"]["B3"].value

    arrived = read_file(sent(tmp_path, spoil))
    assert arrived.faults == []
    with override("en"):
        found = causes.faults_of(arrived.content, arrived.places)
        assert {(one.sheet, one.cell, one.column) for one in found} >= {
            ("indicators", "F5", "dtype"),
            ("indicators", "C6", "name_zh"),
            ("indicators", "A10", "table"),
            ("checks", "H3", "expression"),
            ("options", "B4", "code"),
        }
        assert next(one for one in found if one.cell == "F5").message == "The type “number” is not known."
    with override("zh-hans"):
        here = next(one for one in causes.faults_of(arrived.content, arrived.places) if one.cell == "F5")
        assert (here.sheet_label, here.column_label) == ("指标", "数据类型")
        assert here.message == "没有“number”类型。"


def test_a_missing_sheet_or_column_is_told_once(tmp_path: Path) -> None:
    def spoil(book: Workbook) -> None:
        del book["units"]
        book["options"].delete_cols(4)
        book["regions"].delete_rows(1, 200)

    arrived = read_file(sent(tmp_path, spoil))
    assert told(arrived.faults) == [
        ("sheet_missing", "units", ""),
        ("column_missing", "options", ""),
        ("no_headings", "regions", ""),
    ]
    assert [one for one in causes.faults_of(arrived.content, arrived.places) if one.sheet in ("units", "options")] == []


def test_columns_are_found_by_name_and_numbers_are_codes(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        page = book["units"]
        page.insert_cols(1)
        page["A1"], page["A2"] = "my note", "x"
        book["scheme"]["C2"] = 2024
        book["tables"]["C3"] = True

    arrived = read_file(sent(tmp_path, change))
    assert arrived.faults == []
    assert arrived.content["units"] == CONTENT["units"]
    assert arrived.content["scheme"]["year"] == "2024"
    assert arrived.content["tables"][1]["repeating"] == "1"


def _zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return path


def _plain(book: Workbook, path: Path) -> Path:
    book.save(path)
    return path


BOMB = {"[Content_Types].xml": b"<x/>", "xl__workbook.xml": b"<x/>", "xl__worksheets__sheet1.xml": b" " * 40_000_000}
ENTITY = {"[Content_Types].xml": b"<x/>", "xl__workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda path: _written(path, b""), "empty"),
        (lambda path: _written(path, bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)), "xls"),
        (
            lambda path: _written(
                path, bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600) + "EncryptedPackage".encode("utf-16-le")
            ),
            "encrypted",
        ),
        (lambda path: _written(path, b"%PDF-1.7 ..."), "foreign"),
        (lambda path: _written(path, b"code,version\n"), "foreign"),
        (lambda path: _written(path, MADE[:-3000]), "truncated"),
        (lambda path: _zip(path, **BOMB), "bomb"),
        (lambda path: _zip(path, **ENTITY), "entities"),
        (lambda path: _zip(path, **{"[Content_Types].xml": b"<x/>", "xl__workbook.xml": b"<x/>"}), "damaged"),
        (lambda path: _plain(Workbook(), path), "no_sheets"),
    ],
)  # fmt: skip
def test_each_wrong_file_has_its_own_answer(tmp_path: Path, make: Callable[[Path], Path], cause: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_file(make(tmp_path / "jc2024.xlsx"))
    assert refused.value.told["code"] == cause
    for lang in ("zh-hans", "en"):
        with override(lang):
            assert "%(" not in causes.refusal(refused.value.told)


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_the_workbook_of_a_filing_is_named_as_such(tmp_path: Path) -> None:
    book = Workbook()
    book.defined_names["zhibao_template"] = DefinedName("zhibao_template", attr_text='"x"')
    with pytest.raises(FileRefused) as refused:
        read_file(_plain(book, tmp_path / "x"))
    assert refused.value.told["code"] == "filing"


def test_the_indicators_that_the_portal_reads_are_in_the_scheme() -> None:
    assert set(ANCHORS) <= set(bundled().indicator_by_code)
    less = {**CONTENT, "indicators": [row for row in CONTENT["indicators"] if row["code"] != "W511"]}
    with override("en"):
        assert any("W511" in one.message and "portal itself" in one.message for one in causes.faults_of(less, {}))


def test_every_column_of_the_content_is_in_the_workbook() -> None:
    for name, sheet in SHEETS.items():
        rows = [CONTENT["scheme"]] if name == "scheme" else CONTENT.get(name, [])
        assert {key for row in rows for key in row} <= {column.name for column in sheet.columns}
