"""The province creates the round of 2024 from that of 2023 and freezes its roster; it opens a quarter of report numbers."""

from __future__ import annotations

from playwright.sync_api import expect

from reports.filings.models import Filing
from reports.rounds.models import Kind, Round
from tests.e2e.conftest import Enter
from tests.e2e.test_keyboard import tab_to
from tests.factories.filings import accepted_filing, open_round
from tests.factories.institutions import Province, a_certificate


def test_the_round_of_2024_begins_from_that_of_2023(enter: Enter, world: Province, this_year: Round) -> None:
    for institution in (world.a, world.b):
        a_certificate(institution)
    before = accepted_filing(this_year, world.a, reviewing_bureau=world.taijiang, scope=world.taijiang.path)
    page = enter("province", "/rounds/")
    page.get_by_role("link", name=this_year.title_zh).click()
    page.locator(f"a[href*='from={this_year.public_id}']").click()
    expect(page.locator("[name=period]")).to_have_value("2024")
    expect(page.locator("[name=title_zh]")).to_have_value("2024年度统计调查")
    expect(page.locator("[name=cut_off]")).to_have_value("2024-12-31")
    page.locator("form.zb-sheet[method=post] button.btn-primary").click()
    page.wait_for_url(lambda url: "/new" not in url)
    round = Round.objects.get(period="2024")
    assert round.previous_id == this_year.pk
    assert set(round.phases.values_list("name", flat=True)) == set(this_year.phases.values_list("name", flat=True))
    page.locator("form[action$='/freeze/'] button").click()
    page.wait_for_url("**/roster/**")
    filings = Filing.objects.filter(round=round).order_by("institution_id")
    # Last year's department, else that of the place.
    assert [(one.institution_id, one.reviewing_bureau_id) for one in filings] == [
        (world.a.pk, world.taijiang.pk),
        (world.b.pk, world.gulou.pk),
    ]
    assert [one.previous_id for one in filings] == [before.pk, None]


def test_the_next_quarter_is_opened_by_keys_alone_and_without_script(enter: Enter, world: Province) -> None:
    open_round(world, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS)
    page = enter("province", "/rounds/", script=False)
    tab_to(page, "a[href$='quarter=next']")
    page.keyboard.press("Enter")
    expect(page.locator("[name=period]")).to_have_value("2024Q1")
    expect(page.locator("[name=fill_opens_day]")).to_have_value("2024-04-01")
    expect(page.locator("[name=fill_due_day]")).to_have_value("2024-04-30")

    page.locator("[name=fill_due_day]").fill("2024-05-08")
    page.locator("[name=fill_due_day]").press("Enter")
    expect(page.locator(".zb-note[role=alert] li")).to_have_count(1)
    assert not Round.objects.filter(period="2024Q1").exists()

    tab_to(page, ".zb-note[role=alert] a")
    page.keyboard.press("Enter")
    expect(page.locator("[name=fill_due_day]")).to_have_value("2024-04-30")
    page.locator("[name=period]").press("Enter")
    page.wait_for_url(lambda url: "/new" not in url)
    assert set(Round.objects.get(period="2024Q1").phases.values_list("name", flat=True)) == {"fill", "supplement"}
