"""Accounts nobody uses are warned, closed after the warning, and opened again by the bureau."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse

from institutions.accounts.actions import activate_account, deactivate_account
from institutions.enrolment import idle
from institutions.enrolment.errors import NotAllowed
from institutions.enrolment.idle import Swept, sweep
from institutions.enrolment.models_idle import IdleWarning
from institutions.enrolment.tasks import sweep_idle
from institutions.models import Membership, User
from institutions.roles import Role
from portal.clock import database_now
from portal.inbox.models import Notice
from portal.trail.models import Event
from tests.factories.institutions import PASSWORD, Province, a_membership

SignIn = Callable[[Membership], Client]
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def policy(settings) -> None:
    settings.ACCOUNT_IDLE_DAYS, settings.ACCOUNT_WARNING_DAYS = 400, 30


def last_used(person: Membership, days: int) -> None:
    """Everybody else signed in just now."""
    now = database_now()
    User.objects.update(last_login=now, date_joined=now - 1000 * DAY)
    User.objects.filter(pk=person.user_id).update(last_login=now - days * DAY)


def later(days: int) -> None:
    """So many days pass, for accounts and warnings alike."""
    User.objects.update(last_login=F("last_login") - days * DAY, date_joined=F("date_joined") - days * DAY)
    IdleWarning.objects.update(warned_at=F("warned_at") - days * DAY, closes_at=F("closes_at") - days * DAY)


def account(membership: Membership) -> User:
    return User.objects.get(pk=membership.user_id)


@pytest.mark.parametrize(("days", "warned"), [(370, 0), (371, 1), (2000, 1)])
def test_a_warning_comes_before_the_policy_days_are_over(world: Province, days: int, warned: int):
    last_used(world.filer_a, days)
    assert sweep() == Swept(settled=0, warned=warned, closed=0)
    assert account(world.filer_a).is_active
    assert Notice.objects.filter(recipient=world.filer_a.user).count() == warned
    assert sweep() == Swept(settled=0, warned=0, closed=0)


def test_nobody_is_closed_without_the_full_time_after_the_warning(world: Province, sign_in: SignIn):
    last_used(world.filer_a, 2000)
    client = sign_in(world.filer_a)
    User.objects.filter(pk=world.filer_a.user_id).update(last_login=database_now() - 2000 * DAY)
    sweep_idle()
    IdleWarning.objects.update(closes_at=database_now() + dt.timedelta(seconds=1))
    assert sweep().closed == 0
    assert client.get("/account/").status_code == 200
    IdleWarning.objects.update(warned_at=database_now() - 30 * DAY, closes_at=database_now())
    assert sweep_idle() == 1
    assert not account(world.filer_a).is_active
    assert client.get("/account/").status_code == 302
    event = Event.objects.get(verb="account.closed-idle")
    assert (event.actor, event.object_id) == (None, str(world.filer_a.user_id))
    assert sweep() == Swept(settled=0, warned=0, closed=0)


def test_signing_in_after_the_warning_keeps_the_account(world: Province, client: Client):
    last_used(world.filer_a, 380)
    sweep()
    assert client.post("/login/", {"username": "filer-a", "password": PASSWORD}).status_code == 302
    IdleWarning.objects.update(closes_at=database_now() - DAY, warned_at=database_now() - 31 * DAY)
    assert sweep() == Swept(settled=1, warned=0, closed=0)
    assert account(world.filer_a).is_active


def test_one_that_was_never_used_counts_from_its_making(world: Province):
    last_used(world.filer_a, 0)
    User.objects.filter(pk=world.filer_a.user_id).update(last_login=None, date_joined=database_now() - 371 * DAY)
    User.objects.filter(pk=world.filer_b.user_id).update(last_login=None, date_joined=database_now() - 300 * DAY)
    assert sweep().warned == 1
    assert IdleWarning.objects.get().user == world.filer_a.user


def test_the_last_who_could_open_accounts_is_warned_and_not_closed(world: Province):
    last_used(world.system_admin, 500)
    assert sweep().warned == 1
    later(31)
    User.objects.exclude(pk=world.system_admin.user_id).update(last_login=database_now())
    assert sweep().closed == 0
    assert account(world.system_admin).is_active


def test_people_of_a_demonstration_are_left_alone(world: Province):
    last_used(world.filer_a, 500)
    User.objects.filter(pk=world.filer_a.user_id).update(is_demo=True)
    assert sweep() == Swept(settled=0, warned=0, closed=0)


def closed(world: Province) -> None:
    last_used(world.filer_a, 500)
    sweep()
    IdleWarning.objects.update(warned_at=database_now() - 31 * DAY, closes_at=database_now() - DAY)
    assert sweep().closed == 1


def test_the_county_opens_it_again_with_a_reason(world: Province, sign_in: SignIn):
    closed(world)
    client = sign_in(world.gulou_reviewer)
    assert client.get(reverse("institutions:register-list", args=["idle"])).context["rows"][0][0] == world.a
    page = client.get(reverse("institutions:membership-detail", args=[world.filer_a.pk]))
    address = reverse("institutions:membership-reopen", args=[world.filer_a.pk])
    assert address in page.content.decode()
    assert client.post(address, {"open-reason": ""}).status_code == 422
    assert not account(world.filer_a).is_active
    assert client.post(address, {"open-reason": "本人电话申请"}).status_code == 302
    assert account(world.filer_a).is_active
    assert Event.objects.get(verb="account.reopened").details == {"reason": "本人电话申请"}
    assert client.get(reverse("institutions:register-list", args=["idle"])).context["rows"] == []
    assert sweep() == Swept(settled=0, warned=1, closed=0)  # warned anew, with the full time


@pytest.mark.parametrize("role", ["signer_a", "taijiang_reviewer", "filer_b", "security_admin"])
def test_others_open_nothing(world: Province, role: str):
    closed(world)
    with pytest.raises(NotAllowed):
        idle.reopen(membership=world.filer_a, reason="试", by=getattr(world, role))
    assert not account(world.filer_a).is_active


def test_what_an_administrator_stopped_the_county_does_not_open(world: Province):
    closed(world)
    user = account(world.filer_a)
    activate_account(account=user, by=world.system_admin)
    deactivate_account(account=user, by=world.system_admin)
    with pytest.raises(NotAllowed):
        idle.reopen(membership=world.filer_a, reason="试", by=world.gulou_reviewer)
    assert not account(world.filer_a).is_active


def test_who_holds_a_role_elsewhere_is_not_opened_by_the_county(world: Province):
    a_membership(Role.FILER, world.d, world.filer_a.user)
    closed(world)
    with pytest.raises(NotAllowed):
        idle.reopen(membership=world.filer_a, reason="试", by=world.gulou_reviewer)
    assert not account(world.filer_a).is_active


def test_a_large_stock_goes_in_batches(world: Province, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(idle, "BATCH", 2)
    User.objects.update(last_login=database_now() - 500 * DAY, date_joined=database_now() - 900 * DAY)
    assert sweep().warned == User.objects.count()
    IdleWarning.objects.update(warned_at=database_now() - 31 * DAY, closes_at=database_now() - DAY)
    assert sweep().closed == User.objects.count() - 1  # all but the administrator


def test_the_database_refuses_two_warnings_at_once(world: Province):
    last_used(world.filer_a, 500)
    sweep()
    with pytest.raises(IntegrityError), transaction.atomic():
        IdleWarning.objects.create(user=world.filer_a.user, closes_at=database_now())
    for values in ({"settled_at": database_now(), "closed_at": database_now()}, {"reopened_at": database_now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            IdleWarning.objects.update(**values)
