"""Filling a table: how long eight clerks wait for a saved cell, what the page weighs, how soon a key is seen."""

from __future__ import annotations

import gzip
import http.client
import itertools
import os
import re
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.handlers.wsgi import WSGIHandler
from django.urls import reverse

from benchmarks.client import Visitor, use_database
from benchmarks.databases import name_of
from benchmarks.gunicorn import Ask, asking, server
from benchmarks.result import Result
from institutions.models import Membership
from institutions.roles import Role
from reports.filings.models import Draft, Filing

CLIENTS, CELLS, SECONDS = 8, 250, 10.0
#: What ODK Central says of itself: submissions a second and 95th percentile of eight clients.
ODK_RATE, ODK_P95 = 144, 78
LARGEST = "JC01"
KEYS = 240
#: Time from a key to the frame that shows it: the task after the next frame has been painted.
WATCH = """() => {
  window.seen = [];
  document.addEventListener("keydown", event => {
    if (!/^[0-9]$/.test(event.key)) { return; }
    const began = event.timeStamp, channel = new MessageChannel();
    channel.port1.onmessage = () => window.seen.push(performance.now() - began);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }, true);
}"""


def measure(size: int) -> list[Result]:
    application = WSGIHandler()
    use_database(name_of(size))
    filings = _filings()
    visitors = [Visitor(application, name_of(size), _filer(filing)) for filing in filings]
    weight = _weight(visitors[0], filings[0])
    with server() as port:
        asks = [_saving(visitor, filing) for visitor, filing in zip(visitors, filings, strict=True)]
        times, rate = _together(port, asks)
        keys = _keys(port, visitors[0], filings[0])
    p95 = statistics.quantiles(times, n=20)[-1] * 1000
    return [
        Result("autosave_p95_ms_8_clients", round(p95, 1), "ms", ODK_P95, round(p95 / ODK_P95, 3)),
        Result("autosave_per_second_8_clients", round(rate, 1), "saves/s", ODK_RATE, round(rate / ODK_RATE, 3)),
        Result("grid_page_bytes", weight, "bytes", bound=150 * 1024),
        Result("keystroke_to_paint_ms", round(statistics.quantiles(keys, n=20)[-1], 1), "ms", bound=50),
    ]


def _filings() -> list[Filing]:
    """Filings being filled, of 250 cells each: where there are fewer, more lines of certificates."""
    found = Filing.objects.filter(state="drafting", round__closed_at=None, drafts__table="JC05").order_by("pk")
    filings = list(found[:CLIENTS])
    for filing in filings:
        _enlarge(filing)
    return filings


def _enlarge(filing: Filing) -> None:
    drafts = {draft.table: draft for draft in filing.drafts.all()}
    held = sum(len(row) - 1 for draft in drafts.values() for row in draft.cells.get("rows", []))
    held += sum(len(draft.cells) for draft in drafts.values() if "rows" not in draft.cells)
    lines = drafts.get("JC01-1") or Draft(filing=filing, table="JC01-1", cells={"rows": []}, version=1)
    pattern = {
        "B101": "CMA-P",
        "B103": "检测有限公司",
        "B104": "市场监督管理局",
        "B105": "2021-03-01",
        "B106": "2027-02-28",
        "B107": "1",
    }
    rows = lines.cells.setdefault("rows", [])
    while held < CELLS:
        rows.append({"id": f"bench{len(rows)}", "B102": f"2113{len(rows):08d}", **pattern})
        held += len(pattern) + 1
    lines.save()


def _filer(filing: Filing) -> Membership:
    return Membership.objects.select_related("user").get(institution=filing.institution_id, role=Role.FILER)


def _saving(visitor: Visitor, filing: Filing) -> Ask:
    areas = itertools.count()

    def typed() -> dict[str, str]:
        return {"W101": str(100 + next(areas) % 900), "seen": "99999999", "at": "JC05"}

    return asking(visitor, "POST", reverse("filings:cell-save", args=[filing.public_id, "JC05"]), typed)


def _together(port: int, asks: list[Ask]) -> tuple[list[float], float]:
    """Seconds of each save and saves a second, every client saving one after the other."""
    times: list[float] = []
    faults: list[Exception] = []
    began = time.perf_counter()

    def save(ask: Ask) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            for _warm in range(5):
                ask(connection)
            while time.perf_counter() < began + SECONDS:
                start = time.perf_counter()
                ask(connection)
                times.append(time.perf_counter() - start)
        except Exception as fault:  # told by the thread that waits for this one
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return times, len(times) / (time.perf_counter() - began)


def _weight(visitor: Visitor, filing: Filing) -> int:
    """The largest table's page and every style sheet and script of ours on it, each compressed as it is sent."""
    page = visitor.get(reverse("filings:table-edit", args=[filing.public_id, LARGEST]))
    paths = set(re.findall(rb'(?:src|href)="/static/((?:css|js)/[^"?]+)"', page))
    files = [_read(path.decode()) for path in paths]
    return sum(len(gzip.compress(content, 6)) for content in [page, *files])


def _read(path: str) -> bytes:
    found = finders.find(path)
    if not isinstance(found, str):
        raise AssertionError(f"{path} is not among the static files.")
    return Path(found).read_bytes()


def _keys(port: int, visitor: Visitor, filing: Filing) -> list[float]:
    """Milliseconds from each key to the frame that shows it, in Chromium, while the page saves by itself."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("PORTAL_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        url = f"http://127.0.0.1:{port}"
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in visitor.cookies])
        page = context.new_page()
        page.goto(url + reverse("filings:table-edit", args=[filing.public_id, LARGEST]))
        page.evaluate(WATCH)
        page.focus("#c-A311")
        press: Callable[[str], None] = page.keyboard.press
        for count in range(KEYS):
            press(str(count % 10))
            page.wait_for_timeout(40)
            if count % 4 == 3:
                press("Enter")
                if count % 16 == 15:
                    page.focus("#c-A311")
        page.wait_for_timeout(200)
        seen: list[float] = page.evaluate("window.seen")
        chromium.close()
    return seen
