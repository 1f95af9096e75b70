"""Download, upload: what was not touched is no difference, what was is one, and what is ticked is saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from institutions.models import Membership
from portal.trail.models import Event
from reports.filings.cellkeys import CellKey
from reports.filings.drafts import Change, remove_row, save_cells
from reports.filings.models import Draft, Filing
from reports.filings.spreadsheet import difference
from reports.filings.spreadsheet.models import WorkbookUpload
from tests.factories.filings import a_filing, accepted_filing, fill, open_round
from tests.factories.institutions import Province
from tests.reports.filings.spreadsheet.books import (
    apply,
    book_of,
    boxes,
    changed,
    compared,
    download,
    place_of,
    send,
    sheet_of,
    typed,
)
from tests.reports.filings.test_views_pages import address


def stored(filing: Filing) -> dict[str, Any]:
    return {draft.table: draft.cells for draft in Draft.objects.filter(filing=filing)}


def test_round_trip_of_a_filled_filing_gives_no_difference(clerk: Client, filled: Filing):
    page = compared(clerk, filled, download(clerk, filled))
    assert page.clean
    assert (page.sections, page.comparison.difference.notes) == ((), [])
    assert page.comparison.difference.read > 200


def test_round_trip_of_an_untouched_filing_gives_no_difference_and_begins_nothing(clerk: Client, filing: Filing):
    page = compared(clerk, filing, download(clerk, filing))
    assert page.clean
    assert not Draft.objects.filter(filing=filing).exists()


def test_round_trip_in_english_of_a_chinese_workbook_gives_no_difference(clerk: Client, filled: Filing):
    content = download(clerk, filled)
    clerk.cookies["django_language"] = "en"
    page = compared(clerk, filled, content)
    assert page.clean


@pytest.mark.parametrize(
    "text", ["=1+1", "+86 591", "@cmd", "-1|calc", "＝A1", "<script>alert(1)</script>", "{{7*7}}", "_x0041_"]
)
def test_round_trip_texts_that_look_like_formulas_stay_text(
    clerk: Client, world: Province, filled: Filing, text: str
):  # S9, S11
    Draft.objects.filter(filing=filled, table="JC01").update(cells=stored(filled)["JC01"] | {"A103": text})
    content = download(clerk, filled)
    cell = place_of(book_of(content), "A103")
    assert (cell.value, cell.data_type) == (text, "s")
    assert compared(clerk, filled, content).clean


def test_differences_are_told_cell_by_cell_and_nothing_is_saved_yet(clerk: Client, filled: Filing):
    before = stored(filled)
    content = changed(
        download(clerk, filled), typed("W101", 1300), typed("A201", "20"), typed("C107", 850), typed("W506", None)
    )
    page = compared(clerk, filled, content)
    told = [
        (one.table, str(one.key), one.before, one.after, one.place)
        for section in page.sections
        for one in section.own.changes
    ]
    book = book_of(content)
    places = {code: place_of(book, code).coordinate for code in ("W101", "A201", "C107", "W506")}
    assert told == [
        ("JC01", "A201", "10 企业", "20 事业单位", f"'JC01 检验检测机构基本情况'!{places['A201']}"),
        ("JC01-2", "r1:C107", "800", "850", f"'JC01-2 检验检测场所'!{places['C107']}"),
        ("JC05", "W101", "1,200", "1,300", f"'JC05 检验检测业务情况'!{places['W101']}"),
        ("JC05", "W506", "350", "", f"'JC05 检验检测业务情况'!{places['W506']}"),
    ]
    assert stored(filled) == before
    assert [str(failure.code) for failure in page.comparison.hard] != []


def test_apply_saves_exactly_the_ticked_cells(clerk: Client, filled: Filing):
    before = stored(filled)
    page = compared(
        clerk, filled, changed(download(clerk, filled), typed("W101", 1300), typed("W102", 800), typed("C107", 850))
    )
    assert boxes(page) == ["JC01-2|r1:C107", "JC05|W101", "JC05|W102"]
    response = apply(clerk, filled, page, ["JC05|W101", "JC01-2|r1:C107"])
    assert response.status_code == 302
    after = stored(filled)
    assert after["JC05"] == before["JC05"] | {"W101": "1300"}
    assert after["JC01-2"]["rows"][0] == before["JC01-2"]["rows"][0] | {"C107": "850"}
    assert {code: cells for code, cells in after.items() if code not in ("JC05", "JC01-2")} == {
        code: cells for code, cells in before.items() if code not in ("JC05", "JC01-2")
    }
    left = clerk.get(response["Location"]).context["page"]
    assert boxes(left) == ["JC05|W102"]
    upload = WorkbookUpload.objects.get(filing=filled)
    assert (upload.applied_at is not None, upload.applied) == (True, {"cells": 2, "added": 0, "removed": 0})
    assert list(
        Event.objects.filter(verb__startswith="filing.workbook").order_by("id").values_list("verb", flat=True)
    ) == [
        "filing.workbook_uploaded",
        "filing.workbook_applied",
    ]


def test_apply_adds_and_removes_lines(clerk: Client, filled: Filing):
    def lines(book: Any) -> None:
        sheet = sheet_of(book, "JC05-1")
        for cell in sheet[10][2:8]:  # the first line is cleared
            cell.value = None
        for column, value in enumerate(("12", "否", 100, 50, 2, 1), start=3):
            sheet.cell(13, column).value = value

    page = compared(clerk, filled, changed(download(clerk, filled), lines))
    assert boxes(page) == ["JC05-1|+13", "JC05-1|-r1"]
    apply(clerk, filled, page)
    rows = stored(filled)["JC05-1"]["rows"]
    assert [row["id"] for row in rows[:2]] == ["r2", "r3"]
    assert {code: value for code, value in rows[2].items() if code != "id"} == {
        "D101": "12", "D102": "0", "D103": "100", "D104": "50", "D105": "2", "D106": "1"
    }  # fmt: skip
    assert len(rows) == 3


def test_a_colleagues_newer_value_is_a_clash_when_both_changed_the_cell(
    clerk: Client, filled: Filing, colleague: Membership
):
    content = changed(download(clerk, filled), typed("W101", 1300))
    save(filled, colleague, W101="1500", W102="900")
    page = compared(clerk, filled, content)
    (line,) = page.sections[0].lines
    assert (line.first.before, line.first.after, line.clash) == ("1,500", "1,300", True)
    assert [(one.item.code, one.before, one.now) for one in page.comparison.difference.since] == [
        ("W102", "700", "900")
    ]
    text = clerk.get(address("workbook-upload", filled)).content.decode()
    assert 'value="JC05|W101" id="b-JC05|W101" aria-label' in text  # not ticked
    apply(clerk, filled, page)
    assert (stored(filled)["JC05"]["W101"], stored(filled)["JC05"]["W102"]) == ("1300", "900")


def test_a_value_saved_by_a_colleague_after_the_comparison_stays(clerk: Client, filled: Filing, colleague: Membership):
    page = compared(clerk, filled, changed(download(clerk, filled), typed("W101", 1300), typed("W102", 800)))
    save(filled, colleague, W101="1500")
    response = apply(clerk, filled, page)
    cells = stored(filled)["JC05"]
    assert (cells["W101"], cells["W102"]) == ("1500", "800")
    assert boxes(clerk.get(response["Location"]).context["page"]) == ["JC05|W101"]


def test_a_line_changed_by_a_colleague_after_the_comparison_is_not_removed(
    clerk: Client, filled: Filing, colleague: Membership
):
    def clear(book: Any) -> None:
        for cell in sheet_of(book, "JC05-1")[12][2:8]:
            cell.value = None

    page = compared(clerk, filled, changed(download(clerk, filled), clear))
    assert boxes(page) == ["JC05-1|-r3"]
    table = filled.round.scheme.definition.table("JC05-1")
    save_cells(filing=filled, table=table, changes=[Change(CellKey("r3", "D103"), "1300")], seen=1, by=colleague)
    apply(clerk, filled, page)
    assert [row["id"] for row in stored(filled)["JC05-1"]["rows"]] == ["r1", "r2", "r3"]


def test_a_line_removed_on_the_site_is_left_out_when_the_workbook_did_not_touch_it(
    clerk: Client, filled: Filing, colleague: Membership
):
    content = download(clerk, filled)
    table = filled.round.scheme.definition.table("JC05-1")
    remove_row(filing=filled, table=table, row_id="r2", by=colleague)
    page = compared(clerk, filled, content)
    assert page.sections == ()
    assert ["第11行" in note for note in page.comparison.difference.notes] == [True]


def test_many_changed_cells_of_lines_share_a_box_for_each_line(
    clerk: Client, filled: Filing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(difference, "BOXES", 2)
    page = compared(
        clerk, filled, changed(download(clerk, filled), typed("W101", 1300), typed("C107", 850), typed("C108", 7))
    )
    assert boxes(page) == ["JC01-2|r1:*", "JC05|W101"]
    apply(clerk, filled, page, ["JC01-2|r1:*"])
    first = stored(filled)["JC01-2"]["rows"][0]
    assert (first["C107"], first["C108"], stored(filled)["JC05"]["W101"]) == ("850", "7", "1200")


def test_apply_refuses_when_another_file_was_uploaded_meanwhile(clerk: Client, filled: Filing):
    content = download(clerk, filled)
    page = compared(clerk, filled, changed(content, typed("W101", 1300)))
    compared(clerk, filled, changed(content, typed("W101", 1400)))
    before = stored(filled)
    apply(clerk, filled, page)
    assert stored(filled) == before


def test_apply_ignores_boxes_that_the_comparison_does_not_have(clerk: Client, filled: Filing):
    page = compared(clerk, filled, changed(download(clerk, filled), typed("W101", 1300)))
    before = stored(filled)
    apply(clerk, filled, page, ["JC05|W102", "JC05|-r1", "x", "JC05-1|-r1"])
    assert stored(filled) == before


def test_a_colleague_of_another_institution_finds_nothing(world: Province, filled: Filing, acting: Any):
    stranger = acting(world.filer_b)
    for name in ("workbook-download", "workbook-upload", "workbook-marked"):
        assert stranger.get(address(name, filled)).status_code == 404
    assert stranger.post(address("workbook-apply", filled), {"box": "JC05|W101"}).status_code == 404


def test_last_year_stands_beside_and_is_not_read(world: Province, clerk: Client):
    before = open_round(world, period="2022")
    accepted = accepted_filing(before, world.a)
    now = fill(a_filing(open_round(world, previous=before), world.a, previous=accepted), world.filer_a)
    content = download(clerk, now)
    cell = place_of(book_of(content), "W101")
    assert (cell.value, cell.offset(column=2).value) == (1200, 1200)
    page = compared(
        clerk, now, changed(content, lambda book: setattr(place_of(book, "W101").offset(column=2), "value", 7))
    )
    assert page.clean


def test_pages_ask_the_database_a_fixed_number_of_times(clerk: Client, filled: Filing, django_assert_num_queries: Any):
    content = download(clerk, filled)
    for changes in ([typed("W101", 1)], [typed(code, 7) for code in ("W101", "W102", "W103", "W501", "W502")]):
        send(clerk, filled, changed(content, *changes))
        clerk.get(address("workbook-upload", filled))
        with django_assert_num_queries(QUERIES_OF_PAGE):
            clerk.get(address("workbook-upload", filled))
        with django_assert_num_queries(QUERIES_OF_DOWNLOAD):
            download(clerk, filled)


QUERIES_OF_PAGE, QUERIES_OF_DOWNLOAD = 12, 8


def save(filing: Filing, by: Membership, **cells: str) -> None:
    table = filing.round.scheme.definition.table("JC05")
    version = Draft.objects.get(filing=filing, table="JC05").version
    changes = [Change(CellKey(None, code), raw) for code, raw in cells.items()]
    save_cells(filing=filing, table=table, changes=changes, seen=version, by=by)
