"""The grid in a browser: what the script adds to a page that works without it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from institutions.models import Membership
from reports.filings.cellkeys import CellKey
from reports.filings.drafts import Change, save_cells
from reports.filings.models import Draft, Filing
from tests.factories.filings import a_filing, fill, fresh, open_round
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import PASSWORD, Province, a_certificate, a_membership, a_user, build_province

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(live_portal: str) -> Province:
    province = build_province()
    a_certificate(province.a)
    return province


@pytest.fixture
def filing(world: Province) -> Filing:
    cells = valid_cells(world.a)
    cells["JC05"] = {"W101": "1200"}
    return fill(a_filing(open_round(world), world.a), world.filer_a, cells)


@pytest.fixture
def grid(page: Page, world: Province, filing: Filing) -> Callable[[str], Page]:
    """Signed in as the filer, on the page of a table."""
    page.goto("/login/")
    page.fill("[name=username]", world.filer_a.user.username)
    page.fill("[name=password]", PASSWORD)
    page.click(".zb-sign button[type=submit]")
    page.wait_for_load_state()

    def open_table(code: str) -> Page:
        page.goto(f"/filings/{filing.public_id}/tables/{code}/")
        return page

    return open_table


def cells_of(filing: Filing, table: str = "JC05") -> dict[str, str]:
    return Draft.objects.get(filing=filing, table=table).cells


def test_typing_saves_by_itself_and_enter_goes_on(grid: Callable[[str], Page], filing: Filing):
    page = grid("JC05")
    page.fill("#c-W201", "１，２３４")
    page.press("#c-W201", "Enter")
    expect(page.locator("#c-W202")).to_be_focused()
    expect(page.locator("#c-W201")).to_have_value("1,234")
    expect(page.locator("#save-mark")).to_have_class("zb-st accepted")
    assert cells_of(filing)["W201"] == "1234"


def test_what_cannot_be_read_stays_with_its_reason(grid: Callable[[str], Page], filing: Filing):
    page = grid("JC05")
    page.fill("#c-W211", "12万元")
    page.press("#c-W211", "Tab")
    expect(page.locator("#w-W211")).to_be_visible()
    expect(page.locator("#c-W211")).to_have_value("12万元")
    page.reload()
    expect(page.locator("#c-W211")).to_have_value("12万元")
    page.click("[data-take]")
    expect(page.locator("#c-W211")).to_have_value("120")
    expect(page.locator("#w-W211")).to_have_count(0)
    assert cells_of(filing)["W211"] == "120"


def test_a_pasted_column_spreads_after_a_look(grid: Callable[[str], Page], filing: Filing):
    page = grid("JC05")
    page.focus("#c-W201")
    page.evaluate(
        """() => { const data = new DataTransfer(); data.setData("text/plain", "612\\r\\n438\\r\\n174\\r\\n");
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }"""
    )
    expect(page.locator(".zb-paste li")).to_have_count(3)
    assert "W201" not in cells_of(filing)
    page.click(".zb-paste .btn-primary")
    expect(page.locator("#c-W203")).to_have_value("174")
    expect(page.locator("#save-mark")).to_have_class("zb-st accepted")
    assert {code: cells_of(filing)[code] for code in ("W201", "W202", "W203")} == {
        "W201": "612",
        "W202": "438",
        "W203": "174",
    }


def test_nothing_typed_is_lost_while_the_line_is_down(grid: Callable[[str], Page], filing: Filing):
    page = grid("JC05")
    page.context.set_offline(True)
    page.fill("#c-W301", "9000")
    page.press("#c-W301", "Enter")
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#c-W301")).to_have_value("9000")
    page.context.set_offline(False)
    expect(page.locator("#c-W301")).to_have_value("9,000")
    assert cells_of(filing)["W301"] == "9000"


def test_nothing_typed_is_lost_when_signed_out(grid: Callable[[str], Page], filing: Filing):
    page = grid("JC05")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.fill("#c-W302", "500")
    page.press("#c-W302", "Enter")
    expect(page.locator("#signed-out")).to_be_visible()
    expect(page.locator("#c-W302")).to_have_value("500")
    page.context.add_cookies(cookies)  # signed in again in another window
    page.keyboard.press("Control+s")
    expect(page.locator("#signed-out")).to_be_hidden()
    expect(page.locator("#save-mark")).to_have_class("zb-st accepted")
    assert cells_of(filing)["W302"] == "500"


def _somebody_else(world: Province, filing: Filing, code: str, raw: str) -> Membership:
    other = a_membership("filer", world.a, a_user("second", name="陈丽"))
    table = filing.round.scheme.definition.table("JC05")
    save_cells(filing=fresh(filing), table=table, changes=[Change(CellKey(None, code), raw)], seen=99, by=other)
    return other


def _in_conflict(page: Page, world: Province, filing: Filing) -> Locator:
    """Somebody else writes 1111 into W101 and this page 2222: the question which of both."""
    _somebody_else(world, filing, "W101", "1111")
    page.fill("#c-W101", "2222")
    page.press("#c-W101", "Tab")
    return page.locator("[data-conflict]")


@pytest.mark.parametrize(("button", "kept", "shown"), [("theirs", "1111", "1,111"), ("mine", "2222", "2,222")])
def test_a_conflict_is_settled_cell_by_cell(
    grid: Callable[[str], Page], world: Province, filing: Filing, button: str, kept: str, shown: str
):
    page = grid("JC05")
    ask = _in_conflict(page, world, filing)
    expect(ask).to_contain_text("陈丽")
    assert cells_of(filing)["W101"] == "1111"
    ask.locator("button").nth(0 if button == "theirs" else 1).click()
    expect(page.locator("#c-W101")).to_have_value(shown)
    expect(page.locator("#save-mark")).to_have_class("zb-st accepted")
    assert cells_of(filing)["W101"] == kept


def _leave(page: Page, stays: bool) -> None:
    """Reload; the page warns first, and the person stays or goes."""
    with page.expect_event("dialog", lambda dialog: dialog.type == "beforeunload") as asking:
        page.evaluate("setTimeout(() => location.reload())")
    if stays:
        asking.value.dismiss()
    else:
        with page.expect_navigation():
            asking.value.accept()


def test_nothing_goes_on_or_is_lost_before_a_conflict_is_settled(
    grid: Callable[[str], Page], world: Province, filing: Filing
):
    page = grid("JC05")
    ask = _in_conflict(page, world, filing)
    expect(ask).to_contain_text("2222")
    page.fill("#c-W101", "3333")  # written on after the question: still only one of both
    page.press("#c-W101", "Tab")
    page.click("#grid button[name=next]")
    expect(ask).to_be_focused()
    expect(page.locator("#save-mark")).to_contain_text("1")
    _leave(page, stays=True)
    expect(page.locator("#c-W101")).to_have_value("3333")
    _leave(page, stays=False)
    expect(ask).to_contain_text("1,111")
    expect(ask).to_contain_text("3333")  # put back, and asked again
    assert cells_of(filing)["W101"] == "1111"
    ask.locator("button").nth(1).click()
    expect(page.locator("#save-mark")).to_have_class("zb-st accepted")
    assert cells_of(filing)["W101"] == "3333"
    page.reload()
    expect(page.locator("#c-W101")).to_have_value("3,333")
    expect(ask).to_have_count(0)


@pytest.mark.parametrize(("button", "kept"), [("theirs", "1111"), ("mine", "2222")])
def test_a_conflict_that_the_server_drew_is_settled_in_the_same_way(
    grid: Callable[[str], Page], world: Province, filing: Filing, button: str, kept: str
):
    page = grid("JC05")
    _somebody_else(world, filing, "W101", "1111")
    page.locator("#c-W101").evaluate(
        "box => { box.value = '2222' }"
    )  # unknown to the script, so that the whole form brings it
    going, ask = page.locator("#grid button[name=next]"), page.locator("[data-conflict]")
    going.click()
    expect(ask).to_contain_text("2222")
    going.click()
    expect(ask).to_be_focused()
    ask.locator("button").nth(0 if button == "theirs" else 1).click()
    expect(page.locator("#save-mark")).to_have_class("zb-st accepted")
    expect(ask).to_have_count(0)
    assert cells_of(filing)["W101"] == kept


def test_an_explanation_being_written_survives_a_save(grid: Callable[[str], Page], filing: Filing):
    page = grid("JC05")
    page.fill("#c-W301", "1")
    page.press("#c-W301", "Tab")
    box = page.locator("#findings textarea").first
    expect(box).to_be_attached()
    page.evaluate("document.querySelectorAll('#findings details').forEach(one => one.open = true)")
    box.fill("只写了一半")
    page.fill("#c-W302", "5")
    page.press("#c-W302", "Tab")
    expect(page.locator("#rail [aria-current] .q")).to_contain_text("/")
    expect(page.locator("#save-mark")).to_have_class("zb-st accepted")
    assert "只写了一半" in page.locator("#findings textarea").evaluate_all("boxes => boxes.map(one => one.value)")


def test_f8_goes_from_finding_to_finding_and_f1_opens_the_definition(grid: Callable[[str], Page]):
    page = grid("JC05")
    page.keyboard.press("F8")
    expect(page.locator("#grid :focus")).to_have_count(1)
    page.keyboard.press("F1")
    expect(page.locator("tr.now .zb-def[open]")).to_have_count(1)
    expect(page.locator("#hint")).to_be_visible()


def test_lines_appear_with_the_answer_that_asks_for_them(grid: Callable[[str], Page]):
    page = grid("JC01")
    expect(page.locator("tr[data-key=A106]")).to_be_hidden()
    page.select_option("#c-A105", "2")
    expect(page.locator("tr[data-key=A106]")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_no_page_scrolls_sideways(grid: Callable[[str], Page], filing: Filing, width: int, height: int):
    page = grid("JC05")
    page.set_viewport_size({"width": width, "height": height})
    base = f"/filings/{filing.public_id}"
    tables = [f"{base}/tables/{code}/" for code in ("JC01", "JC01-1", "JC05")]
    for where in ("/", "/filings/", f"{base}/", *tables, f"{base}/preview/"):
        page.goto(where)
        assert page.evaluate("document.documentElement.scrollWidth") == width, where
