"""Signing in and out with the inputs that people and attackers really send (L1 to L14)."""

import datetime as dt
import time

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from institutions.accounts.backends import LONGEST_PASSWORD, NameBackend
from institutions.models import Institution, Membership, User
from institutions.roles import Role
from portal.trail.models import Event
from tests.factories.institutions import PASSWORD, Province, a_membership, a_user

pytestmark = pytest.mark.django_db
WRONG = "not-the-password"


@pytest.fixture
def gulou(world: Province) -> User:
    return world.gulou_reviewer.user


@pytest.fixture
def client() -> Client:
    """A reader of English, so that the words in the tests are those in the code."""
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def enter(client: Client, username: str = "gulou", password: str = PASSWORD, **more: str):
    return client.post(reverse("login"), {"username": username, "password": password, **more})


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def test_sign_in_opens_the_home_page_and_leaves_an_event(client: Client, gulou: User, world: Province):
    response = enter(client)
    assert (response.status_code, response.url) == (302, "/")
    assert is_in(client)
    event = Event.objects.get(verb="account.signed-in")
    assert (event.actor, event.succeeded, event.address) == (gulou, True, "127.0.0.1")
    assert event.actor_label == str(world.gulou_reviewer)


def test_sign_in_goes_to_the_page_that_was_wanted(client: Client, gulou: User):
    wanted = reverse("institutions:institution-list") + "?q=%E7%A6%8F%E5%BB%BA"
    asked = client.get(wanted)
    assert asked.status_code == 302
    page = client.get(asked.url)
    response = enter(client, next=page.context["next"])
    assert response.url == wanted


def test_l1_the_same_words_for_a_wrong_password_and_an_unknown_name(client: Client, gulou: User):
    known = enter(client, password=WRONG).context["form"].non_field_errors()
    unknown = enter(client, username="nobody").context["form"].non_field_errors()
    assert (
        known
        == unknown
        == ["The user name or the password is wrong. Check Caps Lock and the input method, then try again."]
    )
    assert not is_in(client)


def test_l1_tries_left_are_said_from_the_third_on_then_the_account_is_locked(client: Client, gulou: User):
    said = []
    for _try in range(4):
        response = enter(client, password=WRONG)
        assert response.status_code == 422
        said.append(response.context["form"].non_field_errors()[0].partition("try again.")[2].strip())
    assert said == [
        "",
        "",
        "2 tries are left, then the account is locked for 20 minutes.",
        "1 try is left, then the account is locked for 20 minutes.",
    ]
    locked = enter(client, password=WRONG)
    assert locked.status_code == 429
    assert locked.context["locked"].startswith(
        "Too many wrong passwords: the account is locked on this computer for 20 more minutes."
    )
    assert 0 < int(locked["Retry-After"]) <= 20 * 60
    reasons = (
        Event.objects.filter(verb="account.sign-in-failed").order_by("id").values_list("details__reason", flat=True)
    )
    assert list(reasons) == ["password"] * 4 + ["locked"]


def lock(client: Client) -> None:
    for _try in range(settings.AXES_FAILURE_LIMIT):
        enter(client, password=WRONG)


def test_l2_the_right_password_does_not_open_a_locked_account(client: Client, gulou: User):
    lock(client)
    response = enter(client)
    assert response.status_code == 429
    assert "20 more minutes" in response.context["locked"]
    assert not is_in(client)


def test_l2_the_time_left_runs_down_and_trying_does_not_prolong_it(client: Client, gulou: User):
    lock(client)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=15, seconds=30), tick=False):
        assert "5 more minutes" in enter(client, password=WRONG).context["locked"]
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=19, seconds=30), tick=False):
        assert "1 more minute." in enter(client).context["locked"]
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=20, seconds=5), tick=False):
        assert enter(client).status_code == 302


def test_l2_a_lock_holds_for_one_account_only(client: Client, gulou: User):
    lock(client)
    assert enter(client, username="taijiang").status_code == 302


