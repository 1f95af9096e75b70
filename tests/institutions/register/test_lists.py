"""The lists that prepare a round: who is on them, in whose area, as page and workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from institutions.enrolment.models_idle import IdleWarning
from institutions.models import Membership, User
from institutions.roles import Role
from portal.clock import database_now
from portal.trail.models import Event
from tests.factories.institutions import Province, a_certificate, a_membership, an_institution

SignIn = Callable[[Membership], Client]
LISTS = "/institutions/lists/"
DAY = dt.timedelta(days=1)


def listed(response) -> list[str]:
    return [institution.name for institution, _cells in response.context["rows"]]


def test_expiring_holds_what_runs_out_within_six_months(world: Province, sign_in: SignIn):
    today = database_now().date()
    for institution, days, status in (
        (world.a, 10, "1"), (world.b, 200, "1"), (world.c, 30, "1"), (world.d, 20, "4"), (world.e, -5, "1"),
    ):  # fmt: skip
        a_certificate(institution, issued_on=today - 900 * DAY, expires_on=today + days * DAY, status=status)
    client = sign_in(world.statistician)
    page = client.get(f"{LISTS}expiring/")
    assert listed(page) == [world.a.name, world.c.name]
    assert next(count for _code, _title, count in page.context["tabs"]) == 2
    assert listed(client.get(f"{LISTS}expiring/", {"bureau": world.taijiang.code})) == [world.c.name]
    assert listed(sign_in(world.gulou_reviewer).get(f"{LISTS}expiring/", {"bureau": world.taijiang.code})) == [
        world.a.name
    ]


def test_unregistered_holds_who_has_nobody(world: Province, sign_in: SignIn):
    assert listed(sign_in(world.statistician).get(f"{LISTS}unregistered/")) == [
        world.d.name,
        world.c.name,
        world.e.name,
    ]
    Membership.objects.filter(institution=world.a).update(ended_at=database_now())
    User.objects.filter(memberships__institution=world.b).update(is_active=False)
    assert listed(sign_in(world.gulou_reviewer).get(f"{LISTS}unregistered/")) == [world.b.name, world.a.name]


def test_unused_holds_people_who_never_signed_in(world: Province, sign_in: SignIn):
    User.objects.filter(pk=world.filer_a.user_id).update(last_login=database_now())
    page = sign_in(world.gulou_reviewer).get(f"{LISTS}unused/")
    assert [cells[0] for _institution, cells in page.context["rows"]] == ["陈乙填", "黄乙签", "黄甲签"]


def test_the_workbook_holds_the_same_and_leaves_an_event(world: Province, sign_in: SignIn):
    answer = sign_in(world.gulou_reviewer).get(f"{LISTS}unused/workbook/")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert [sheet.cell(row, 2).value for row in range(4, 8)] == ["陈乙填", "黄乙签", "陈甲填", "黄甲签"]
    assert Event.objects.get(verb="register.exported").scope == world.gulou.path
    assert sign_in(world.gulou_reviewer).get(f"{LISTS}nothing/").status_code == 404


@pytest.mark.parametrize("many", [1, 5])
@pytest.mark.parametrize("which", ["expiring", "unregistered", "unused", "idle"])
def test_a_list_costs_the_same_for_one_row_and_five(
    world: Province, sign_in: SignIn, django_assert_num_queries, which: str, many: int
):
    today = database_now().date()
    for _number in range(many):
        made = an_institution(world.licheng)
        a_certificate(made, issued_on=today - DAY, expires_on=today + DAY)
        if which in ("unused", "idle"):
            person = a_membership(Role.FILER, made).user
        if which == "idle":
            IdleWarning.objects.create(user=person, closes_at=database_now() + 30 * DAY)
    a_membership(Role.FILER, world.d, world.filer_a.user)
    User.objects.filter(pk=world.filer_a.user_id).update(last_login=database_now())
    client = sign_in(world.licheng_reviewer)
    client.get(f"{LISTS}{which}/")
    # session, person, memberships; bureaus, the time, count, rows, four counts; the frame: memberships, unread
    with django_assert_num_queries(11):
        assert len(listed(client.get(f"{LISTS}{which}/"))) == many
