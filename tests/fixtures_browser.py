"""`live_portal` and `page`: the portal on a port of its own and a Chromium looking at it, as in an office, 1366 by 768."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
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


class UnderWay:
    """The requests of this process that have begun and not ended."""

    def __init__(self) -> None:
        self._changed, self._number = threading.Condition(), 0

    def begin(self, **_: Any) -> None:
        with self._changed:
            self._number += 1

    def end(self, **_: Any) -> None:
        with self._changed:
            self._number -= 1
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Whether all of them have ended by then."""
        with self._changed:
            return self._changed.wait_for(lambda: self._number <= 0, seconds)


@pytest.fixture
def live_portal(live_server: Any, settings: Any) -> Iterator[str]:
    """The address of the portal in a thread of this process; its requests commit, so the test's database is real too.

    A window that closes sends what was typed last; the database is emptied when that has been answered, not meanwhile.
    """
    settings.PORTAL_BASE_URL = live_server.url
    under_way = UnderWay()
    request_started.connect(under_way.begin)
    request_finished.connect(under_way.end)
    yield str(live_server.url)
    under_way.wait(10)
    request_started.disconnect(under_way.begin)
    request_finished.disconnect(under_way.end)


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