def test_l2_a_right_password_forgets_the_wrong_ones(client: Client, gulou: User):
    for _try in range(4):
        enter(client, password=WRONG)
    assert enter(client).status_code == 302
    assert AccessAttempt.objects.count() == 0


@pytest.mark.parametrize("typed", [" gulou ", "GuLou", "ｇｕｌｏｕ", "　Ｇulou", "gulou\u3000"])
def test_l3_other_spellings_of_the_name_are_the_name(client: Client, gulou: User, typed: str):
    assert enter(client, username=typed).status_code == 302


def test_l3_other_spellings_share_the_count_of_tries(client: Client, gulou: User):
    for typed in ("gulou", "GULOU", " gulou", "ｇｕｌｏｕ"):
        enter(client, username=typed, password=WRONG)
    assert enter(client, username="gulou ", password=WRONG).status_code == 429


def test_l4_a_password_beyond_the_limit_is_refused_before_hashing(client: Client, gulou: User, monkeypatch):
    monkeypatch.setattr(User, "check_password", lambda *args: pytest.fail("hashed"))
    monkeypatch.setattr(User, "set_password", lambda *args: pytest.fail("hashed"))
    long = "x" * 10_000
    started = time.monotonic()
    response = enter(client, password=long)
    assert time.monotonic() - started < 1
    assert response.status_code == 422
    assert response.context["form"].errors["password"] == ["密码最长256个字符，您输入了10000个。"]
    assert NameBackend().authenticate(None, username="gulou", password="x" * (LONGEST_PASSWORD + 1)) is None


@pytest.mark.parametrize("typed", ["gu\0lou", "gu\x07lou", "gulou\r\nadmin"])
def test_l5_a_name_with_a_control_character_is_refused_with_its_reason(client: Client, gulou: User, typed: str):
    response = enter(client, username=typed)
    assert response.status_code == 422
    assert response.context["form"].errors["username"] == [
        "The user name holds a character that cannot be read. Type it again instead of pasting it."
    ]
    assert NameBackend().authenticate(None, username=typed, password=PASSWORD) is None


@pytest.mark.parametrize("length", [65, 300])
def test_l5_a_name_beyond_the_limit_is_refused(client: Client, gulou: User, length: int):
    response = enter(client, username="x" * length)
    assert response.status_code == 422
    assert response.context["form"].errors["username"] == [
        f"A user name has at most 64 characters, this one has {length}."
    ]


@pytest.mark.parametrize("typed", ["' OR 1=1--", 'gulou"; DROP TABLE institutions_user;--', "%", "gulo_"])
def test_l6_sql_in_the_name_is_a_plain_failure(client: Client, gulou: User, typed: str):
    response = enter(client, username=typed)
    assert response.status_code == 422
    assert not is_in(client)
    assert User.objects.filter(pk=gulou.pk).exists()


@pytest.mark.parametrize(
    "next_",
    [
        "//evil.cn",
        "https://evil.cn/",
        "/\\evil.cn",
        "javascript:alert(1)",
        "///evil.cn",
        "http:evil.cn",
        "/a\r\nX: y",
        "%",
        "home",
    ],
)
def test_l7_next_leads_to_this_site_only(client: Client, gulou: User, next_: str):
    assert enter(client, next=next_).url == "/"
    assert client.get(reverse("login"), {"next": next_}).url == "/"


def test_l9_a_first_password_is_changed_before_anything_else(client: Client, gulou: User):
    User.objects.filter(pk=gulou.pk).update(must_change_password=True)
    wanted = reverse("institutions:institution-list")
    response = enter(client, next=wanted)
    assert response.url == reverse("password-change") + "?next=%2Finstitutions%2F"
    assert client.get(wanted).url == reverse("password-change") + "?next=%2Finstitutions%2F"
    page = client.get(response.url)
    assert page.context["forced"] is True
    changed = client.post(
        reverse("password-change"),
        {"old": PASSWORD, "new": "Osmanthus-8642", "again": "Osmanthus-8642", "next": page.context["next"]},
    )
    assert changed.url == wanted
    assert client.get(wanted).status_code == 200


