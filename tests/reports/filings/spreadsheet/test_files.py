"""Every workbook of `tests/fixtures/filings`: those that are read, with what is told, and those that are refused, with why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from institutions.models import Institution
from portal.trail.models import Event
from reports.filings.models import Draft, Filing
from reports.filings.spreadsheet.causes import REFUSALS
from reports.filings.spreadsheet.models import WorkbookUpload
from reports.rounds.models import Round
from tests.factories.filings import a_filing, fill
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.fixtures.filings.make import FILING, USCC
from tests.reports.filings.spreadsheet.books import compared, send
from tests.reports.filings.test_views_pages import address

HERE = Path(__file__).resolve().parents[3] / "fixtures" / "filings"
PASSING = sorted(path.stem for path in (HERE / "should_pass").glob("*.xlsx"))
FAILING = sorted(path.stem for path in (HERE / "should_fail").glob("*.xlsx"))
ONE = [("W101", "1,200", "1,300")]


@pytest.fixture
def filing(world: Province, round: Round) -> Filing:
    """The filing whose workbooks lie in the folder."""
    Institution.objects.filter(pk=world.a.pk).update(uscc=USCC)
    world.a.refresh_from_db()
    return fill(a_filing(round, world.a, public_id=FILING), world.filer_a, valid_cells(10))


@pytest.fixture
def english(clerk: Client) -> Client:
    clerk.cookies["django_language"] = "en"
    return clerk


def cells(filing: Filing) -> list[Any]:
    return list(
        Draft.objects.filter(filing=filing).order_by("table").values_list("table", "cells", "unread", "version")
    )


def content(folder: str, name: str) -> bytes:
    return (HERE / folder / f"{name}.xlsx").read_bytes()


# -- refused as a whole ---------------------------------------------------------------------------


def test_files_are_refused_each_with_its_own_reason_and_change_nothing(
    clerk: Client, filing: Filing
):  # X1, X11–X16, X38, X39
    before = cells(filing)
    found = {}
    for name in FAILING:
        response = send(clerk, filing, content("should_fail", name), "../../a.xlsx")
        upload = WorkbookUpload.objects.filter(filing=filing).latest("id")
        event = Event.objects.filter(verb="filing.workbook_uploaded").latest("id")
        assert (response.status_code, upload.content, upload.name, event.succeeded) == (422, None, "a.xlsx", False), (
            name
        )
        assert event.details["cause"] == upload.refusal["code"]
        found[name] = "-".join([upload.refusal["code"], *map(str, upload.refusal["values"].values())])
    expected = {name: name if name.startswith("foreign") else name.partition("-")[0] for name in FAILING}
    named = ("other_form", "other_institution", "other_round", "newer_format")
    assert {name: code for name, code in found.items() if name not in named} == {
        name: code for name, code in expected.items() if name not in named
    }
    assert [found[name].partition("-")[0] for name in named] == list(named)
    assert cells(filing) == before


def test_refusals_name_what_was_found(english: Client, filing: Filing):
    told = {}
    for name in ("other_institution", "other_round", "foreign-PNG", "newer_format"):
        told[name] = send(english, filing, content("should_fail", name)).context["refusal"]
    assert told == {
        "other_institution": "This is the workbook of 福州他家检测有限公司 (91350100MA2Y99999X), not of your institution. "
        "Nothing was read from it. Choose your own file.",
        "other_round": "This is the workbook of “2022年度统计调查”, another round. Nothing was read from it. Download the "
        "workbook of this round and copy your figures into it.",
        "foreign-PNG": "This is a file of the kind PNG, whatever its name says. Upload the .xlsx workbook downloaded from this page.",
        "newer_format": "The workbook was made by a newer version of the portal (form 99). Download it again from this page.",
    }


def test_every_refusal_has_a_chinese_sentence(clerk: Client, filing: Filing):
    with override("zh-hans"):
        told = {code: str(text) for code, text in REFUSALS.items()}
    assert [code for code, text in told.items() if not any("\u4e00" <= sign <= "\u9fff" for sign in text)] == []


def test_the_refused_file_is_told_again_when_the_page_is_opened(clerk: Client, filing: Filing):
    send(clerk, filing, content("should_fail", "macros"))
    page = clerk.get(address("workbook-upload", filing))
    assert (page.status_code, page.context["refusal"]) == (200, str(REFUSALS["macros"]))


# -- read -----------------------------------------------------------------------------------------


def told(page: Any) -> list[tuple[str, str, str]]:
    changes = [one for section in page.sections for one in section.own.changes]
    return [(one.item.code, one.before, one.after) for one in changes]


def test_files_are_read_and_change_nothing(clerk: Client, filing: Filing):
    before = cells(filing)
    read = {name: compared(clerk, filing, content("should_pass", name)).comparison.difference.read for name in PASSING}
    assert [name for name, count in read.items() if not count] == []
    assert cells(filing) == before


WHEREVER = (
    "one_figure", "moved_columns", "renamed_sheets", "other_columns", "hidden_lines", "copied_sheet", "phantom_lines",
    "shared_strings", "older_scheme", "formulas_computed",
)  # fmt: skip


def test_one_figure_is_found_wherever_it_stands(clerk: Client, filing: Filing):  # X3, X8, X9, X17, X37
    found = {}
    for name in WHEREVER:
        page = compared(clerk, filing, content("should_pass", name))
        difference = page.comparison.difference
        found[name] = (told(page), difference.unreadable, difference.added, difference.removed)
    assert found == dict.fromkeys(WHEREVER, (ONE, [], 0, 0))


@pytest.fixture
def notes_of(english: Client, filing: Filing) -> Callable[[str], list[str]]:
    """What is told about the file, in English; the tables that the fixtures leave out are not told again and again."""

    def notes(name: str) -> list[str]:
        found = compared(english, filing, content("should_pass", name)).comparison.difference.notes
        return [note for note in found if not note.startswith("No sheet of table ")]

    return notes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("untouched", []),
        ("other_columns", [
            "Sheet “JC01-2 检验检测场所”: columns that are not read: 内部编号.",
            "Sheet “JC05 检验检测业务情况”: columns that are not read: 我的备注.",
        ]),
        ("value_column_renamed", [
            "Sheet “JC05 检验检测业务情况”, line 7: there must be one column headed “代码” and one headed “本年”. Found: "
            "指标名称、代码、计量单位、2023年数据、折合万元、上年、增减%、指标解释. Nothing was read from the sheet.",
        ]),
        ("unknown_codes", [
            "Sheet “JC05 检验检测业务情况”: these codes are not items of the present scheme and were left out: "
            "W103A（'JC05 检验检测业务情况'!D11）、W999（'JC05 检验检测业务情况'!D66）.",
            "Sheet “JC05 检验检测业务情况”: the lines of these items are missing; they stay as they are on the site: W103.",
        ]),
        ("hidden_lines", [
            "Sheet “JC05 检验检测业务情况”: 2 hidden lines were read too.",
            "Sheet “JC01-2 检验检测场所” is hidden; it was read all the same.",
        ]),
        ("copied_sheet", ["Sheet “备份” repeats table JC05; only the first sheet was read."]),
        ("line_copied", ["Sheet “JC01-2 检验检测场所”, line 12 is a copy of another line; it counts as a new line."]),
        ("no_line_ids", [
            "Sheet “JC01-2 检验检测场所”: the hidden column that tells the lines apart is gone; lines were matched by what they hold.",
        ]),
        ("older_scheme", [
            "The workbook was made for another version of the scheme (检验检测服务业统计调查制度（2023年度，示例）). What both "
            "have in common was read; download a new one for the rest.",
        ]),
    ],
)  # fmt: skip
def test_what_was_read_and_what_not_is_told(notes_of: Callable[[str], list[str]], name: str, expected: list[str]):
    assert notes_of(name) == expected


def test_lines_without_ids_are_matched_by_what_they_hold(clerk: Client, filing: Filing):
    page = compared(clerk, filing, content("should_pass", "no_line_ids"))
    assert (told(page), page.comparison.difference.added, page.comparison.difference.removed) == (
        [("C107", "800", "820")],
        0,
        0,
    )


def test_a_copied_line_is_a_new_line(clerk: Client, filing: Filing):
    page = compared(clerk, filing, content("should_pass", "line_copied"))
    (section,) = page.sections
    assert [row.box for row in section.own.added] == ["JC01-2|+12"]
    assert section.own.changes == []


def unreadable(page: Any) -> list[tuple[str, str, str]]:
    return [(one.item.code, one.place.partition("!")[2], one.reason) for one in page.comparison.difference.unreadable]


def test_merged_cells_are_listed_cell_by_cell(english: Client, filing: Filing):  # X5
    page = compared(english, filing, content("should_pass", "merged"))
    words = "Merged cells (%s): one value cannot belong to several cells. Unmerge them and fill each."
    assert unreadable(page) == [
        ("C101", "C10", words % "C10:C11"),
        ("C101", "C11", words % "C10:C11"),
        ("W101", "D9", words % "D9:D10"),
        ("W102", "D10", words % "D9:D10"),
    ]
    assert told(page) == []


def test_a_formula_never_computed_is_refused_and_a_computed_one_says_so(english: Client, filing: Filing):  # X6
    page = compared(english, filing, content("should_pass", "formulas_never_computed"))
    assert unreadable(page) == [
        (
            "W101",
            "D9",
            "The formula =W102+W103 was never computed. Open the file in Excel or WPS and save it, or enter the value itself.",
        )
    ]
    page = compared(english, filing, content("should_pass", "formulas_computed"))
    assert page.sections[0].lines[0].first.hint == "Taken from the formula =W102+W103+100 as last computed."


def test_a_formula_that_gave_an_empty_text_is_a_blank_cell(english: Client, filing: Filing):  # X6
    page = compared(english, filing, content("should_pass", "formulas_with_empty_text"))
    assert [code for code, _place, _reason in unreadable(page)] == ["W103"]
    assert told(page) == [("W101", "1,200", "")]
    assert [len(section.own.added) for section in page.sections] == [0]


def test_errors_dates_truth_values_and_lost_digits_are_refused_each_with_its_reason(
    english: Client, filing: Filing
):  # X7, X24–X28
    page = compared(english, filing, content("should_pass", "errors_and_odd_cells"))
    found = {code: reason for code, _place, reason in unreadable(page)}
    assert list(found) == ["C102", "C103", "W101", "W102", "W103", "W201", "W202", "W211"]
    assert found["C102"].startswith("The spreadsheet made the date 2023-05-01 of what was typed.")
    assert found["C103"].startswith("The cell holds a number of more than 15 digits")
    assert found["W101"].startswith("The cell shows the error #N/A.")
    assert found["W102"] == "“壹仟” is written in words. Use the digits 0 to 9."
    assert found["W201"] == "“True” is a yes/no value; this item needs another kind."
    assert found["W202"].startswith("The spreadsheet made the date 2023-05-01 of what was typed.")
    assert told(page) == []
