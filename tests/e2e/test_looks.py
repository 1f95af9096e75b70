"""Every page, in both languages, at the size of an office screen and of a phone: sound, legible to all, and translated."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, resolve
from playwright.sync_api import BrowserContext, Page

from institutions.models import User
from reports.rounds.models import Round
from tests.e2e.addresses import ADDRESSES, GROUPS
from tests.e2e.gallery import Gallery, hang
from tests.e2e.pageless import NO_PAGE
from tests.factories.institutions import Province
from tests.fixtures_browser import OFFICE
from tests.test_access import BACKEND, walk

PHONE = {"width": 390, "height": 844}
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RUN_AXE = """async () => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]
})).violations.map(one => one.id + ": " + one.nodes.slice(0, 3).map(node => node.target.join(" ")).join(" | "))"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
READ = """() => {
  const body = document.body.cloneNode(true);
  body.querySelectorAll("[lang=en], code, pre, script").forEach(one => one.remove());
  const attributes = ["title", "placeholder", "aria-label", "alt", "value"];
  const spoken = [...body.querySelectorAll("*")].flatMap(one => attributes.map(name => one.getAttribute(name) || ""));
  return [document.title, body.textContent, ...spoken].join("\\n");
}"""
#: Three words of Latin letters in a row are English.
ENGLISH = re.compile(r"[A-Za-z][A-Za-z’'-]+(?:[ ,;:]+[A-Za-z][A-Za-z’'-]+){2,}")


@pytest.fixture
def gallery(no_worker: None, world: Province, last_year: Round, settings: Any, tmp_path: Path) -> Gallery:
    settings.MEDIA_ROOT = tmp_path / "files"
    return hang(world, last_year)


def test_every_address_is_looked_at_or_named_as_no_page(gallery: Gallery) -> None:
    names = {name for name, _entry in walk(get_resolver()) if not name.startswith("api:")}
    seen = {
        resolve(address(gallery).split("?")[0]).view_name
        for addresses in ADDRESSES.values()
        for address in addresses
        if not address(gallery).startswith("/nothing/")
    }
    assert names - seen - NO_PAGE == set(), (
        "Add the page to tests/e2e/addresses.py, or what is none to tests/e2e/pageless.py."
    )
    assert (NO_PAGE | seen) - names == set()


@pytest.mark.parametrize("people", GROUPS, ids=lambda people: "-".join(filter(None, people)))
def test_pages_are_sound(people: tuple[str, ...], gallery: Gallery, page: Page, live_portal: str) -> None:
    faults: list[str] = []
    report: list[str] = []
    page.on("console", lambda message: faults.append(f"console: {message.text}") if message.type == "error" else None)
    for person in people:
        page.context.clear_cookies()
        if person:
            _sign_in(page.context, person, live_portal)
        for address in ADDRESSES[person]:
            for language in ("zh-hans", "en"):
                page.context.add_cookies(
                    [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_portal}]
                )
                found = [*faults, *_faults(page, address(gallery), language)]
                faults.clear()
                report += (f"{person or 'visitor'} {language} {address(gallery)} {fault}" for fault in found)
    assert report == [], "\n".join(report)


def _sign_in(context: BrowserContext, username: str, url: str) -> None:
    """With a session as signing in makes it; the form itself is used by the journeys."""
    client = Client()
    client.force_login(User.objects.get(username=username), backend=BACKEND)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def _faults(page: Page, address: str, language: str) -> list[str]:
    page.set_viewport_size(OFFICE)
    answer = page.goto(address)
    assert answer is not None
    found = [] if answer.status == (404 if "/nothing/" in address else 200) else [f"status {answer.status}"]
    if page.locator("html").get_attribute("lang") != {"zh-hans": "zh-Hans", "en": "en"}[language]:
        found.append("is in the other language")
    if (over := page.evaluate(WIDER)) > 0:
        found.append(f"{over} px too wide at {OFFICE['width']}")
    page.evaluate(AXE)
    if language == "zh-hans":
        found += page.evaluate(RUN_AXE)
    page.set_viewport_size(PHONE)
    if language == "en":  # once at each size; the language changes words, not the markup
        found += [f"on a phone: {fault}" for fault in page.evaluate(RUN_AXE)]
    if (over := page.evaluate(WIDER)) > 0:
        found.append(f"{over} px too wide at {PHONE['width']}")
    if language == "zh-hans":
        words = ENGLISH.findall(page.evaluate(READ))
        found += [f"not translated: {text}" for text in dict.fromkeys(words)]
    return found