def test_l10_a_stopped_account_says_whom_to_call(client: Client, gulou: User, world: Province):
    User.objects.filter(pk=world.filer_a.user_id).update(is_active=False)
    response = enter(client, username="filer-a")
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "This account is stopped. Please call 鼓楼区市场监督管理局, telephone 0591-00000102."
    ]
    assert not is_in(client)
    assert Event.objects.get(verb="account.sign-in-failed").details["reason"] == "stopped"


def test_l10_a_stopped_account_is_not_told_to_somebody_without_the_password(client: Client, gulou: User):
    User.objects.filter(pk=gulou.pk).update(is_active=False)
    words = enter(client, password=WRONG).context["form"].non_field_errors()
    assert words == ["The user name or the password is wrong. Check Caps Lock and the input method, then try again."]


def test_l10_an_account_of_a_closed_institution_says_so(client: Client, world: Province):
    Institution.objects.filter(pk=world.a.pk).update(status="closed")
    words = enter(client, username="filer-a").context["form"].non_field_errors()
    assert words == [
        "福建甲检测有限公司 is registered as closed, so its accounts no longer open. "
        "Please call 鼓楼区市场监督管理局, telephone 0591-00000102."
    ]
    a_membership(Role.FILER, world.b, world.filer_a.user)
    assert enter(client, username="filer-a").status_code == 302


def test_l10_an_account_without_a_role_is_told_so(client: Client, gulou: User):
    Membership.objects.filter(user=gulou).update(ended_at=timezone.now())
    [words] = enter(client).context["form"].non_field_errors()
    assert (
        words
        == "This account holds no role at present. Please call Accounts and the web site, telephone 0591-00000002."
    )


def test_l11_after_signing_out_the_old_cookie_opens_nothing(client: Client, gulou: User):
    enter(client)
    old = client.cookies[settings.SESSION_COOKIE_NAME].value
    response = client.post(reverse("logout"))
    assert (response.status_code, response.url) == (302, reverse("login"))
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = old
    assert other.get(reverse("profile")).url == reverse("login") + "?next=%2Faccount%2F"
    assert Event.objects.get(verb="account.signed-out").actor == gulou


def test_l11_signing_in_changes_the_session_key(client: Client, gulou: User):
    session = client.session
    session["seed"] = 1
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    enter(client)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != session.session_key


def test_l11_the_former_persons_choices_are_not_the_next_ones(client: Client, gulou: User, world: Province):
    enter(client, username="filer-a")
    client.post(reverse("logout"))
    enter(client, username="gulou")
    assert client.get("/account/").wsgi_request.membership == world.gulou_reviewer


def test_l12_a_form_without_its_token_is_refused_and_shown_again(gulou: User):
    client = Client(enforce_csrf_checks=True)
    response = client.post(
        reverse("login"), {"username": "gulou", "password": PASSWORD}, headers={"referer": "http://testserver/login/"}
    )
    assert response.status_code == 403
    assert "gulou" in response.content.decode()
    assert PASSWORD not in response.content.decode()


def test_l13_signing_out_everywhere_else_keeps_this_browser_only(gulou: User):
    here, there = Client(), Client()
    enter(here)
    enter(there)
    assert is_in(here)
    assert is_in(there)
    assert here.post(reverse("sessions-end")).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert Event.objects.filter(verb="account.sessions-ended").count() == 1


