"""What was typed reaches the server whatever happens: a page left at once, a server that goes away and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from reports.filings.models import Draft, Filing
from reports.rounds.models import Round
from tests.e2e.conftest import Enter
from tests.e2e.steps import cell, saved, table
from tests.factories.filings import a_filing, fill
from tests.factories.institutions import PASSWORD, Province


@pytest.fixture
def filing(world: Province, this_year: Round) -> Filing:
    return fill(a_filing(this_year, world.a), world.filer_a)


def stored(filing: Filing, code: str = "W101") -> str | None:
    cells: dict[str, str] = Draft.objects.get(filing=filing, table="JC05").cells
    return cells.get(code)


def test_going_back_right_after_a_key_loses_nothing(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", filing.get_absolute_url())
    page.goto(table(filing, "JC05"))
    cell(page, "W101").fill("1,290")  # never left: no change event, no pause, no save yet
    page.go_back()
    page.wait_for_url(f"**{filing.get_absolute_url()}")
    page.go_forward()
    page.wait_for_url("**/JC05/")
    expect(cell(page, "W101")).to_have_value("1,290")
    saved(page)
    assert stored(filing) == "1290"


def _one_request(handler: WSGIRequestHandler) -> None:
    """A connection for each request, so that none outlives a server that stops."""
    handler.close_connection = True
    handler.handle_one_request()


def _on_the_same_port(thread: LiveServerThread, connections_override: Any = None) -> ThreadedWSGIServer:
    return ThreadedWSGIServer(
        (thread.host, thread.port),
        QuietWSGIRequestHandler,
        allow_reuse_address=True,
        connections_override=connections_override,
    )


@pytest.fixture
def restarted(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[LiveServer]]:
    """A server of this test alone, which it may stop and start again."""
    monkeypatch.setattr(WSGIRequestHandler, "handle", _one_request)
    monkeypatch.setattr(LiveServerThread, "_create_server", _on_the_same_port)
    servers = [LiveServer("127.0.0.1:0")]
    yield servers
    servers[-1].stop()


def test_a_server_that_stops_and_starts_again_gets_what_was_typed_meanwhile(
    restarted: list[LiveServer], browser: Browser, filing: Filing, settings: Any
) -> None:
    url = restarted[0].url
    settings.PORTAL_BASE_URL = url
    context = browser.new_context(base_url=url, locale="zh-CN")
    page = context.new_page()
    _sign_in(page, table(filing, "JC05"))
    restarted[0].stop()
    cell(page, "W101").fill("1,300")
    cell(page, "W101").press("Enter")
    expect(page.locator("#lost")).to_be_visible()
    cell(page, "W102").fill("801")
    cell(page, "W102").press("Enter")
    expect(page.locator("#save-mark")).to_contain_text("2")  # two cells wait, and the page says so
    assert stored(filing) == "1200"
    restarted.append(LiveServer(url.removeprefix("http://")))
    saved(page)  # by itself
    expect(page.locator("#lost")).to_be_hidden()
    assert (stored(filing), stored(filing, "W102")) == ("1300", "801")
    context.close()


def _sign_in(page: Page, address: str) -> None:
    page.goto(f"/login/?next={address}")
    page.locator("[name=username]").fill("filer-a")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"**{address}")
