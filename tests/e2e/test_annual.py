"""Writing the annual report in a browser: it saves by itself, whatever happens to the page, the session or the connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from reports.filings.models import Filing
from reports.rounds.models import Kind
from reports.schemes.structured import rows_of
from tests.e2e.conftest import Enter
from tests.e2e.steps import saved
from tests.factories.annual import PROSE, a_begun_report
from tests.factories.filings import open_round
from tests.factories.institutions import PASSWORD, Province


@pytest.fixture
def report(world: Province, settings: Any, tmp_path: Path) -> Filing:
    settings.MEDIA_ROOT = tmp_path
    return a_begun_report(open_round(world, kind=Kind.ANNUAL_REPORT), world.a, world.filer_a)


def head(report: Filing, number: int = 2) -> str:
    return f"/annual/{report.public_id}/heads/{number}/"


def stored(report: Filing, code: str) -> str | None:
    cells: dict[str, str] = report.drafts.get(table="AR").cells
    return cells.get(code)


def type_answer(page: Page, code: str, text: str) -> None:
    """Type over an answer and leave it, as a clerk does."""
    page.locator(f"[name={code}]").fill(text)
    page.locator(f"[name={code}]").blur()


def test_what_is_typed_is_there_after_a_reload_without_saving(enter: Enter, report: Filing) -> None:
    page = enter("filer-a", head(report))
    type_answer(page, "R106", PROSE + "设备均在检定有效期内。")
    saved(page)
    page.get_by_role("button", name="增加一行").click()
    page.keyboard.type("标准变更")  # the focus is in the new line
    page.keyboard.press("Tab")
    page.keyboard.type("2023.6.1")
    page.keyboard.press("Tab")
    expect(page.locator("#w-R103")).to_contain_text("第 2 行")  # kept, and said to be unfinished
    page.keyboard.press("ArrowDown")
    expect(page.locator("#w-R103")).to_be_empty()
    saved(page)
    page.reload()
    expect(page.locator("[name=R106]")).to_have_value(PROSE + "设备均在检定有效期内。")
    expect(page.locator("[name='R103.1.what']")).to_have_value("标准变更")
    assert stored(report, "R106") == PROSE + "设备均在检定有效期内。"
    assert rows_of(stored(report, "R103"))[1] == {"what": "标准变更", "on": "2023-06-01", "done": "1"}
    page.locator("[name=R107]").fill("刚输入")  # and left at once, before any save
    page.get_by_role("link", name="预览").first.click()
    page.wait_for_url("**/preview/")
    assert stored(report, "R107") == "刚输入"
    page.go_back()
    page.wait_for_url("**/heads/2/")
    page.locator("[name=R104]").fill("按前进键前写的。")
    page.go_forward()
    page.wait_for_url("**/preview/")
    page.go_back()
    expect(page.locator("[name=R104]")).to_have_value("按前进键前写的。")
    saved(page)
    assert stored(report, "R104") == "按前进键前写的。"


def test_typed_without_a_connection_and_after_the_session_ended(enter: Enter, report: Filing) -> None:
    page = enter("filer-a", head(report))
    page.context.set_offline(True)
    type_answer(page, "R106", "断网时写的。")
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#save-mark")).to_contain_text("1项")
    page.context.set_offline(False)
    saved(page)
    expect(page.locator("#lost")).to_be_hidden()
    assert stored(report, "R106") == "断网时写的。"
    page.context.clear_cookies(name="sessionid")
    type_answer(page, "R107", "退出后写的。")
    expect(page.locator("#signed-out")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/login/?next={head(report)}")
    page.locator("[name=username]").fill("filer-a")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator("[name=R107]")).to_have_value("退出后写的。")
    saved(page)  # by itself
    assert stored(report, "R107") == "退出后写的。"
    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_url("**/heads/3/")  # the next that is not complete


def test_two_people_at_one_answer_see_both_and_choose(enter: Enter, report: Filing) -> None:
    one, other = enter("filer-a", head(report)), enter("signer-a", head(report))
    type_answer(one, "R106", "陈写的。")
    saved(one)
    type_answer(other, "R106", "林写的。")
    asked = other.locator("#w-R106 [role=alert]")
    expect(asked).to_contain_text("陈写的。")
    expect(asked).to_contain_text("林写的。")
    assert stored(report, "R106") == "陈写的。"
    other.get_by_role("button", name="保存并继续").click()
    expect(asked).to_be_focused()  # nothing goes on before it is decided
    with other.expect_event("dialog", lambda dialog: dialog.type == "beforeunload") as asking:
        other.evaluate("setTimeout(() => location.reload())")
    asking.value.dismiss()
    expect(other.locator("[name=R106]")).to_have_value("林写的。")
    type_answer(other, "R106", "林接着写的。")  # not sent either
    with other.expect_event("dialog", lambda dialog: dialog.type == "beforeunload") as asking:
        other.evaluate("setTimeout(() => location.reload())")
    with other.expect_navigation():
        asking.value.accept()
    expect(asked).to_contain_text("林接着写的。")  # put back, and asked again
    assert stored(report, "R106") == "陈写的。"
    asked.get_by_role("button", name="保留我的").click()
    saved(other)
    expect(asked).to_have_count(0)
    assert stored(report, "R106") == "林接着写的。"
    type_answer(one, "R106", "陈又写的。")
    one.locator("#w-R106").get_by_role("button", name="保留对方的").click()
    expect(one.locator("[name=R106]")).to_have_value("林接着写的。")
    one.reload()
    expect(one.locator("[name=R106]")).to_have_value("林接着写的。")
    assert stored(report, "R106") == "林接着写的。"
