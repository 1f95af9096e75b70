"""Province and prefecture: who has not filed, telling them, and who may review."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from institutions.models import Institution, User
from portal.inbox.models import Notice
from portal.inbox.tasks import deliver
from reports.filings.models import Filing, State
from reports.rounds.models import Round
from tests.e2e.conftest import Enter
from tests.e2e.steps import sign_and_send
from tests.factories.filings import a_filing, accepted_filing, fill, fresh, submitted_filing
from tests.factories.institutions import Province
from tests.fixtures_mail import Inbox


@pytest.fixture
def roster(world: Province, this_year: Round) -> dict[str, Filing]:
    """A began, B has not; C is in review, D has not begun, E is accepted. A has an address for mail."""
    User.objects.filter(pk=world.signer_a.user_id).update(email="signer-a@example.com")
    Institution.objects.filter(pk=world.b.pk).update(contact_name="陈乙联", contact_phone="0591-12345678")
    return {
        "a": fill(a_filing(this_year, world.a), world.filer_a),
        "b": a_filing(this_year, world.b),
        "c": submitted_filing(this_year, world.c),
        "d": a_filing(this_year, world.d),
        "e": accepted_filing(this_year, world.e),
    }


def test_coverage_leads_down_to_the_list_of_who_has_not_filed(
    enter: Enter, world: Province, roster: dict[str, Filing], tmp_path: Path
) -> None:
    page = enter("province", "/review/coverage/")
    total = page.locator("#areas tr.total td")
    assert total.nth(0).inner_text() == "5"
    assert total.nth(1).inner_text() == "2"
    assert total.nth(2).inner_text() == "40.0"
    page.locator("#areas th a", has_text="福州市").click()
    county = page.locator("#areas tr.sub", has_text="鼓楼区")
    expect(county).to_be_visible()
    county.locator("td a").click()
    page.wait_for_url("**/nonfilers/?**")
    rows = page.locator("table.zb-tbl tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text=world.b.name)).to_contain_text("陈乙联")
    book = _download(page, tmp_path)
    sheet = book.worksheets[0]
    lines = [row for row in sheet.iter_rows(min_row=4, values_only=True) if any(row)]
    found = {
        name for line in lines for name in line if name in (world.a.name, world.b.name, world.c.name, world.d.name)
    }
    assert (len(lines), found) == (2, {world.a.name, world.b.name})
    assert any(world.b.uscc in line and "陈乙联" in line for line in lines)


def _download(page: Page, folder: Path) -> openpyxl.Workbook:
    with page.expect_download() as started:
        page.locator("a[href*='/nonfilers/workbook/']").click()
    path = folder / "nonfilers.xlsx"
    started.value.save_as(path)
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes()))


def test_urging_is_shown_first_then_sent_and_arrives(
    enter: Enter, world: Province, roster: dict[str, Filing], smtp_server: Inbox
) -> None:
    page = enter("fuzhou", "/review/coverage/urge/")
    send = page.locator("form[method=post] button.btn-primary")
    expect(page.locator(".zb-dry .big b").first).to_have_text("2")
    expect(page.locator("blockquote[lang=zh-Hans]")).to_contain_text(world.a.name)
    assert (Notice.objects.filter(kind="urge").count(), smtp_server.messages) == (0, [])
    send.click()
    expect(page.locator(".zb-said")).to_contain_text("2")
    assert Notice.objects.filter(kind="urge").count() == 4
    assert deliver() == 1
    (mail,) = smtp_server.messages
    assert mail["To"] == "signer-a@example.com"
    text = mail.get_body(("plain",))
    assert text is not None
    assert world.a.name in text.get_content()
    expect(page.locator(".zb-dry .big b").nth(1)).to_have_text("0")

    clerk = enter("filer-a", "/inbox/")
    clerk.locator("tr.now th a").first.click()
    expect(clerk.locator("article")).to_contain_text(world.a.name)
    expect(clerk.locator("article header .accepted")).to_be_visible()
    clerk.locator("article a.btn-primary").click()
    clerk.wait_for_url(f"**/filings/{roster['a'].public_id}/")
    assert Notice.objects.get(recipient=world.filer_a.user).read_at is not None


def test_a_withdrawn_authorisation_takes_the_prefecture_out_of_later_routes(
    enter: Enter, world: Province, roster: dict[str, Filing]
) -> None:
    before = fresh(roster["c"])
    page = enter("province", "/authorisations/")
    page.locator("tr", has_text="福州市").locator("a[href$='#act']").click()
    form = page.locator("#act form")
    form.locator("button[type=submit]").click()
    expect(form.locator("[name=reason]")).to_be_focused()
    form.locator("[name=reason]").fill("2023年度起由省局直接审核")
    form.locator("button[type=submit]").click()
    expect(page.locator(".zb-tbl")).to_contain_text("由省局直接审核")

    sign_and_send(enter("signer-a"), roster["a"])
    after = fresh(roster["a"])
    assert after.state == State.IN_REVIEW
    assert (after.route, before.route) == (
        [world.gulou.pk, world.fujian.pk],
        [world.taijiang.pk, world.fuzhou.pk, world.fujian.pk],
    )
    assert fresh(roster["c"]).route == before.route
    reader = enter("gulou", f"/review/filings/{after.public_id}/")
    expect(reader.locator(".zb-route li")).to_have_count(3)
    expect(reader.locator(".zb-route")).not_to_contain_text("福州市")
