"""The three administrators: each has pages of one's own, and none of them sees a filing."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from reports.rounds.models import Round
from tests.e2e.conftest import Enter
from tests.factories.filings import submitted_filing
from tests.factories.institutions import Province
from tests.fixtures_worker import Worker

CLOSED = ("/filings/", "/review/", "/review/coverage/", "/summaries/")


def _sees_no_filing(page: Page, addresses: list[str]) -> None:
    """The menu has no way to filings, and their addresses are refused with a reason or unknown."""
    links = page.locator(".zb-nav a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert not {link for link in links if link.startswith(("/filings", "/review", "/summaries"))}
    for address in (*CLOSED, *addresses):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status in (403, 404), address
        expect(page.locator(".zb-wrongpage")).to_be_visible()
        assert "福建甲检测有限公司" not in page.locator("body").inner_text()


def test_system_administrator_keeps_accounts_and_reads_no_filing(
    enter: Enter, world: Province, this_year: Round
) -> None:
    filing = submitted_filing(this_year, world.a)
    page = enter("sysadmin", "/accounts/")
    row = page.locator("tr", has_text="taijiang")
    row.locator("button[formaction*='/deactivate/']").click()
    expect(page.locator(".zb-said")).to_be_visible()
    world.taijiang_reviewer.user.refresh_from_db()
    assert not world.taijiang_reviewer.user.is_active
    _sees_no_filing(
        page, [f"/filings/{filing.public_id}/", f"/review/filings/{filing.public_id}/", "/trail/", "/policies/"]
    )


def test_security_administrator_sees_the_policies_and_no_filing(
    enter: Enter, world: Province, this_year: Round
) -> None:
    filing = submitted_filing(this_year, world.a)
    page = enter("security", "/policies/")
    expect(page.locator("table.zb-tbl").first).to_be_visible()
    _sees_no_filing(
        page, [f"/filings/{filing.public_id}/", f"/review/filings/{filing.public_id}/", "/trail/", "/accounts/"]
    )


def test_audit_administrator_verifies_the_trail_and_sees_no_filing(
    enter: Enter, world: Province, this_year: Round, worker: Worker
) -> None:
    filing = submitted_filing(this_year, world.a)
    page = enter("audit", "/trail/")
    expect(page.locator("tr[id^=event-]").first).to_be_visible()
    page.locator("form[action$='/verify/'] button").click()
    result = page.locator("section[role=status][aria-labelledby=result]")
    expect(result.locator("h2 .accepted")).to_be_visible(timeout=15_000)
    digest = result.locator(".zb-ref").inner_text()
    assert len(digest) == 64
    page.locator("#anchor").fill(digest)
    page.locator("form.zb-fields button[type=submit]").click()
    expect(result.locator("dd")).to_have_count(3, timeout=15_000)
    page.locator("#anchor").fill("0" * 64)
    page.locator("form.zb-fields button[type=submit]").click()
    expect(result.locator("h2 .failed, h2 .hard, h2 .returned")).to_be_visible(timeout=15_000)
    _sees_no_filing(page, [f"/filings/{filing.public_id}/", f"/review/filings/{filing.public_id}/", "/accounts/"])


def test_a_reference_number_read_out_leads_to_what_was_refused(enter: Enter, world: Province) -> None:
    refused = enter("filer-a", "/accounts/")
    number = refused.locator(".zb-wrongpage .zb-ref").inner_text()
    page = enter("sysadmin", "/")
    page.locator(".zb-nav a[href='/trail/references/']").click()
    page.locator("input[name=number]").fill(number.lower().replace("-", " "))
    page.keyboard.press("Enter")
    expect(page.locator(".zb-kv").first).to_contain_text(number)
    expect(page.locator(".zb-kv").first).to_contain_text("/accounts/")
    expect(page.locator(".zb-kv").first).to_contain_text(str(world.filer_a.user))
