"""Files are dropped on the page, read phase by phase while the page may be closed, and stopped while they wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.jobs import tasks
from portal.jobs.progress import Heartbeat
from reports.filings.models import Filing
from reports.numbers.models import NumberBatch, ReportNumber
from reports.rounds.models import Kind
from tests.e2e.conftest import Enter
from tests.factories.filings import a_filing, open_round
from tests.factories.institutions import Province, a_certificate

HEADINGS = "检验检测报告编号,出具（签发）日期\n"
GOOD = HEADINGS + "".join(f"FJ-{number},2023-11-05\n" for number in range(300)) + "FJ-X,2023-09-30\n"
SECOND = HEADINGS + "FJ-900,2023-11-05\n"

#: Drops files as a mouse does: what was dragged comes with the event alone.
DROP = """(place, files) => {
  const dragged = new DataTransfer();
  for (const [name, text] of files) { dragged.items.add(new File([text], name, {type: "text/csv"})); }
  for (const kind of ["dragenter", "dragover", "drop"]) {
    place.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: dragged}));
  }
}"""


class Gate:
    """Holds the reading at the beginning of each phase until the test has seen the page."""

    def __init__(self) -> None:
        self.reached = {phase: threading.Event() for phase in ("read", "store", "mark")}
        self.open = {phase: threading.Event() for phase in self.reached}

    def __call__(self, phase: str | None) -> None:
        if phase in self.reached and not self.reached[phase].is_set():
            self.reached[phase].set()
            assert self.open[phase].wait(60), phase

    def let_all(self) -> None:
        for event in self.open.values():
            event.set()


@pytest.fixture
def filing(world: Province, settings: Any, tmp_path: Path) -> Filing:
    settings.MEDIA_ROOT = tmp_path
    a_certificate(world.a)
    return a_filing(open_round(world, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS), world.a)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made, plain = Gate(), Heartbeat.__call__

    def held(self: Heartbeat, phase: str | None = None, done: int | None = None, total: int | None = None) -> None:
        plain(self, phase, done, total)
        made(phase)

    monkeypatch.setattr(Heartbeat, "__call__", held)
    yield made
    made.let_all()


def _work(batch: NumberBatch) -> threading.Thread:
    """What a worker does with the batch's job, where the gate can hold it."""

    def run() -> None:
        try:
            tasks.run(str(batch.job_id))
        finally:
            connection.close()

    thread = threading.Thread(target=run, name="work", daemon=True)
    thread.start()
    return thread


def test_dropped_files_are_read_in_phases_survive_a_closed_page_and_can_be_stopped(
    no_worker: None, world: Province, filing: Filing, enter: Enter, gate: Gate
) -> None:
    address = reverse("numbers:quarter-detail", args=[filing.public_id])
    page = enter("filer-a", address)
    page.locator(".zb-drop").evaluate(DROP, [["十月.csv", GOOD], ["十一月.csv", SECOND]])
    expect(page.locator("[data-chosen] li")).to_have_count(2)
    expect(page.locator("[data-chosen]")).to_contain_text("十一月.csv")
    page.get_by_role("button", name="报送文件").click()
    rows = page.locator("#batches tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("十月.csv")
    expect(rows.nth(0)).to_contain_text("等待前一批次读取完毕")

    first, second = NumberBatch.objects.order_by("id")
    rows.nth(0).get_by_role("button", name="停止").click()
    expect(rows.nth(0)).to_contain_text("已取消")

    work = _work(first)
    for phase, words in {"read": "读取", "store": "检查入库", "mark": "标注文件"}.items():
        assert gate.reached[phase].wait(30), phase
        expect(rows.nth(1)).to_contain_text(words)
        if phase == "read":
            page = _left_and_back(page, address)
            rows = page.locator("#batches tbody tr")
            expect(rows.nth(1)).to_contain_text(words)
        gate.open[phase].set()
    work.join(60)

    expect(rows.nth(1).locator("td.num")).to_have_text(["301", "300", "0", "0", "1"])
    expect(rows.nth(0)).to_contain_text("已取消")
    assert ReportNumber.objects.of(world.a.pk).count() == 300
    second.refresh_from_db()
    assert second.state == NumberBatch.State.CANCELLED


def _left_and_back(page: Page, address: str) -> Page:
    """The window is closed while the file is read, and another is opened at the same address."""
    context = page.context
    page.close()
    back = context.new_page()
    back.goto(address)
    return back
