"""A clerk at a table: what is typed is kept, whatever happens to the connection, the session or the colleague beside."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from portal.clock import database_now
from reports.filings.models import Draft, Filing, State
from reports.rounds.models import Round
from tests.e2e.conftest import Enter
from tests.e2e.steps import cell, finding, saved, sign_and_send, table, type_cell
from tests.factories.filings import a_filing, fill
from tests.factories.institutions import PASSWORD, Province, a_membership, a_user

PASTE = """([target, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  target.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def filing(world: Province, this_year: Round) -> Filing:
    """Filled and free of findings, in the hands of institution A."""
    return fill(a_filing(this_year, world.a), world.filer_a)


def stored(filing: Filing, code: str) -> dict[str, str]:
    cells: dict[str, str] = Draft.objects.get(filing=filing, table=code).cells
    return cells


def test_typing_is_stored_by_itself_and_what_cannot_be_read_is_kept_with_its_reason(
    enter: Enter, filing: Filing
) -> None:
    page = enter("filer-a", table(filing, "JC05"))
    cell(page, "W301").fill("九千多")
    cell(page, "W101").fill("1,250")
    cell(page, "W101").blur()
    saved(page)
    assert stored(filing, "JC05")["W101"] == "1250"
    wrong = page.locator("[id='w-W301']")
    expect(wrong).to_be_visible()
    expect(cell(page, "W301")).to_have_attribute("aria-describedby", re.compile(r"\bw-W301\b"))
    page.reload()
    expect(cell(page, "W101")).to_have_value("1,250")
    expect(cell(page, "W301")).to_have_value("九千多")
    expect(wrong).to_be_visible()
    assert stored(filing, "JC05")["W301"] == "9000"
    type_cell(page, "W301", "9000")
    expect(wrong).to_have_count(0)


def test_keys_move_save_and_lead_from_finding_to_finding(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", table(filing, "JC01"))
    cell(page, "A311").focus()
    page.keyboard.press("Enter")
    expect(cell(page, "A312")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(cell(page, "A313")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+Enter")
    expect(cell(page, "A311")).to_be_focused()
    expect(page.locator("#hint")).to_contain_text("A311")
    page.keyboard.type("2")
    page.keyboard.press("Control+s")
    saved(page)
    expect(finding(page, "K011")).to_be_visible()
    type_cell(page, "A321", "2")
    expect(finding(page, "K012")).to_be_visible()
    page.keyboard.press("F8")
    expect(cell(page, "A311")).to_be_focused()
    page.keyboard.press("F8")
    expect(cell(page, "A321")).to_be_focused()
    page.keyboard.press("F1")
    expect(page.locator("tr[data-key='A321'] .zb-def")).to_have_attribute("open", "")


def test_a_column_copied_from_a_spreadsheet_is_shown_before_it_fills_the_cells(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", table(filing, "JC01"))
    before = stored(filing, "JC01")
    first = cell(page, "A311").element_handle()
    page.evaluate(PASTE, [first, "2\r\n４\r\n12\r\n5\r\n2\r\n"])
    dialog = page.locator("dialog.zb-paste")
    expect(dialog.locator("li")).to_have_count(5)
    dialog.locator("button:not(.btn-primary)").click()
    expect(cell(page, "A311")).to_have_value(before["A311"])
    page.evaluate(PASTE, [first, "2\r\n４\r\n12\r\n5\r\n2\r\n"])
    dialog.locator("button.btn-primary").click()
    saved(page)
    expect(cell(page, "A314")).to_have_value("5")
    assert [stored(filing, "JC01")[f"A31{number}"] for number in range(1, 6)] == ["2", "4", "12", "5", "2"]
    expect(finding(page, "K011")).to_have_count(0)


def test_two_clerks_keep_both_their_cells_and_choose_where_they_wrote_the_same_one(
    enter: Enter, world: Province, filing: Filing
) -> None:
    a_membership(world.filer_a.role, world.a, a_user("filer-a2", name="何甲填"))
    mine, theirs = (enter(name, table(filing, "JC05")) for name in ("filer-a", "filer-a2"))
    type_cell(theirs, "W101", "1300")
    type_cell(mine, "W102", "800")
    assert (stored(filing, "JC05")["W101"], stored(filing, "JC05")["W102"]) == ("1300", "800")
    expect(mine.locator("[data-conflict]")).to_have_count(0)

    type_cell(theirs, "W201", "121")
    type_cell(theirs, "W202", "111")
    cell(mine, "W201").fill("119")
    cell(mine, "W201").press("Enter")
    cell(mine, "W202").fill("109")
    cell(mine, "W202").press("Enter")
    asked = mine.locator("tr[data-key='W201'] [data-conflict]")
    expect(asked).to_contain_text("何甲填")
    expect(asked).to_contain_text("121")
    expect(asked).to_contain_text("119")
    assert stored(filing, "JC05")["W201"] == "121"
    asked.locator("button").first.click()
    expect(cell(mine, "W201")).to_have_value("121")
    mine.locator("tr[data-key='W202'] [data-conflict] button").last.click()
    saved(mine)
    expect(mine.locator("[data-conflict]")).to_have_count(0)
    assert (stored(filing, "JC05")["W201"], stored(filing, "JC05")["W202"]) == ("121", "109")


def test_a_lost_connection_keeps_what_is_typed_and_sends_it_when_it_is_back(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", table(filing, "JC05"))
    page.context.set_offline(True)
    cell(page, "W101").fill("1,260")
    cell(page, "W101").press("Enter")
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#save-mark")).to_have_class(re.compile("verify"))
    cell(page, "W301").fill("9,001")
    cell(page, "W301").blur()
    assert stored(filing, "JC05")["W101"] == "1200"
    page.context.set_offline(False)
    saved(page)
    expect(page.locator("#lost")).to_be_hidden()
    assert (stored(filing, "JC05")["W101"], stored(filing, "JC05")["W301"]) == ("1260", "9001")


def test_a_session_that_ended_while_typing_loses_nothing(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", table(filing, "JC05"))
    page.context.clear_cookies(name="sessionid")
    cell(page, "W101").fill("1,270")
    cell(page, "W101").press("Enter")
    expect(page.locator("#signed-out")).to_be_visible()
    expect(cell(page, "W101")).to_have_value("1,270")
    assert stored(filing, "JC05")["W101"] == "1200"
    with page.context.expect_page() as opened:
        page.locator("#signed-out a").click()
    other = opened.value
    _sign_in(other)
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")
    saved(page)
    expect(page.locator("#signed-out")).to_be_hidden()
    assert stored(filing, "JC05")["W101"] == "1270"


def _sign_in(page: Page) -> None:
    page.locator("[name=username]").fill("filer-a")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form.zb-sheet [type=submit]").click()
    page.wait_for_url(lambda address: "/login/" not in address)


def test_going_back_after_submitting_shows_no_stale_form(enter: Enter, filing: Filing) -> None:
    page = enter("signer-a", table(filing, "JC05"))
    expect(cell(page, "W101")).to_be_editable()
    sign_and_send(page, filing)
    page.go_back()
    page.wait_for_url("**/preview/")
    expect(page.locator("#sign button[type=submit]")).to_have_count(0)
    page.go_back()
    page.wait_for_url("**/JC05/")
    expect(cell(page, "W101")).to_have_count(0)
    expect(page.locator("tr[data-key='W101']")).to_contain_text("1,200")


def test_without_a_script_the_table_is_filled_saved_and_corrected(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", table(filing, "JC05"), script=False)
    save = page.locator(".zb-formfoot button[type=submit]").first
    cell(page, "W101").fill("１，２８０")
    cell(page, "W301").fill("九千多")
    save.click()
    expect(cell(page, "W101")).to_have_value("1,280")
    expect(cell(page, "W301")).to_have_value("九千多")
    expect(page.locator("[id='w-W301']")).to_be_visible()
    assert (stored(filing, "JC05")["W101"], stored(filing, "JC05")["W301"]) == ("1280", "9000")
    cell(page, "W301").fill("9000")
    save.click()
    expect(page.locator(".zb-said .accepted")).to_be_visible()
    expect(page.locator("[id='w-W301']")).to_have_count(0)
    assert Filing.objects.get(pk=filing.pk).state == State.DRAFTING
    draft = Draft.objects.get(filing=filing, table="JC05")
    assert (draft.unread, draft.saved_at is not None and draft.saved_at <= database_now()) == ({}, True)
