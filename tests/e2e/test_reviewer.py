"""A county reviewer with many filings: keys, passing many at once, and a colleague at the next desk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from reports.filings.models import Decision, Filing, Remark, State
from reports.numbers import submitting
from reports.rounds.models import Kind, Round
from tests.e2e.conftest import Enter
from tests.e2e.steps import reading, remark_on, table
from tests.factories.filings import a_filing, fresh, open_round, submitted_filing
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province, a_membership, a_user, an_institution
from tests.reports.numbers.clients import submit

REMARK = "请核对期末从业人员数，并按12月31日在册人员填写。"


def doubtful(world: Province) -> dict[str, dict[str, str]]:
    """Average persons far from those at year end: explained, and still to be judged."""
    cells = valid_cells(world.b)
    cells["JC01"]["A305"] = "40"
    return cells


@pytest.fixture
def queue(world: Province, this_year: Round) -> list[Filing]:
    """Four filings in the queue of 鼓楼, the second with a doubt; all submitted by the factory."""
    third, fourth = (an_institution(world.gulou, f"福建{sign}检测有限公司") for sign in "己庚")
    return [
        submitted_filing(this_year, world.a),
        submitted_filing(this_year, world.b, cells=doubtful(world)),
        submitted_filing(this_year, third),
        submitted_filing(this_year, fourth),
    ]


def test_the_queue_and_a_remark_by_keyboard_alone(enter: Enter, queue: list[Filing]) -> None:
    page = enter("gulou", "/review/")
    rows = page.locator("[data-queue] tr[data-peek]")
    expect(rows).to_have_count(4)
    names = rows.locator("th a").all_inner_texts()
    expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    expect(page.locator("#peek-title")).to_have_text(names[1])
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    expect(page.locator("#peek-title")).to_have_text(names[0])
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/filings/*/")
    expect(page.locator("h1")).to_contain_text(names[1])

    filing = Filing.objects.get(institution__name=names[1])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    current = page.locator("tr[data-line].now")
    expect(current).to_have_count(1)
    line = current.get_attribute("data-line") or ""
    page.keyboard.press("c")
    expect(page.locator("#remark-reason")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.insert_text(REMARK)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#remark-form")).to_have_count(0)
    expect(page.locator(f"tr[data-line='{line}'] .returned")).to_be_visible()
    remark = Remark.objects.get(filing=filing)
    assert (f"{remark.table}:{remark.row_id}:{remark.indicator}", remark.text) == (line, REMARK)
    assert remark.decision is None


@pytest.mark.parametrize("script", [True, False])
def test_a_remark_without_words_has_the_cursor_in_its_words(enter: Enter, queue: list[Filing], script: bool) -> None:
    page = enter("gulou", f"{reading(queue[0])}?remark=JC01::A301", script=script)
    page.locator("#remark-reason").select_option("change")
    page.locator("#remark-text").fill("  ")
    page.locator("#remark-form button[type=submit]").click()
    expect(page.locator("#remark-wrong")).to_be_visible()
    expect(page.locator("#remark-text")).to_be_focused()
    page.locator("#remark-text").fill(REMARK)
    page.locator("#remark-reason").evaluate("field => { field.required = false; field.value = ''; }")
    page.locator("#remark-form button[type=submit]").click()
    expect(page.locator("#remark-reason-wrong")).to_be_visible()
    expect(page.locator("#remark-reason")).to_be_focused()
    assert not Remark.objects.exists()


@pytest.mark.parametrize("script", [True, False])
def test_enter_in_the_opinion_decides_nothing(enter: Enter, queue: list[Filing], script: bool) -> None:
    filing = queue[0]
    page = enter("gulou", reading(filing), script=script)
    page.locator("#note").fill("人数有误，退回重报")
    page.keyboard.press("Enter")
    page.goto("/review/")
    page.locator("[data-queue] input[name=filing]").first.check()
    page.keyboard.press("Enter")
    page.goto(reading(filing))
    expect(page.locator("#note")).to_be_visible()
    assert not Decision.objects.exists()
    assert [fresh(one).state for one in queue] == [State.IN_REVIEW] * 4


def test_a_quarter_of_numbers_is_remarked_on_by_key(enter: Enter, world: Province) -> None:
    filing = a_filing(open_round(world, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS), world.a)
    submitting.declare_nil(filing=filing, by=world.filer_a)
    submit(filing, world.signer_a)
    page = enter("gulou", reading(filing))
    page.keyboard.press("c")
    expect(page.locator("#remark-reason")).to_be_focused()
    page.locator("#remark-reason").select_option("other")
    page.locator("#remark-text").fill(REMARK)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#remark-form")).to_have_count(0)
    assert Remark.objects.get(filing=filing).text == REMARK


def test_passing_many_says_of_each_what_became_of_it(enter: Enter, world: Province, queue: list[Filing]) -> None:
    clean, doubt, taken, left = queue
    page = enter("gulou", "/review/")
    boxes = page.locator("[data-queue] input[name=filing]")
    expect(boxes).to_have_count(3)
    for filing in (clean, taken):
        page.locator("tr[data-peek]", has_text=filing.institution.name).locator("input[name=filing]").check()
    expect(page.locator("[data-selected]")).to_have_text("2")

    a_membership(world.gulou_reviewer.role, world.gulou, a_user("gulou2", name="赵鼓审"))
    colleague = enter("gulou2", reading(taken))
    colleague.locator("#decide button[formaction$='/pass/']").click()
    colleague.wait_for_url(lambda address: not address.endswith(reading(taken)))

    page.keyboard.press("Shift+A")
    page.wait_for_url("**/review/pass/")
    row = page.locator("tr", has_text=clean.institution.name)
    expect(row.locator(".accepted")).to_be_visible()
    refused = page.locator("tr", has_text=taken.institution.name)
    expect(refused.locator(".verify")).to_be_visible()
    expect(refused).to_contain_text("赵鼓审")
    assert [fresh(one).step for one in queue] == [world.fuzhou, world.gulou, world.fuzhou, world.gulou]
    assert Decision.objects.count() == 2
    assert (fresh(doubt).state, fresh(left).state) == (State.IN_REVIEW, State.IN_REVIEW)


def test_the_second_of_two_reviewers_is_told_by_whom_and_when(
    enter: Enter, world: Province, queue: list[Filing]
) -> None:
    filing = queue[0]
    a_membership(world.gulou_reviewer.role, world.gulou, a_user("gulou2", name="赵鼓审"))
    first, second = enter("gulou", reading(filing)), enter("gulou2", reading(filing))
    remark_on(first, "JC01::A301", REMARK)
    first.locator("#note").fill("请按批注核对后重报。")
    first.locator("#decide button.btn-primary").click()
    first.wait_for_url(lambda address: not address.endswith(reading(filing)))
    second.locator("#decide button[formaction$='/pass/']").click()
    told = second.locator(".zb-wrongpage")
    expect(told).to_contain_text("王鼓审")
    decision = Decision.objects.get()
    expect(told).to_contain_text(f"{decision.at.astimezone():%H:%M}")
    assert (fresh(filing).state, decision.verdict) == (State.RETURNED, "return")


def test_a_filing_can_be_recalled_until_a_reviewer_has_it_open(
    enter: Enter, world: Province, queue: list[Filing]
) -> None:
    early, late = queue[0], queue[1]
    signer = enter("signer-a", f"/filings/{early.public_id}/")
    signer.locator("form[action$='/recall/'] button[type=submit]").click()
    expect(signer.locator(".zb-said")).to_be_visible()
    assert fresh(early).state == State.DRAFTING
    signer.goto(table(early, "JC01"))
    expect(signer.locator("[id='c-A301']")).to_be_editable()

    other = enter("signer-b", f"/filings/{late.public_id}/")
    recall = other.locator("form[action$='/recall/'] button[type=submit]")
    expect(recall).to_be_enabled()
    county = enter("gulou")
    with county.expect_response(re.compile(r"/open/$")):
        county.goto(reading(late))
    recall.click()
    expect(other.locator(".zb-wrongpage")).to_contain_text("鼓楼区")
    other.goto(f"/filings/{late.public_id}/")
    expect(other.locator("form[action$='/recall/'] button")).to_be_disabled()
    expect(other.locator("form[action$='/recall/']")).to_contain_text("鼓楼区")
    assert fresh(late).state == State.IN_REVIEW
