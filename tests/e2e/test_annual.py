"""Writing the annual report in a browser: what was typed and not saved comes back, and what was saved does not come twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from reports.rounds.models import Kind
from tests.e2e.conftest import Enter
from tests.factories.annual import PROSE, a_begun_report
from tests.factories.filings import open_round
from tests.factories.institutions import PASSWORD, Province


def test_what_was_typed_and_not_saved_survives_a_reload(
    world: Province, enter: Enter, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    report = a_begun_report(open_round(world, kind=Kind.ANNUAL_REPORT), world.a, world.filer_a)
    address = f"/annual/{report.public_id}/heads/2/"
    page = enter("filer-a", address)
    page.on("dialog", lambda dialog: dialog.accept())
    text = page.locator("[name=R106]")
    before = text.input_value()
    text.fill(PROSE + "设备均在检定有效期内。")
    page.reload()
    expect(text).to_have_value(PROSE + "设备均在检定有效期内。")
    expect(page.locator("#kept")).to_be_visible()
    page.context.clear_cookies()
    page.get_by_role("button", name="保存", exact=True).click()
    page.goto(f"/login/?next={address}")
    page.locator("[name=username]").fill("filer-a")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(text).to_have_value(PROSE + "设备均在检定有效期内。")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#kept")).to_be_hidden()
    expect(text).to_have_value(PROSE + "设备均在检定有效期内。")
    page.reload()
    expect(page.locator("#kept")).to_be_hidden()
    assert report.drafts.get(table="AR").cells["R106"] != before
