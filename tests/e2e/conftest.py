"""What the journeys share: people who sign in through the form, each in a browser window of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from reports.rounds.models import Round
from tests.factories.filings import open_round
from tests.factories.institutions import PASSWORD, Province, build_province
from tests.fixtures_browser import OFFICE

TIMEOUT = 15_000
expect.set_options(timeout=TIMEOUT)

#: What Chromium itself says of a refused or lost request; the journeys that provoke these look at the page instead.
ABOUT_REQUESTS = "Failed to load resource"


class Enter(Protocol):
    """`enter("filer-a", "/filings/")` signs in and comes back with the window at the address."""

    def __call__(self, username: str, address: str = "/", *, script: bool = True) -> Page: ...


@pytest.fixture
def world(transactional_db: None) -> Province:
    return build_province()


@pytest.fixture
def last_year(world: Province) -> Round:
    """The round of 2022, still open, so that the factories can fill it."""
    return open_round(world, period="2022", opens=dt.timedelta(days=-400), due=dt.timedelta(days=1))


@pytest.fixture
def this_year(world: Province) -> Round:
    return open_round(world)


@pytest.fixture
def window(browser: Browser, live_portal: str) -> Iterator[Callable[..., Page]]:
    """Makes windows that share nothing. A script error or a breach of the content policy in any of them fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(ABOUT_REQUESTS):
            faults.append(message.text)

    def make(*, script: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_portal,
            viewport=OFFICE,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            java_script_enabled=script,
            accept_downloads=True,
        )
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", note)
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def enter(window: Callable[..., Page]) -> Enter:
    def sign_in(username: str, address: str = "/", *, script: bool = True) -> Page:
        page = window(script=script)
        page.goto(f"/login/?next={address}")
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form [type=submit], form.zb-sheet [type=submit]").first.click()
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    return sign_in
