"""The reader's language: Chinese until somebody chooses."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from institutions.models import User
from tests.factories.institutions import a_user

pytestmark = pytest.mark.django_db
COOKIE = settings.LANGUAGE_COOKIE_NAME


def language(client: Client, **headers: str) -> tuple[str, str]:
    response = client.get(reverse("login"), headers=headers)
    tag = "en" if '<html lang="en">' in response.content.decode() else "zh-hans"
    assert "Cookie" in response["Vary"]
    return response["Content-Language"], tag


def test_first_page_is_chinese_whatever_the_browser_asks_for(client: Client):
    assert language(client, accept_language="en-GB,en;q=0.9") == ("zh-hans", "zh-hans")


def test_choice_is_kept_in_the_browser(client: Client):
    response = client.post(reverse("language-set"), {"language": "en", "next": "/login/?next=/inbox/"})
    assert (response.status_code, response.url) == (302, "/login/?next=/inbox/")
    assert client.cookies[COOKIE]["httponly"] is True
    assert language(client, accept_language="zh-CN") == ("en", "en")


@pytest.mark.parametrize("code", ["", "fr", "EN", "zh-hans; path=/", "\0"])
def test_unknown_language_changes_nothing(client: Client, code: str):
    client.post(reverse("language-set"), {"language": code})
    assert COOKIE not in client.cookies
    client.cookies[COOKIE] = "xx"
    assert language(client) == ("zh-hans", "zh-hans")


@pytest.mark.parametrize("next_", ["//evil.cn", "https://evil.cn", "javascript:alert(1)", "", "/a\nb"])
def test_next_leads_to_this_site_only(client: Client, next_: str):
    assert client.post(reverse("language-set"), {"language": "en", "next": next_}).url == "/"


def test_choice_of_somebody_signed_in_is_kept_in_the_account(client: Client):
    user = a_user()
    client.force_login(user, backend="institutions.accounts.backends.NameBackend")
    client.post(reverse("language-set"), {"language": "en"})
    assert User.objects.get(pk=user.pk).language == "en"
