"""From signing in to the receipt without a mouse: nothing but keys is pressed."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from reports.filings.models import Filing, State
from reports.rounds.models import Round
from tests.e2e.steps import cell, finding, saved
from tests.factories.filings import a_filing, fill
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import PASSWORD, Province


def tab_to(page: Page, selector: str, most: int = 400) -> None:
    """Press Tab until the focus is on the element; fails where the keyboard cannot reach it."""
    for _press in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reached {selector}")


def test_a_filing_is_filled_mended_signed_and_sent_by_keys_alone(page: Page, world: Province, this_year: Round) -> None:
    cells = valid_cells(world.a)
    del cells["JC05"]["W202"]
    filing = fill(a_filing(this_year, world.a), world.filer_a, cells)
    page.goto("/login/")
    tab_to(page, "[name=username]")
    page.keyboard.type("signer-a")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)

    tab_to(page, f"a[href*='{filing.public_id}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{filing.public_id}/**")
    if "/tables/" not in page.url:
        tab_to(page, "a[href*='/tables/JC05/']")
    else:
        tab_to(page, "#rail a[href*='/tables/JC05/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tables/JC05/")

    tab_to(page, "[data-next]")
    page.keyboard.press("Enter")
    expect(cell(page, "W202")).to_be_focused()
    page.keyboard.type("5000")  # more than the whole
    page.keyboard.press("Enter")
    expect(finding(page, "K070")).to_be_visible()
    expect(cell(page, "W202")).to_have_attribute("aria-invalid", "true")
    expect(cell(page, "W202")).to_have_accessible_description(
        re.compile(r"W202.*5,010")
    )  # the finding is read at the cell
    page.keyboard.press("F8")
    expect(page.locator("#grid :focus")).to_have_count(1)
    wanted = str(int(cells["JC05"]["W201"]) - int(cells["JC05"]["W203"]))
    for _press in range(5):
        if page.evaluate("document.activeElement.name") == "W202":
            break
        page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type(wanted)
    page.keyboard.press("Enter")
    expect(finding(page, "K070")).to_have_count(0)
    saved(page)

    page.keyboard.press("Control+Home")
    page.evaluate("document.activeElement.blur()")
    tab_to(page, "a[href$='/preview/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/preview/")
    tab_to(page, "#sign [name=pledged]")
    page.keyboard.press("Space")
    tab_to(page, "#sign button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipts/*/")
    assert Filing.objects.get(pk=filing.pk).state == State.IN_REVIEW
