"""The annual report from signing in to the receipt without a mouse: nothing but keys is pressed, and each page on the way is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from reports.filings.models import State
from reports.rounds.models import Kind, Round
from reports.schemes.structured import rows_of
from tests.e2e.steps import saved
from tests.e2e.test_keyboard import tab_to
from tests.e2e.test_looks import AXE, RUN_AXE
from tests.factories.annual import a_pdf, a_picture, attach, valid_report
from tests.factories.filings import a_filing, fill, fresh, open_round, submitted_filing
from tests.factories.institutions import PASSWORD, Province


def sound(page: Page) -> None:
    page.evaluate(AXE)
    assert page.evaluate(RUN_AXE) == []


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")


def test_a_report_is_written_signed_and_sent_by_keys_alone(
    page: Page, world: Province, this_year: Round, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    submitted_filing(this_year, world.a, by=world.signer_a)
    report = a_filing(open_round(world, kind=Kind.ANNUAL_REPORT), world.a)
    answers = {code: value for code, value in valid_report().items() if code not in ("R005", "R102")}
    fill(report, world.filer_a, {"AR": answers})
    attach(report, "R903", world.filer_a, a_picture(), "自我声明.png")
    page.goto(f"/login/?next=/annual/{report.public_id}/")
    tab_to(page, "[name=username]")
    page.keyboard.type("signer-a")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)

    press(page, ".zb-head .btn-primary")  # what to do next
    page.wait_for_url("**/heads/1/")
    tab_to(page, "[name=R005]")
    page.keyboard.type("陈编制")
    press(page, "[name=then]")
    page.wait_for_url("**/heads/2/")
    tab_to(page, "[name=R102]")
    page.keyboard.press("End")  # yes, the last of the choices
    expect(page.locator("#w-R103 p, #c-R103 [data-need]:not([hidden])").first).to_be_visible()  # asked for since
    press(page, "[data-add=R103]")
    page.keyboard.type("地址变更")
    page.keyboard.press("Tab")
    page.keyboard.type("2023-05-06")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+s")
    saved(page)
    expect(page.locator("#w-R103")).to_be_empty()
    sound(page)
    assert rows_of(report.drafts.get().cells["R103"]) == [{"what": "地址变更", "on": "2023-05-06", "done": "1"}]

    press(page, "#heads a[href$='/heads/5/']")
    page.wait_for_url("**/heads/5/")
    press(page, "form[action$='/summary/'] button")
    page.wait_for_url("**#statistics")
    press(page, "a[href$='/heads/7/']")
    page.wait_for_url("**/heads/7/")
    page.locator("#c-R901 [type=file]").set_input_files(
        {"name": "签章.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}
    )
    press(page, "form[action$='/files/R901/'] button")
    expect(page.locator("#c-R901 li")).to_contain_text("签章.pdf")
    sound(page)

    page.keyboard.press("Control+Home")
    press(page, ".zb-head a[href$='/preview/']")
    page.wait_for_url("**/preview/")
    sound(page)
    tab_to(page, "#sign [name=pledged]")
    page.keyboard.press("Space")
    press(page, "#sign button[type=submit]")
    page.wait_for_url("**/receipts/*/")
    assert fresh(report).state == State.IN_REVIEW
    page.goto(f"/annual/{report.public_id}/")
    sound(page)
