"""Limits, clearing away, the marked copy, and who may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils.translation import override
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from institutions.models import Membership
from reports.filings.models import Draft, Filing
from reports.filings.spreadsheet import actions
from reports.filings.spreadsheet.models import WorkbookUpload
from reports.filings.spreadsheet.tasks import clear
from reports.schemes.content import bundled
from reports.schemes.helptexts import rule_card
from tests.factories.filings import a_filing, open_round, submitted_filing
from tests.factories.institutions import Province
from tests.reports.filings.spreadsheet.books import changed, compared, download, place_of, send, sheet_of, typed
from tests.reports.filings.test_views_pages import address


def files_in(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_upload_keeps_the_file_under_a_generated_name(clerk: Client, filled: Filing, settings: Any):  # X30
    assert send(clerk, filled, download(clerk, filled), '../../报告"1"🙂.xlsx').status_code == 302
    assert WorkbookUpload.objects.get().name == '报告"1"🙂.xlsx'
    (kept,) = files_in(settings)
    assert (kept.suffix, kept.parent) == (
        ".upload",
        Path(settings.MEDIA_ROOT) / "workbooks" / str(filled.institution_id),
    )


@pytest.mark.parametrize("page", ["workbook-download", "workbook-marked"])
def test_files_are_served_as_downloads_that_run_nothing(clerk: Client, filled: Filing, page: str):
    compared(clerk, filled, download(clerk, filled))
    response = clerk.get(address(page, filled))
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_upload_larger_than_allowed_is_refused_and_leaves_nothing(clerk: Client, filled: Filing, settings: Any):  # X19
    content = download(clerk, filled)
    settings.WORKBOOK_FILE_MB = 0
    response = send(clerk, filled, content)
    assert (response.status_code, WorkbookUpload.objects.count(), files_in(settings)) == (422, 0, [])
    assert "0MB" in response.context["refusal"] or "0 MB" in response.context["refusal"]


def test_upload_over_the_quota_is_refused_and_others_are_not_touched(
    world: Province, clerk: Client, filled: Filing, acting: Callable[[Membership], Client], settings: Any
):
    content = download(clerk, filled)
    compared(clerk, filled, content)
    settings.WORKBOOK_QUOTA_MB = 0
    before = files_in(settings)
    response = send(clerk, filled, content)
    assert (response.status_code, WorkbookUpload.objects.count(), files_in(settings)) == (422, 1, before)
    settings.WORKBOOK_QUOTA_MB = 1
    other = a_filing(filled.round, world.b)
    theirs = acting(world.filer_b)
    assert send(theirs, other, download(theirs, other)).status_code == 302


def test_only_the_last_files_of_a_filing_are_kept(
    clerk: Client,
    filled: Filing,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
):
    monkeypatch.setattr(actions, "KEPT", 2)
    content = download(clerk, filled)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            send(clerk, filled, content)
    assert len(files_in(settings)) == 2
    assert [upload.stored_as == "" for upload in WorkbookUpload.objects.order_by("id")] == [True, False, False]


def test_a_file_that_needs_more_memory_than_allowed_is_refused(clerk: Client, filled: Filing, settings: Any):
    content = download(clerk, filled)
    settings.WORKBOOK_CHILD_MB = 30
    assert send(clerk, filled, content).status_code == 422
    assert WorkbookUpload.objects.get().refusal["code"] == "heavy"


def test_clearing_removes_old_files_and_keeps_that_they_were_sent(
    clerk: Client, filled: Filing, settings: Any, django_capture_on_commit_callbacks: Any
):
    compared(clerk, filled, download(clerk, filled))
    clear()
    assert len(files_in(settings)) == 1
    old = WorkbookUpload.objects.latest("id").at - dt.timedelta(days=settings.WORKBOOK_DAYS, minutes=1)
    WorkbookUpload.objects.update(at=old)
    with django_capture_on_commit_callbacks(execute=True):
        clear()
        clear()
    upload = WorkbookUpload.objects.get()
    assert (files_in(settings), upload.stored_as, upload.content) == ([], "", None)
    assert clerk.get(address("workbook-upload", filled)).context["page"] is None
    assert clerk.get(address("workbook-marked", filled)).status_code == 422


# -- the marked copy ------------------------------------------------------------------------------


def marked(client: Client, filing: Filing) -> Any:
    response = client.get(address("workbook-marked", filing))
    assert response.status_code == 200
    return openpyxl.load_workbook(BytesIO(response.content))


def test_the_persons_own_file_comes_back_with_what_is_wrong_as_comments(clerk: Client, filled: Filing):
    def dress(book: Any) -> None:
        cell = place_of(book, "W102")
        cell.fill = PatternFill("solid", fgColor="FF00FF00")
        cell.comment = Comment("财务王姐核对", "王")
        book.create_sheet("我的底稿")["B2"] = "=SUM(1,2)"

    clerk.cookies["django_language"] = "en"
    content = changed(download(clerk, filled), typed("W102", "七百"), typed("W101", 1300), typed("W201", 999), dress)
    compared(clerk, filled, content)
    book = marked(clerk, filled)
    ours, _line, theirs = place_of(book, "W102").comment.text.partition("\n———\n")
    first, second, third, rule = ours.split("\n")
    assert (first, theirs) == ("Result of the check:", "财务王姐核对")
    assert second == "W102 Of which: owned: “七百” is written in words. Use the digits 0 to 9."
    assert third.startswith("K082 must be corrected: ")
    with override("en"):  # the words of help and of the findings beside the table
        assert rule == rule_card(bundled().check_by_key["K082"]).text
    assert "K070 must be corrected" in place_of(book, "W201").comment.text
    assert (place_of(book, "W102").fill.fgColor.rgb, place_of(book, "W102").value) == ("FF00FF00", "七百")
    assert book["我的底稿"]["B2"].value == "=SUM(1,2)"
    assert place_of(book, "W501").comment is None


def test_the_marked_copy_can_be_mended_and_sent_again(clerk: Client, filled: Filing):
    compared(clerk, filled, changed(download(clerk, filled), typed("W102", "七百")))
    response = clerk.get(address("workbook-marked", filled))
    again = changed(response.content, typed("W102", 690), typed("W103", 510))
    page = compared(clerk, filled, again)
    assert [one.box for section in page.sections for one in section.lines] == ["JC05|W102", "JC05|W103"]
    assert page.comparison.difference.unreadable == []
    assert place_of(marked(clerk, filled), "W102").comment is None  # the earlier mark is gone


# -- who may --------------------------------------------------------------------------------------


def test_a_submitted_filing_can_be_downloaded_but_not_uploaded(world: Province, clerk: Client):
    sent = submitted_filing(open_round(world), world.a)
    content = download(clerk, sent)
    before = list(Draft.objects.values_list("table", "cells"))
    assert send(clerk, sent, content).status_code == 403
    assert (WorkbookUpload.objects.count(), list(Draft.objects.values_list("table", "cells"))) == (0, before)
    assert "disabled" in clerk.get(address("workbook-upload", sent)).content.decode()


def test_a_county_reviewer_has_no_workbook(world: Province, filled: Filing, acting: Callable[[Membership], Client]):
    reviewer = acting(world.gulou_reviewer)
    assert reviewer.get(address("workbook-download", filled)).status_code == 403


# -- the workbook itself --------------------------------------------------------------------------


def test_the_workbook_is_protected_stamped_and_set_up_for_print(clerk: Client, filled: Filing):
    book = openpyxl.load_workbook(BytesIO(download(clerk, filled)))
    states = {sheet.title.split(" ")[0]: sheet.sheet_state for sheet in book.worksheets}
    assert states == {
        "填写说明": "visible", "JC01": "visible", "JC01-1": "visible", "JC01-2": "visible", "JC02": "visible",
        "JC05": "visible", "JC05-1": "visible", "zhibao_lists": "veryHidden", "zhibao_stamp": "veryHidden",
    }  # fmt: skip
    assert [
        sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible" and not sheet.protection.sheet
    ] == []
    assert book.defined_names["zhibao_template"].attr_text == f'"zhibao:FILING:1:{filled.institution.uscc}"'
    work = sheet_of(book, "JC05")
    assert (work.page_setup.paperSize, work.page_setup.orientation, work.print_title_rows) == (9, "landscape", "$7:$7")
    value = place_of(book, "W211")
    assert (value.protection.locked, value.number_format, value.font.name) == (False, "#,##0", "宋体")
    assert value.offset(column=1).value == f'=IF(ISNUMBER(D{value.row}),D{value.row}/10,"")'
    assert [value.offset(column=step).protection.locked for step in (-3, -2, -1, 1, 2, 3)] == [True] * 6


def test_the_workbook_has_lists_notes_and_watches_sums(clerk: Client, filled: Filing):
    book = openpyxl.load_workbook(BytesIO(download(clerk, filled)))
    identity, work = sheet_of(book, "JC01"), sheet_of(book, "JC05")
    place = place_of(book, "A201").coordinate
    (rule,) = [rule for rule in identity.data_validations.dataValidation if place in str(rule.sqref).split()]
    area = book.defined_names[rule.formula1].attr_text
    assert rule.type == "list"
    assert [cell.value for (cell,) in book["zhibao_lists"][area.split("!")[1].replace("$", "")]][:2] == [
        "10 企业",
        "20 事业单位",
    ]
    formulas = [one.formula[0] for found in work.conditional_formatting for one in found.rules]
    row = {code: place_of(book, code).row for code in ("W101", "W102", "W103")}
    cells = {code: f"$D${at}" for code, at in row.items()}
    assert (
        f"AND(COUNT({cells['W102']},{cells['W103']},{cells['W101']})=3,"
        f"NOT(ABS(({cells['W102']}+{cells['W103']})-({cells['W101']}))<=0.000001))"
    ) in formulas
    assert [formula for formula in formulas if formula.startswith("LEN(TRIM(")] != []
    assert "K082" in work.cell(row["W101"], 1).comment.text
    assert work.cell(row["W101"], 8).value == filled.round.scheme.definition.indicator("W101").definition_zh


def test_an_institution_whose_type_is_not_known_gets_every_table(clerk: Client, filled: Filing):
    cells = Draft.objects.get(filing=filled, table="JC01").cells
    del cells["A201"]
    Draft.objects.filter(filing=filled, table="JC01").update(cells=cells)
    book = openpyxl.load_workbook(BytesIO(download(clerk, filled)))
    assert [sheet_of(book, code).title.split(" ")[0] for code in ("JC02", "JC03", "JC04")] == ["JC02", "JC03", "JC04"]
