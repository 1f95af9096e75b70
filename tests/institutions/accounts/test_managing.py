"""The system administrator's accounts, and what the security administrator checks."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.test import Client
from django.urls import reverse

from institutions.accounts import actions
from institutions.accounts.passwords import first_password
from institutions.home import accounts as accounts_part
from institutions.models import Membership, User
from institutions.roles import Role
from portal.clock import database_now
from portal.trail.models import Event
from tests.factories.institutions import PASSWORD, Province, a_membership, a_user

SignIn = Callable[[Membership], Client]
LIST = "/accounts/"


def usernames(response) -> list[str]:
    return sorted(one.username for one in response.context["page"])


def test_account_list_holds_everybody_for_the_province(world: Province, sign_in: SignIn):
    a_user("placeless")
    response = sign_in(world.system_admin).get(LIST)
    assert len(usernames(response)) == 16
    assert "placeless" in usernames(response)


def test_account_list_of_a_prefecture_holds_the_people_of_its_subtree(world: Province, sign_in: SignIn):
    a_user("placeless")
    local = a_membership(Role.SYSTEM_ADMIN, world.fuzhou, a_user("fuzhou-admin"))
    expected = ["filer-a", "filer-b", "fuzhou", "fuzhou-admin", "gulou", "signer-a", "signer-b", "taijiang"]
    client = sign_in(local)
    assert usernames(client.get(LIST)) == expected
    address = reverse("institutions:account-deactivate", args=[world.quanzhou_reviewer.user_id])
    assert client.post(address).status_code == 404
    assert User.objects.get(pk=world.quanzhou_reviewer.user_id).is_active is True


def test_somebody_with_a_role_outside_the_subtree_is_not_managed_inside_it(world: Province, sign_in: SignIn):
    """A new first password of theirs would open the role outside too."""
    a_membership(Role.REVIEWER, world.gulou, world.statistician.user)
    local = a_membership(Role.SYSTEM_ADMIN, world.fuzhou, a_user("fuzhou-admin"))
    client = sign_in(local)
    assert world.statistician.user.username not in usernames(client.get(LIST))
    before = User.objects.get(pk=world.statistician.user_id).password
    address = reverse("institutions:account-password", args=[world.statistician.user_id])
    assert client.post(address).status_code == 404
    assert User.objects.get(pk=world.statistician.user_id).password == before
    assert sign_in(world.system_admin).post(address).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=甲", ["filer-a", "signer-a"]),
        ("q=FILER", ["filer-a", "filer-b"]),
        ("q=%25", []),
        ("q=_", []),
        ("state=stopped", ["gulou"]),
        ("q=gulou&state=active", []),
    ],
)
def test_account_list_search_is_literal(world: Province, sign_in: SignIn, query: str, found: list[str]):
    User.objects.filter(pk=world.gulou_reviewer.user_id).update(is_active=False)
    client = sign_in(world.system_admin)
    assert usernames(client.get(LIST, dict(part.split("=") for part in query.replace("%25", "%").split("&")))) == found


def test_deactivate_signs_the_person_out_and_activate_lets_them_in_again(world: Province, sign_in: SignIn):
    admin, person = sign_in(world.system_admin), sign_in(world.gulou_reviewer)
    assert person.get("/account/").status_code == 200
    account = world.gulou_reviewer.user
    response = admin.post(reverse("institutions:account-deactivate", args=[account.pk]), {"next": "/accounts/?q=gulou"})
    assert response.url == "/accounts/?q=gulou"
    assert person.get("/account/").status_code == 302
    admin.post(reverse("institutions:account-activate", args=[account.pk]), {"next": "//evil.cn"})
    assert person.get("/account/").status_code == 302  # the old session stays ended
    verbs = Event.objects.filter(object_id=str(account.pk), verb__startswith="account.").order_by("id")
    assert list(verbs.values_list("verb", "actor")) == [
        ("account.deactivated", world.system_admin.user_id),
        ("account.activated", world.system_admin.user_id),
    ]


def test_deactivate_twice_changes_nothing_the_second_time(world: Province):
    account = world.gulou_reviewer.user
    actions.deactivate_account(account=account, by=world.system_admin)
    before = User.objects.filter(pk=account.pk).values().get()
    actions.deactivate_account(account=account, by=world.system_admin)
    assert User.objects.filter(pk=account.pk).values().get() == before
    assert Event.objects.filter(verb="account.deactivated").count() == 1


@pytest.mark.parametrize("act", ["account-deactivate", "account-activate", "account-password"])
def test_nobody_manages_their_own_account(world: Province, sign_in: SignIn, act: str):
    client = sign_in(world.system_admin)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    before = User.objects.filter(pk=world.system_admin.user_id).values().get() | {"last_login": None}
    response = client.post(reverse(f"institutions:{act}", args=[world.system_admin.user_id]))
    assert response.status_code == 403
    reason = "Nobody stops, opens or resets their own account. Ask another system administrator."
    assert reason in response.content.decode()
    assert reason in client.get(LIST).content.decode()
    assert User.objects.filter(pk=world.system_admin.user_id).values().get() | {"last_login": None} == before


def test_reset_password_is_shown_once_and_must_be_changed(world: Province, sign_in: SignIn):
    person = sign_in(world.gulou_reviewer)
    account = world.gulou_reviewer.user
    response = sign_in(world.system_admin).post(reverse("institutions:account-password", args=[account.pk]))
    password = response.context["password"]
    assert password in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert person.get("/account/").status_code == 302
    account.refresh_from_db()
    assert (account.check_password(password), account.check_password(PASSWORD)) == (True, False)
    assert account.must_change_password is True
    assert password not in str(Event.objects.get(verb="account.password-reset").details)


def test_first_password_satisfies_the_rules():
    made = {first_password() for _number in range(50)}
    assert len(made) == 50
    for password in made:
        validate_password(password)


@pytest.mark.parametrize("many", [1, 5])
def test_account_list_costs_the_same_for_one_row_and_five(
    world: Province, sign_in: SignIn, django_assert_num_queries, many: int
):
    for number in range(many):
        user = a_user(f"somebody{number}")
        a_membership(Role.FILER, world.a, user)
        a_membership(Role.REVIEWER, world.gulou, user)
    client = sign_in(world.system_admin)
    client.get(LIST)
    # session, person, memberships; count, rows, what they hold; the frame: memberships, unread
    with django_assert_num_queries(6):
        response = client.get(LIST, {"q": "somebody"})
    assert len(usernames(response)) == many


def test_account_list_names_no_filing(world: Province, sign_in: SignIn):
    body = sign_in(world.system_admin).get(LIST).content.decode()
    assert "filer-a" in body
    assert "/filings/" not in body
    assert "/review/" not in body


def test_create_account_stores_the_compared_name_and_forces_a_change(world: Province):
    user = actions.create_account(username=" Ｗang.Min ", name="王敏", password=PASSWORD, by=world.system_admin)
    assert (user.username, user.must_change_password) == ("wang.min", True)
    assert Event.objects.get(verb="account.created").object_id == str(user.pk)


@pytest.mark.parametrize("username", ["", "  ", "wang min", "wang\0", "x" * 65, "\u202egulou"])
def test_create_account_with_a_name_that_cannot_be_typed_is_refused(world: Province, username: str):
    before = User.objects.count()
    with pytest.raises(actions.BadName):
        actions.create_account(username=username, name="王敏", by=world.system_admin)
    assert User.objects.count() == before


def test_create_account_with_a_name_in_use_is_refused(world: Province):
    before = User.objects.count()
    with pytest.raises(actions.NameTaken):
        actions.create_account(username="ＧＵＬＯＵ", name="王敏", by=world.system_admin)
    assert User.objects.count() == before


def test_home_part_counts_accounts_in_scope(world: Province):
    User.objects.filter(pk=world.filer_a.user_id).update(is_active=False)
    assert accounts_part(world.system_admin).context["counts"] == {"every": 15, "stopped": 1, "never": 14, "unused": 0}


def test_policies_list_every_role_with_its_acts_and_holders(world: Province, sign_in: SignIn):
    response = sign_in(world.security_admin).get(reverse("institutions:policy-list"))
    rows = {str(row["role"]): (row["holders"], len(row["may"])) for row in response.context["roles"]}
    assert sorted(rows.values()) == sorted([(2, 2), (2, 4), (0, 3), (7, 4), (1, 8), (0, 1), (1, 1), (1, 1), (1, 1)])
    assert (response.context["tries"], response.context["lock_minutes"], response.context["idle_minutes"]) == (
        5,
        20,
        30,
    )


def test_a_first_password_runs_out(world: Province, client: Client, settings):
    """ASVS 6.4.1: random, once, and for a short time. A new one opens the account again."""
    settings.FIRST_PASSWORD_DAYS = 7
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    account = world.gulou_reviewer.user
    password = actions.reset_password(account=account, by=world.system_admin)
    User.objects.filter(pk=account.pk).update(first_password_until=database_now() - dt.timedelta(seconds=1))
    refused = client.post("/login/", {"username": "gulou", "password": password})
    assert refused.status_code == 422
    assert "has run out" in refused.content.decode()
    second = actions.reset_password(account=account, by=world.system_admin)
    assert client.post("/login/", {"username": "gulou", "password": second}).url.startswith("/account/password/")
    client.post("/account/password/", {"old": second, "new": "Osmanthus-8642", "again": "Osmanthus-8642"})
    assert User.objects.get(pk=account.pk).first_password_until is None
