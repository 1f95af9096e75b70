"""What people do at the pages, in one line each. Everything waits for what the person would see, never for time."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from reports.filings.models import Filing

SAVED = re.compile(r"\baccepted\b")


def table(filing: Filing, code: str) -> str:
    """Address of the page of one table."""
    return f"/filings/{filing.public_id}/tables/{code}/"


def reading(filing: Filing, query: str = "") -> str:
    """Address of the page where a bureau reads the filing."""
    return f"/review/filings/{filing.public_id}/{query}"


def cell(page: Page, key: str) -> Locator:
    """The control of a cell: "A301", or "r1:B102" in a row."""
    return page.locator(f"[id='c-{key}']")


def saved(page: Page) -> None:
    """Wait until nothing typed is outstanding."""
    expect(page.locator("#save-mark")).to_have_class(SAVED)


def type_cell(page: Page, key: str, text: str) -> None:
    """Type into a cell as a clerk does, leave it with Enter and wait until it is stored."""
    cell(page, key).fill(text)
    cell(page, key).press("Enter")
    saved(page)


def finding(page: Page, code: str) -> Locator:
    """The findings of the panel that a check has raised."""
    return page.locator("#findings > ol > li").filter(has=page.locator("h3 > small", has_text=re.compile(f"^{code}$")))


def progress(page: Page) -> tuple[int, int]:
    """(filled, required) as the head of the page says."""
    filled, required = page.locator("[data-filled]").inner_text().split("/")
    return int(filled), int(required)


def sign_and_send(page: Page, filing: Filing) -> str:
    """From the preview to the receipt; returns the receipt number."""
    page.goto(f"/filings/{filing.public_id}/preview/")
    page.locator("#sign [name=pledged]").check()
    page.locator("#sign button[type=submit]").click()
    page.wait_for_url("**/receipts/*/")
    return page.locator(".zb-number").inner_text()


def remark_on(page: Page, line: str, text: str, reason: str = "change") -> None:
    """Keep a remark on a line of the filing being read, with the mouse."""
    row = page.locator(f"tr[data-line='{line}']")
    row.hover()
    row.locator("[data-remark]").click()
    page.locator("#remark-reason").select_option(reason)
    page.locator("#remark-text").fill(text)
    page.locator("#remark-form button[type=submit]").click()
    expect(page.locator("#remark-form")).to_have_count(0)


def pass_it(page: Page, filing: Filing) -> None:
    """Pass the filing that waits for the bureau."""
    page.goto(reading(filing))
    page.locator("#decide button[formaction$='/pass/']").click()
    page.wait_for_url(lambda address: not address.endswith(reading(filing)))
