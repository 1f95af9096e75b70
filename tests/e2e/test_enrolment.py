"""How people come to an institution and leave it: registered, approved, invited, handed over, each in a window of their own."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from institutions.models import Membership, User
from institutions.roles import Role
from reports.filings.models import Draft
from reports.rounds.models import Round
from tests.e2e.conftest import Enter
from tests.e2e.steps import cell, table, type_cell
from tests.factories.filings import a_filing, fill
from tests.factories.institutions import Province, a_certificate

CHOSEN = "Osmanthus-8642"


def _choose_account(page: Page, username: str) -> None:
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(CHOSEN)
    page.locator("[name=password_again]").fill(CHOSEN)


def _sign_in(page: Page, username: str) -> None:
    page.goto("/login/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(CHOSEN)
    page.locator("form.zb-sheet button[type=submit]").click()
    page.wait_for_url(lambda address: "/login/" not in address)


def _accept(page: Page, address: str, username: str) -> None:
    """Open the invitation, choose an account and sign in with it."""
    page.goto(address)
    _choose_account(page, username)
    page.locator("form.zb-sheet button.btn-primary").click()
    page.wait_for_url("**/login/")
    _sign_in(page, username)


def test_somebody_registers_is_approved_and_invites_a_colleague_who_fills_a_cell(
    window: Callable[..., Page], enter: Enter, world: Province, this_year: Round
) -> None:
    a_certificate(world.a, number="221300000001")
    filing = a_filing(this_year, world.a)
    visitor = window()
    visitor.goto("/login/")
    visitor.locator("a[href='/register/']").click()
    visitor.locator("[name=uscc]").fill(world.a.uscc.lower())
    visitor.locator("[name=certificate_number]").fill("２２１３０００００００１")
    visitor.locator("[name=institution_name]").fill(world.a.name)
    visitor.locator("[name=bureau]").select_option(world.gulou.code)
    visitor.locator("[name=name]").fill("孙自立")
    visitor.locator("[name=phone]").fill("0591-87804684")
    _choose_account(visitor, "sun")
    visitor.locator("button.btn-primary").click()
    code = visitor.locator(".zb-ref").first.inner_text()

    county = enter("gulou")
    county.locator("#applications-part a.btn").click()
    county.locator("table.zb-tbl th a", has_text=world.a.name).click()
    county.locator("form[action$='/approve/'] button").click()
    expect(county.locator(".zb-said")).to_contain_text("sun")

    visitor.goto("/register/status/")
    visitor.locator("[name=code]").fill(code)
    visitor.locator("form.zb-sheet button[type=submit]").click()
    expect(visitor.locator("section[role=status]")).to_contain_text("sun")
    _sign_in(visitor, "sun")
    visitor.goto("/people/")
    visitor.locator("[name=name]").fill("钱填报")
    visitor.locator("form[action$='/invite/'] button").click()
    address = visitor.locator("#made .zb-secret").inner_text()

    colleague = window()
    _accept(colleague, address, "qian")
    colleague.goto(table(filing, "JC05"))
    type_cell(colleague, "W101", "1,250")
    assert Draft.objects.get(filing=filing, table="JC05").cells["W101"] == "1250"
    held = Membership.objects.current().filter(institution=world.a, user__username__in=["sun", "qian"])
    assert set(held.values_list("user__username", "role")) == {("sun", Role.UNIT_ADMIN), ("qian", Role.FILER)}


def test_the_county_hands_the_work_of_somebody_who_left_to_a_successor(
    window: Callable[..., Page], enter: Enter, world: Province, this_year: Round
) -> None:
    filing = fill(a_filing(this_year, world.a), world.filer_a)
    old = enter("filer-a", table(filing, "JC05"))
    kept = cell(old, "W301").input_value()

    county = enter("gulou", f"/institutions/{world.a.public_id}/")
    county.locator("a[href$='/people/']").click()
    row = county.locator("tr", has_text="filer-a")
    row.locator("a.btn").click()
    county.locator("[name=hand-name]").fill("钱接任")
    county.locator("[name=hand-when]").select_option("now")
    county.locator("[name=hand-reason]").fill("陈甲填已离职，无法联系")
    county.locator("form[action$='/hand-over/'] button").click()
    address = county.locator("#made .zb-secret").inner_text()

    answer = old.reload()
    assert answer is not None
    assert answer.status == 403
    successor = window()
    _accept(successor, address, "qian")
    successor.goto(table(filing, "JC05"))
    expect(cell(successor, "W301")).to_have_value(kept)
    type_cell(successor, "W101", "1,250")
    assert User.objects.get(username="qian").memberships.get().institution == world.a
    expect(county.locator("tr", has_text="钱接任").first).to_be_visible()
