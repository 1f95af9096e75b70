"""`live_portal` and `page`: the portal on a port of its own and a Chromium looking at it, as in an office, 1366 by 768."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

CHROMIUM = os.environ.get("PORTAL_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
OFFICE = {"width": 1366, "height": 768}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Playwright leaves an event loop running in this thread, and Django would take every query for an asynchronous one.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def live_portal(live_server: Any, settings: Any) -> str:
    """The address of the portal in a thread of this process; its requests commit, so the test's database is real too."""
    settings.PORTAL_BASE_URL = live_server.url
    return str(live_server.url)


@pytest.fixture
def page(browser: Browser, live_portal: str) -> Iterator[Page]:
    """A window of its own with relative addresses. A script error or a breach of the content policy fails the test."""
    context = browser.new_context(
        base_url=live_portal,
        viewport=OFFICE,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    window = context.new_page()
    window.on("pageerror", lambda error: faults.append(str(error)))
    window.on("console", note)
    yield window
    context.close()
    assert faults == []
