"""Files are dropped on the page, read phase by phase while the page may be closed, and stopped while they wait."""

from __future__ import annotations

import datetime as dt
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
from reports.filings.actions import explain
from reports.filings.actions_review import give_back
from reports.filings.models import Filing
from reports.numbers import submitting
from reports.numbers.actions import receive
from reports.numbers.models import NumberBatch, ReportNumber
from reports.rounds.models import Kind
from tests.e2e.conftest import Enter
from tests.factories.filings import a_filing, a_remark, fresh, open_round
from tests.factories.institutions import Province, a_certificate
from tests.reports.numbers.clients import look, submit
from tests.reports.numbers.conftest import send

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


def test_a_list_is_stopped_from_its_own_page(no_worker: None, world: Province, filing: Filing, enter: Enter) -> None:
    receive(filing=filing, chunks=[GOOD.encode()], name="十月.csv", by=world.filer_a)
    second = receive(filing=filing, chunks=[SECOND.encode()], name="十一月.csv", by=world.filer_a).batch
    page = enter("filer-a", reverse("numbers:batch-detail", args=[second.public_id]))
    page.get_by_role("button", name="停止").click()
    expect(page.locator("#batch")).to_contain_text("已取消")
    second.refresh_from_db()
    assert second.state == NumberBatch.State.CANCELLED


# -- what is typed --------------------------------------------------------------------------------

DOUBTFUL = (
    "检验检测报告编号,出具（签发）日期,资质认定证书编号\nFJ-1,2023-11-05,221300000001\nFJ-2,2023-11-05,171300000009\n"
)
WORDS = "12月28日有2份委托检验报告当日撤回重发，编号未启用，已在台账登记。"


@pytest.fixture
def doubtful(world: Province, filing: Filing) -> Filing:
    """Two numbers where three are declared, one of them under a certificate that had ended: both ask for words. It was
    returned with a remark, which asks for words too."""
    world.a.certificates.update(number="221300000001")
    a_certificate(world.a, number="171300000009", issued_on=dt.date(2017, 3, 1), expires_on=dt.date(2023, 2, 28))
    send(filing, DOUBTFUL, world.filer_a)
    submitting.declare(filing=fresh(filing), count=3, by=world.filer_a)
    for issue in look(filing).unexplained:
        explain(filing=fresh(filing), key=issue.key, text=WORDS, by=world.filer_a)
    now = submit(filing, world.signer_a)
    remark = a_remark(table="RN-Q", indicator="Q103", text="请核对12月的编号是否齐全。")
    give_back(filing=now, by=world.gulou_reviewer, version=now.version, revision=1, note="请核对", remarks=[remark])
    return filing


def test_saving_one_form_keeps_what_stands_typed_in_the_others(
    no_worker: None, world: Province, doubtful: Filing, enter: Enter
) -> None:
    address = reverse("numbers:quarter-detail", args=[doubtful.public_id])
    page = enter("filer-a", address)
    boxes = page.locator("#findings textarea")
    expect(boxes).to_have_count(2)
    answer = page.locator("#remarks textarea")
    typed = {0: f"{WORDS}甲", 1: f"{WORDS}乙"}
    boxes.nth(0).fill(typed[0])
    boxes.nth(1).fill(typed[1])
    answer.fill("已核对12月全部编号。")
    page.get_by_text("粘贴清单").click()
    pasted = page.locator("[name=paste-text]")
    pasted.fill("FJ-77\nFJ-78")

    page.locator("#findings form").nth(1).get_by_role("button").click()
    expect(page.locator("#findings form").nth(1).get_by_role("status")).to_be_visible()
    page.locator("[name=count]").fill("4")
    page.locator("#declare button").first.click()
    expect(page.locator("#declare [role=status]")).to_be_visible()
    expect(page.locator("#standing .zb-kpi dd").first).to_contain_text("4")

    def all_stand() -> None:
        expect(boxes.nth(0)).to_have_value(typed[0])
        expect(boxes.nth(1)).to_have_value(typed[1])
        expect(answer).to_have_value("已核对12月全部编号。")
        expect(pasted).to_be_visible()
        expect(pasted).to_have_value("FJ-77\nFJ-78")

    all_stand()
    stored = {one.key: one.text for one in doubtful.explanations.all()}
    assert sorted(stored.values()) == sorted([WORDS, typed[1]])
    page = _left_and_back_in_the_tab(page, address)
    all_stand()
    expect(page.locator("[data-put-back]")).to_be_visible()


def _left_and_back_in_the_tab(page: Page, address: str) -> Page:
    page.goto("/")
    page.goto(address)
    return page


def test_a_poor_explanation_comes_back_at_its_box(no_worker: None, doubtful: Filing, enter: Enter) -> None:
    page = enter("filer-a", reverse("numbers:quarter-detail", args=[doubtful.public_id]))
    box = page.locator("#findings textarea").nth(1)
    box.fill("属实")
    page.locator("#findings form").nth(1).get_by_role("button").click()
    expect(page.locator("#findings .zb-wrong")).to_be_visible()
    expect(box).to_be_focused()
    expect(box).to_have_value("属实")


def test_on_a_phone_states_counts_and_reasons_are_read_without_scrolling_sideways(
    no_worker: None, world: Province, filing: Filing, enter: Enter
) -> None:
    batch = send(filing, f"{HEADINGS}FJ-1,2023-11-05\n{'长' * 60}-2,2023-09-30\n", world.filer_a)
    page = enter("filer-a", reverse("numbers:quarter-detail", args=[filing.public_id]))
    page.set_viewport_size({"width": 390, "height": 844})
    _in_sight(page, "#batches td")
    for name in ("batch-detail", "batch-reasons"):
        page.goto(reverse(f"numbers:{name}", args=[batch.public_id]))
        _in_sight(page, ".zb-samples td, .zb-samples th[scope=row]")


def _in_sight(page: Page, cells: str) -> None:
    boxes = [cell.bounding_box() for cell in page.locator(cells).all()]
    assert boxes
    assert [box for box in boxes if box is None or box["x"] < 0 or box["x"] + box["width"] > 390] == []


def test_a_refused_nil_return_leaves_the_stored_count_in_its_box(
    no_worker: None, world: Province, filing: Filing, enter: Enter
) -> None:
    send(filing, SECOND, world.filer_a)
    submitting.declare(filing=fresh(filing), count=105, by=world.filer_a)
    page = enter("filer-a", reverse("numbers:quarter-detail", args=[filing.public_id]))
    page.locator("#declare summary").click()
    page.locator("[name=nil]").click()
    expect(page.locator("#nil-wrong")).to_be_visible()
    expect(page.locator("[name=nil]")).to_be_focused()
    expect(page.locator("[name=count]")).to_have_value("105")
    expect(page.locator("[name=count]")).not_to_have_attribute("aria-invalid", "true")
