"""The grid as a clerk's spreadsheet: undo, the next empty cell, fewer lines, sums, last year's values, blocks in and out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from reports.filings.models import Draft, Filing
from reports.rounds.models import Round
from reports.schemes.content import DATA, content_from_folder
from reports.schemes.loading import load_content
from tests.e2e.conftest import Enter
from tests.e2e.steps import cell, saved, table, type_cell
from tests.factories.filings import a_filing, accepted_filing, fill, open_round
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province

PASTE = """([target, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  target.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
COPY = """() => {
  const data = new DataTransfer();
  document.activeElement.dispatchEvent(new ClipboardEvent("copy", {clipboardData: data, bubbles: true, cancelable: true}));
  return data.getData("text/plain");
}"""


@pytest.fixture
def filing(world: Province, last_year: Round, this_year: Round) -> Filing:
    """JC01 whole but for two cells; JC05 empty but for one, JC05-1 without rows; last year accepted."""
    before = accepted_filing(last_year, world.a)
    cells = valid_cells(world.a) | {"JC05": {"W101": "1200"}, "JC05-1": {"rows": []}}
    del cells["JC01"]["A312"], cells["JC01"]["A333"]
    return fill(a_filing(this_year, world.a, previous=before), world.filer_a, cells)


def stored(filing: Filing, code: str) -> dict[str, str]:
    cells: dict[str, str] = Draft.objects.get(filing=filing, table=code).cells
    return cells


def line(page: Page, key: str) -> Locator:
    return page.locator(f"[data-key='{key}']")


def test_sums_move_while_typing_and_the_last_changes_are_undone_and_done_again(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", table(filing, "JC01"))
    before = stored(filing, "JC01")
    told = line(page, "A301").locator("[data-sum=K011]")
    expect(told).to_have_class("zb-sum off")
    page.route("**/cells/", lambda route: None)  # no save is ever answered: what is shown meanwhile needs none
    cell(page, "A312").fill("1")
    first = told.inner_text()
    missing = int(before["A301"]) - sum(int(before[f"A31{n}"]) for n in (1, 3, 4, 5))
    cell(page, "A312").fill(str(missing))
    expect(told).to_have_class("zb-sum")
    assert told.inner_text() != first
    page.unroute("**/cells/")
    page.reload()
    expect(cell(page, "A312")).to_have_value(str(missing))  # put back by the page, then sent
    saved(page)
    assert stored(filing, "JC01")["A312"] == str(missing)

    cell(page, "A314").fill("99")
    cell(page, "A314").press("Escape")
    expect(cell(page, "A314")).to_have_value(before["A314"])
    type_cell(page, "A311", "7")
    type_cell(page, "A313", "8")
    page.keyboard.press("Control+z")
    expect(cell(page, "A313")).to_have_value(before["A313"])
    page.keyboard.press("Control+z")
    expect(cell(page, "A311")).to_be_focused()
    saved(page)
    expect(page.locator("[data-undo]")).to_be_disabled()
    assert (stored(filing, "JC01")["A311"], stored(filing, "JC01")["A313"]) == (before["A311"], before["A313"])
    page.keyboard.press("Control+y")
    page.locator("[data-redo]").click()
    expect(page.locator("#grid-said")).to_contain_text("A313")
    saved(page)
    assert (stored(filing, "JC01")["A311"], stored(filing, "JC01")["A313"]) == ("7", "8")


def test_the_next_empty_cell_and_fewer_lines_are_a_key_away_and_announced(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", table(filing, "JC01"))
    expect(page.locator("[data-next] b")).to_have_text("2")
    cell(page, "A301").focus()
    page.keyboard.press("Control+Enter")
    expect(cell(page, "A312")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(cell(page, "A333")).to_be_focused()
    expect(page.locator("#grid-said")).to_contain_text("A333")
    page.keyboard.press("Control+Enter")
    expect(cell(page, "A312")).to_be_focused()

    page.locator("#tools [data-only=empty]").press("Enter")
    expect(page.locator("#tools [data-only=empty]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#grid-said")).to_contain_text("2")
    expect(line(page, "A333")).to_be_visible()
    expect(line(page, "A301")).to_be_hidden()
    type_cell(page, "A333", "1")
    page.locator("#tools [data-only=errors]").focus()
    page.keyboard.press("Space")
    expect(line(page, "A331")).to_be_visible()  # K013: the parts do not add up to A301
    expect(line(page, "A105")).to_be_hidden()
    page.locator("#tools [data-only='']").click()
    expect(line(page, "A105")).to_be_visible()


def test_last_years_values_go_into_empty_cells_and_are_marked_until_touched(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", table(filing, "JC05"))
    last = filing.previous.revision.cells["JC05"] if filing.previous and filing.previous.revision else {}
    cell(page, "W102").focus()
    expect(page.locator("#hint button")).to_be_visible()
    page.keyboard.press("F9")
    expect(line(page, "W102").locator("[data-carried]")).to_be_visible()
    assert stored(filing, "JC05") == {"W101": "1200", "W102": last["W102"]}
    page.locator("#tools [name=what]").click()
    expect(line(page, "W301").locator("[data-carried]")).to_be_visible()
    assert stored(filing, "JC05")["W301"] == last["W301"]
    expect(line(page, "W101").locator("[data-carried]")).to_have_count(0)

    page.reload()
    expect(cell(page, "W301")).to_have_attribute("aria-describedby", re.compile(r"\bl-W301\b"))
    cell(page, "W301").fill(last["W301"])  # the same again: confirmed
    cell(page, "W301").press("Enter")
    expect(line(page, "W301").locator("[data-carried]")).to_have_count(0)
    expect(line(page, "W302").locator("[data-carried]")).to_be_visible()


def test_a_block_goes_out_and_comes_in_after_a_look_at_what_goes_where(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", table(filing, "JC01"))
    before = stored(filing, "JC01")
    cell(page, "A313").focus()
    for key in ("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(".zb-picked")).to_have_count(6)
    copied = page.evaluate(COPY)
    assert [row.split("\t")[0] for row in copied.split("\r\n")] == [before[f"A31{n}"] for n in (3, 4, 5)]
    page.keyboard.press("Escape")
    expect(page.locator(".zb-picked")).to_have_count(0)

    at = cell(page, "A311").element_handle()
    page.evaluate(PASTE, [at, "1\tx\r\n\r\n一打\r\n４"])
    dialog = page.locator("dialog.zb-paste")
    expect(dialog.locator("li")).to_have_count(4)
    expect(dialog.locator("li.bad")).to_have_count(1)  # 一打 is no figure; the blank of a merged cell changes nothing
    expect(dialog.locator("p.warm")).to_contain_text("1")  # the second column has no place
    page.keyboard.press("Enter")
    saved(page)
    after = stored(filing, "JC01")
    assert [after.get(f"A31{n}") for n in (1, 2, 3, 4)] == ["1", None, before["A313"], "4"]
    page.keyboard.press("Control+z")
    saved(page)
    assert stored(filing, "JC01")["A311"] == before["A311"]

    # With the codes beside, as copied out of the workbook: lines in any order, and more of them than the table has.
    page.evaluate(PASTE, [at, "A315\t学历\t人\t9\nA218\t单位规模\t\tL\nZ999\t\t\t5\nA314\t\t人\t8"])
    expect(dialog.locator("li")).to_have_count(3)
    expect(dialog.locator("li.bad")).to_have_count(1)  # A218 is computed
    dialog.locator(".btn-primary").click()
    saved(page)
    assert (stored(filing, "JC01")["A314"], stored(filing, "JC01")["A315"]) == ("8", "9")


def test_last_years_rows_are_taken_and_a_block_spreads_over_records(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", table(filing, "JC05-1"))
    page.locator("#tools [name=what]").click()
    expect(page.locator("[data-carried]").first).to_be_visible()  # last year's rows, marked
    expect(page.locator("#signed-out")).to_be_hidden()
    rows = stored(filing, "JC05-1")["rows"]
    first = str(rows[0]["id"])  # type: ignore[index]
    at = cell(page, f"{first}:D103").element_handle()
    page.evaluate(PASTE, [at, "\n".join(f"{n}0\t{n}" for n in range(1, len(rows) + 2))])
    dialog = page.locator("dialog.zb-paste")
    expect(dialog.locator("p.warm")).to_contain_text("2")
    dialog.locator(".btn-primary").click()
    saved(page)
    kept = [(row["D103"], row["D104"]) for row in stored(filing, "JC05-1")["rows"]]  # type: ignore[index]
    assert kept == [(f"{n}0", f"{n}") for n in range(1, len(rows) + 1)]
    expect(page.locator("#column-sums [data-sum=K092]")).to_be_visible()


def test_a_sum_under_a_condition_is_shown_while_the_condition_holds_on_the_screen(
    enter: Enter, world: Province
) -> None:
    content = dict(content_from_folder(DATA / "jc2023"))
    words = {"message_zh": "不符", "message_en": "Wrong", "help_zh": "说明", "help_en": "Help", "table": "JC05"}
    rules = [
        ("K901", "W501 > 1 implies W502 + W503 = W501", 'A201 = "10"'),
        ("K902", "W502 + W503 = W501", 'A201 = "20"'),
        ("K903", "W502 + W503 = W501", "prev(W501) > 1"),
    ]
    more = [
        {"code": code, "severity": "verify", "expression": rule, "when": when} | words for code, rule, when in rules
    ]
    content["checks"] = [*content["checks"], *more]
    round = open_round(world, scheme=load_content(content, publish=True))
    filing = fill(a_filing(round, world.a), world.filer_a)
    page = enter("filer-a", table(filing, "JC05"))
    told = line(page, "W501").locator("[data-sum=K901]")
    expect(told).to_have_class("zb-sum off")  # 0 + 1 against 3
    for figure, shown in (("1", False), ("", False), ("0", False), ("2", True)):
        cell(page, "W501").fill(figure)
        expect(told).to_be_visible() if shown else expect(told).to_be_hidden()
    cell(page, "W503").fill("2")
    expect(told).to_have_class("zb-sum")
    for code in ("K902", "K903"):
        expect(page.locator(f"[data-sum={code}]:visible")).to_have_count(0)


def test_on_a_phone_last_years_value_is_offered_under_the_cell(enter: Enter, filing: Filing) -> None:
    page = enter("filer-a", table(filing, "JC05"))
    page.set_viewport_size({"width": 390, "height": 844})
    last = filing.previous.revision.cells["JC05"] if filing.previous and filing.previous.revision else {}
    cell(page, "W102").focus()
    take = line(page, "W102").locator(".zb-takehere")
    expect(take).to_be_in_viewport()
    expect(take).to_contain_text(last["W102"])
    expect(line(page, "W102").locator("td.soft.num")).to_be_in_viewport()
    take.click()
    expect(cell(page, "W102")).to_have_value(last["W102"])
    expect(take).to_have_count(0)
    saved(page)
    assert stored(filing, "JC05")["W102"] == last["W102"]
    cell(page, "W101").focus()  # filled: nothing is offered
    expect(page.locator(".zb-takehere")).to_have_count(0)
