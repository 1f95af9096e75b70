"""The main job, from the first figure to the workbook, through the windows of everybody who takes part."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Page, expect

from reports.filings.models import Filing, Remark, State
from reports.rounds.models import Round
from tests.e2e.conftest import Enter
from tests.e2e.steps import cell, finding, pass_it, progress, reading, remark_on, saved, sign_and_send, table, type_cell
from tests.factories.filings import a_filing, accepted_filing, fill, fresh
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.fixtures_worker import Worker

#: Left blank by the factory and typed by the clerk: as typed, and as it must be shown.
TYPED = {
    "JC01": {"A301": ("２５", "25"), "A305": ("40", "40")},
    "JC05": {
        "W201": (" 120 ", "120"),
        "W211": ("４，０００", "4,000"),
        "W301": ("９,０００", "9,000"),
        "W311": ("8 800", "8,800"),
    },
}
REASON = "2023年11月并入福州分公司环境室15人，全年平均按月末人数计算，因此高于期末。"
NOTE = "请按两条批注核对后重报。"


def test_a_figure_goes_from_the_clerk_through_three_tiers_into_the_workbook(
    enter: Enter, world: Province, this_year: Round, worker: Worker, tmp_path: Path
) -> None:
    other = accepted_filing(this_year, world.c, cells=_cells_of_other(world))
    cells = valid_cells(world.a)
    for code, typed in TYPED.items():
        for name in typed:
            del cells[code][name]
    filing = fill(a_filing(this_year, world.a), world.filer_a, cells)

    clerk = enter("filer-a", "/")
    _fill_in(clerk, filing)
    signer = enter("signer-a", f"/filings/{filing.public_id}/")
    _send_for_the_first_time(signer, filing)
    county = enter("gulou", "/review/")
    _return_with_two_remarks(county, filing)
    _mend(clerk, filing)
    assert sign_and_send(signer, filing) == fresh(filing).revision.receipt_number
    for page in (county, enter("fuzhou"), enter("fujian")):
        pass_it(page, filing)
    filing = fresh(filing)
    assert (filing.state, filing.revision and filing.revision.number) == (State.ACCEPTED, 2)

    sent = [fresh(filing).revision, fresh(other).revision]
    mine = _as_typed(cells)
    book = _workbook(enter("province", "/summaries/"), tmp_path)
    assert {one.number for one in sent if one} == {1, 2}
    _compare(book, [mine, _cells_of_other(world)])


def _cells_of_other(world: Province) -> dict[str, Any]:
    """Valid figures of another size: more instruments and more reports."""
    cells = valid_cells(world.c)
    cells["JC05"] |= {"W201": "220", "W202": "210", "W301": "9500", "W303": "8500"}
    cells["JC05-1"]["rows"][0]["D104"] = "5500"
    return cells


def _as_typed(cells: Mapping[str, Any]) -> dict[str, Any]:
    """The cells of the institution as they must have arrived, figures read by hand."""
    found = {code: dict(table) for code, table in cells.items()}
    for code, typed in TYPED.items():
        found[code] |= {name: shown.replace(",", "") for name, (_raw, shown) in typed.items()}
    found["JC01"]["A302"] = "12"
    return found


def _fill_in(page: Page, filing: Filing) -> None:
    page.locator(f".zb-todo a[href*='{filing.public_id}']").first.click()
    page.goto(table(filing, "JC05"))
    before, required = progress(page)
    for name, (raw, shown) in TYPED["JC05"].items():
        type_cell(page, name, raw)
        expect(cell(page, name)).to_have_value(shown)
    assert progress(page) == (before + 4, required)
    expect(page.locator("tr[data-key='W211'] [data-echo]")).to_contain_text("400")

    page.locator("#rail a", has_text="JC01").first.click()
    page.wait_for_url("**/tables/JC01/")
    for name, (raw, shown) in TYPED["JC01"].items():
        type_cell(page, name, raw)
        expect(cell(page, name)).to_have_value(shown)
    _break_and_mend_the_sum(page)
    _explain(page)
    filled, required = progress(page)
    assert filled == required
    expect(page.locator("#findings header .zb-st")).to_have_class("zb-st accepted")


def _break_and_mend_the_sum(page: Page) -> None:
    """A315 one too many: the groups no longer add up to A301. The finding comes and goes without a reload."""
    page.evaluate("document.body.dataset.sameDocument = 'yes'")
    type_cell(page, "A315", "3")
    expect(finding(page, "K011")).to_contain_text("26")
    expect(finding(page, "K011")).to_contain_text("相差1人")
    expect(page.locator("tr[data-key='A315']")).to_have_class(re.compile("has-hard"))
    page.locator("[id='c-A101']").focus()
    finding(page, "K011").locator("[data-jump='A315']").first.click()
    expect(cell(page, "A315")).to_be_focused()
    cell(page, "A315").fill("2")
    page.keyboard.press("Control+s")
    saved(page)
    expect(finding(page, "K011")).to_have_count(0)
    assert page.evaluate("document.body.dataset.sameDocument") == "yes"


def _explain(page: Page) -> None:
    """Average persons far from those at year end need a reason; one that says nothing is refused and kept."""
    asked = finding(page, "K017")
    asked.locator("textarea").fill("情况属实")
    asked.locator("button[type=submit]").first.click()
    expect(asked.locator(".zb-wrong")).to_contain_text("情况属实")
    expect(asked.locator("textarea")).to_have_value("情况属实")
    asked.locator("textarea").fill(REASON)
    asked.locator("button[type=submit]").first.click()
    expect(asked).to_have_class("said")


def _send_for_the_first_time(page: Page, filing: Filing) -> None:
    page.locator(".zb-head a.btn-primary").click()
    page.wait_for_url("**/preview/")
    expect(page.locator("main, .zb-main").first).to_contain_text("9,000")
    page.locator("#sign button[type=submit]").click()
    expect(page.locator(".zb-note[role=alert]")).to_be_visible()
    assert fresh(filing).state == State.DRAFTING
    page.locator("#sign [name=pledged]").check()
    page.locator("#sign button[type=submit]").click()
    page.wait_for_url("**/receipts/1/")
    revision = fresh(filing).revision
    assert revision is not None
    expect(page.locator(".zb-number")).to_have_text(revision.receipt_number)
    digest = page.locator(".zb-digest span").all_inner_texts()
    assert "".join(digest) == revision.digest
    expect(page.locator("figure svg")).to_be_visible()


def _return_with_two_remarks(page: Page, filing: Filing) -> None:
    page.locator("#queue th a", has_text=filing.institution.name).click()
    page.wait_for_url(f"**{reading(filing)}")
    expect(page.locator("#decide button.btn-primary")).to_have_attribute("formaction", re.compile("/pass/$"))
    remark_on(page, "JC01::A305", "平均人数40人与期末25人相差较大，请写明各月人数。")
    page.goto(reading(filing, "?view=all"))
    remark_on(page, "JC01::A302", "女性人数请按12月31日在册人员核对。", reason="other")
    page.locator("#note").fill(NOTE)
    page.locator("#decide button.btn-primary").click()
    page.wait_for_url(lambda address: not address.endswith(reading(filing)) and "view=all" not in address)
    assert fresh(filing).state == State.RETURNED
    assert Remark.objects.filter(filing=filing, decision__isnull=False).count() == 2


def _mend(page: Page, filing: Filing) -> None:
    """The remarks are a list to tick off: one mended, one explained. Nothing can be sent before both are."""
    page.goto(f"/filings/{filing.public_id}/")
    expect(page.get_by_text(NOTE).first).to_be_visible()
    expect(page.locator("li.remark:not(.done)")).to_have_count(2)
    page.goto(f"/filings/{filing.public_id}/preview/")
    expect(page.locator("#sign button[disabled]")).to_be_visible()
    page.goto(table(filing, "JC01"))
    remark = page.locator("li.remark", has_text="女性人数")
    remark.locator("[data-jump]").click()
    expect(cell(page, "A302")).to_be_focused()
    type_cell(page, "A302", "12")
    remark.locator("textarea").fill("已按在册名单改为12人。")
    remark.locator("button[value=fixed]").click()
    expect(page.locator("li.remark.done")).to_have_count(1)
    other = page.locator("li.remark", has_text="平均人数")
    other.locator("textarea").fill("1至10月每月55人，11月起25人，平均40人，工资表可查。")
    other.locator("button[value=explained]").click()
    expect(page.locator("li.remark.done")).to_have_count(2)


def _workbook(page: Page, folder: Path) -> openpyxl.Workbook:
    page.locator("form[action$='/new/'] button[type=submit]").click()
    link = page.locator("a[href$='/file/']").first
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as started:
        link.click()
    path = folder / "summary.xlsx"
    started.value.save_as(path)
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes()))


def _compare(book: openpyxl.Workbook, filings: Iterable[Mapping[str, Any]]) -> None:
    """Every figure of the longest sheet is the sum of what was typed; no figure that was typed is missing from it."""
    sums: dict[str, Decimal] = {}
    for cells in filings:
        for typed in cells.values():
            for name, text in typed.items():
                if name != "rows" and re.fullmatch(r"-?\d+(\.\d+)?", text):
                    sums[name] = sums.get(name, Decimal(0)) + Decimal(text)
    sheet = max(book.worksheets, key=lambda one: one.max_row)
    printed = {
        row[1]: Decimal(str(row[2]))
        for row in sheet.iter_rows(min_row=5, values_only=True)
        if row[1] and row[2] is not None
    }
    assert printed["W301"] == Decimal(18500)
    assert printed["A302"] == Decimal(23)
    typed_and_printed = {name: total for name, total in sums.items() if name in printed}
    assert {name: printed[name] for name in typed_and_printed} == typed_and_printed
    assert len(typed_and_printed) >= 90
    assert set(printed) <= set(sums) | {"X001"}