def test_l13_the_profile_shows_the_last_sign_ins(client: Client, gulou: User):
    enter(client)
    with translation.override("en"):
        [(event, label)] = client.get(reverse("profile")).context["sign_ins"]
    assert (event.address, label) == ("127.0.0.1", "Signed in")


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        (PASSWORD, "The new password is the present one. Choose another."),
        ("Short-1", "at least 10 characters"),
        ("Abc123456", "at least 10 characters"),
        ("password123", "too common"),
        ("onlysmallletters", "three of"),
        ("gulou-Gulou-1", "“gulou” is easily guessed here"),
        ("鼓楼区市场监督管理局A1", "“鼓楼区市场监督管理局” is easily guessed here"),
        ("Zhibao-2024-CMA", "is easily guessed here"),
        ("x" * 257, "密码最长256个字符"),
    ],
)
def test_l14_a_weak_new_password_is_refused_by_its_rule(client: Client, gulou: User, new: str, reason: str):
    enter(client)
    response = client.post(reverse("password-change"), {"old": PASSWORD, "new": new, "again": new})
    assert response.status_code == 422
    assert reason in " ".join(response.context["form"].errors["new"])
    assert User.objects.get(pk=gulou.pk).check_password(PASSWORD)
    assert not Event.objects.filter(verb="account.password-changed").exists()


def test_l14_the_present_password_and_twice_the_same_new_one_are_needed(client: Client, gulou: User):
    enter(client)
    wrong = client.post(reverse("password-change"), {"old": WRONG, "new": "Osmanthus-8642", "again": "Osmanthus-8643"})
    assert set(wrong.context["form"].errors) == {"old", "again"}
    assert User.objects.get(pk=gulou.pk).check_password(PASSWORD)


def test_changing_the_password_signs_out_the_other_browsers(gulou: User):
    here, there = Client(), Client()
    enter(here)
    enter(there)
    here.post(reverse("password-change"), {"old": PASSWORD, "new": "Osmanthus-8642", "again": "Osmanthus-8642"})
    assert is_in(here)
    assert not is_in(there)
    assert Event.objects.get(verb="account.password-changed").actor == gulou


def test_signing_in_takes_the_accounts_language_unless_one_was_chosen(world: Province):
    User.objects.filter(pk=world.gulou_reviewer.user_id).update(language="en")
    fresh = Client()
    enter(fresh)
    assert fresh.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    chosen = Client()
    chosen.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    enter(chosen)
    assert chosen.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"


def test_an_unknown_name_costs_as_much_as_a_wrong_password(client: Client, gulou: User, monkeypatch):
    hashed = []
    monkeypatch.setattr(User, "set_password", lambda self, password: hashed.append(password))
    enter(client, username="nobody", password=WRONG)
    assert hashed == [WRONG]


def test_a_person_with_two_roles_acts_as_the_first_and_can_switch(client: Client, world: Province):
    user = a_user("both")
    first, second = a_membership(Role.FILER, world.a, user), a_membership(Role.REVIEWER, world.licheng, user)
    enter(client, username="both")
    assert client.get("/account/").wsgi_request.membership == first
    assert client.post(reverse("membership-switch"), {"membership": second.pk}).url == "/"
    assert client.get("/account/").wsgi_request.membership == second
    event = Event.objects.get(verb="account.switched")
    with translation.override("zh-hans"):  # the language of the trail
        assert (event.actor_label, event.details) == (str(second), {"from": str(first)})


@pytest.mark.parametrize("wanted", ["", "abc", "0", "99999999999999999999"])
def test_switching_to_a_membership_one_does_not_hold_is_not_found(client: Client, world: Province, wanted: str):
    enter(client)
    for membership in (wanted, str(world.statistician.pk)):
        assert client.post(reverse("membership-switch"), {"membership": membership}).status_code == 404
    assert client.get("/account/").wsgi_request.membership == world.gulou_reviewer


def test_l12_passwords_of_an_old_form_are_shown_on_no_page(world: Province):
    """The token grew old, or the session ended, while the form that changes the password stood open."""
    typed = {"old": PASSWORD, "new": "Osmanthus-8642", "again": "Osmanthus-8642"}
    stale, gone = Client(enforce_csrf_checks=True), Client()
    stale.force_login(world.filer_a.user, backend="institutions.accounts.backends.NameBackend")
    referer = {"Referer": "http://testserver/account/password/"}
    for client, status in ((stale, 403), (gone, 401)):
        answer = client.post("/account/password/", typed, headers=referer)
        assert answer.status_code == status
        assert not any(words in answer.content.decode() for words in typed.values())
