"""Invitations opened by people without an account, and what opens nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from threading import Thread
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from institutions.enrolment import accepting, actions
from institutions.enrolment.mailing import address_of
from institutions.enrolment.models import Invitation
from institutions.models import Institution, Membership, User
from institutions.roles import Role
from portal.trail.models import Event
from tests.factories.institutions import PASSWORD, Province, a_user, build_province

SignIn = Callable[[Membership], Client]
NEW = "Osmanthus-8642"
TYPED = {
    "name": "郑新人",
    "username": "Zheng",
    "password": NEW,
    "password_again": NEW,
    "phone": "０５９１－８７８０４６８４",
}
ADDRESS = "/invitation/"


@pytest.fixture
def secret(world: Province) -> str:
    _invitation, secret = actions.invite(
        place=world.a, role="filer", name="郑新人", email="zheng@example.com", by=world.signer_a
    )
    return secret


@pytest.fixture
def english(client: Client) -> Client:
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def age(**by: int) -> None:
    """Make every invitation older."""
    Invitation.objects.update(
        created_at=Invitation.objects.get().created_at - dt.timedelta(**by),
        expires_at=Invitation.objects.get().expires_at - dt.timedelta(**by),
    )


def test_accepting_makes_an_account_that_signs_in_and_fills(world: Province, client: Client, secret: str):
    page = client.get(urlsplit(address_of(secret)).path, {"code": secret})
    assert page.status_code == 200
    assert page.context["form"]["name"].value() == "郑新人"
    assert client.post(ADDRESS, TYPED | {"code": secret}).url == reverse("login")
    user = User.objects.get(username="zheng")
    assert (user.name, user.email, user.phone) == ("郑新人", "zheng@example.com", "0591-87804684")
    assert user.must_change_password is False
    [membership] = user.memberships.all()
    assert (membership.role, membership.institution) == (Role.FILER, world.a)
    assert client.post("/login/", {"username": "ZHENG", "password": NEW}).url == "/"
    assert client.get("/filings/").status_code == 200
    event = Event.objects.get(verb="invitation.accepted")
    assert (event.actor, event.details["invited_by"]) == (user, "signer-a")


def test_an_invitation_works_once(world: Province, english: Client, secret: str):
    english.post(ADDRESS, TYPED | {"code": secret})
    again = english.post(ADDRESS, TYPED | {"code": secret, "username": "second"})
    assert again.status_code == 410
    assert "it works once" in again.content.decode()
    assert not User.objects.filter(username="second").exists()


def revoke_all() -> None:
    Invitation.objects.update(revoked_at="2024-01-01T00:00:00+08:00", revoked_by=Membership.objects.earliest("pk"))


@pytest.mark.parametrize(
    ("make", "status", "words"),
    [
        (lambda: age(days=15), 410, "has expired. Ask 黄甲签"),
        (revoke_all, 410, "was taken back"),
        (lambda: Institution.objects.filter(name__contains="甲").update(status="closed"), 410, "registered as closed"),
        (lambda: Invitation.objects.update(digest="0" * 64), 404, "is no invitation of the portal"),
    ],
    ids=["expired", "revoked", "closed", "unknown"],
)  # fmt: skip
def test_what_opens_nothing_says_how_to_go_on(
    english: Client, secret: str, make: Callable[[], object], status: int, words: str
):
    make()
    for answer in (english.get(ADDRESS, {"code": secret}), english.post(ADDRESS, TYPED | {"code": secret})):
        assert answer.status_code == status
        assert words in answer.content.decode()
    assert not User.objects.filter(username="zheng").exists()


@pytest.mark.parametrize("code", ["x", "zi_", "zi_" + "x" * 200, "zi_\x00", "ｚｉ_１", "' OR 1=1--"])
def test_a_code_that_is_none_is_no_error(english: Client, db: None, code: str):
    assert english.get(ADDRESS, {"code": code}).status_code == 404


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": "\u200b"}, "name"),
        ({"username": "signer-a"}, "username"),
        ({"username": "ＳＩＧＮＥＲ-A"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "a\x00"}, "username"),
        ({"password": "short", "password_again": "short"}, "password"),
        ({"password": "甲检测甲检测Aa1", "password_again": "甲检测甲检测Aa1"}, "password"),
        ({"password_again": "Osmanthus-8643"}, "password_again"),
        ({"password": "Xy1-" * 1000, "password_again": "Xy1-" * 1000}, "password"),
    ],
)
def test_what_does_not_do_is_told_and_the_invitation_stays_open(
    world: Province, client: Client, secret: str, typed: dict[str, str], field: str
):
    before = User.objects.count()
    page = client.post(ADDRESS, TYPED | {"code": secret} | typed)
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert User.objects.count() == before
    assert Invitation.objects.open().count() == 1


def test_who_has_an_account_accepts_with_it(world: Province, sign_in: SignIn, secret: str):
    client = sign_in(world.filer_b)
    assert "filer-b" in client.get(ADDRESS, {"code": secret}).content.decode()
    assert client.post(ADDRESS, TYPED | {"code": secret}).status_code == 422  # no second account by mistake
    assert client.post(ADDRESS, {"code": secret, "mine": "1"}).url == "/"
    held = Membership.objects.current().filter(user=world.filer_b.user).values_list("institution", flat=True)
    assert sorted(held) == sorted([world.a.pk, world.b.pk])


def test_who_holds_the_role_already_keeps_the_invitation_open(world: Province, sign_in: SignIn, secret: str):
    answer = sign_in(world.filer_a).post(ADDRESS, {"code": secret, "mine": "1"})
    assert answer.status_code == 409
    assert Invitation.objects.open().count() == 1
    assert Membership.objects.filter(user=world.filer_a.user).count() == 1


def test_codes_are_not_to_be_guessed(english: Client, secret: str, settings):
    settings.INVITATIONS_A_MINUTE = 3
    statuses = [english.get(ADDRESS, {"code": f"zi_{number}"}).status_code for number in range(3)]
    refused = english.get(ADDRESS, {"code": secret})
    assert (statuses, refused.status_code) == ([404] * 3, 429)
    assert int(refused["Retry-After"]) > 0
    assert english.get(ADDRESS).status_code == 200  # asking for nothing is free


def test_the_database_refuses_what_no_invitation_is(world: Province, secret: str):
    bad = [
        {"role": "reviewer"},
        {"expires_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"accepted_at": dt.datetime(2030, 1, 1, tzinfo=dt.UTC)},
        {"revoked_at": dt.datetime(2030, 1, 1, tzinfo=dt.UTC)},
        {"replaces": world.filer_a.pk},
    ]
    for values in bad:
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.update(**values)


@pytest.mark.django_db(transaction=True)
def test_two_who_click_at_once_get_one_account():
    world = build_province()
    _invitation, secret = actions.invite(place=world.a, role="filer", name="郑", by=world.signer_a)
    outcomes: list[str] = []

    def take(username: str) -> None:
        try:
            accepting.accept(secret=secret, username=username, name="郑", password=NEW)
            outcomes.append("made")
        except accepting.DeadInvitation:
            outcomes.append("dead")
        finally:
            connection.close()

    threads = [Thread(target=take, args=[name]) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["dead", "made"]
    assert Membership.objects.filter(institution=world.a, role=Role.FILER, ended_at=None).count() == 2


def test_a_first_password_is_changed_before_anything_else(world: Province, client: Client):
    """The password an administrator gives out opens one page only."""
    user = a_user("fresh", must_change_password=True)
    Membership.objects.create(user=user, role=Role.FILER, institution=world.a)
    answer = client.post("/login/", {"username": "fresh", "password": PASSWORD})
    assert answer.url.startswith("/account/password/")
    assert client.get("/filings/").url.startswith("/account/password/")
    client.post("/account/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert client.get("/filings/").status_code == 200
