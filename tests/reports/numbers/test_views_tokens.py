"""Tokens: shown once, kept as a hash, revoked, and of one institution."""

from __future__ import annotations

import hashlib

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.urls import reverse

from institutions.models import Membership
from portal.trail.models import Event
from reports.filings.errors import NotAllowed
from reports.numbers import tokens
from reports.numbers.errors import NotTaken
from reports.numbers.models import ApiToken
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of, text_of

LIST, CREATE = "numbers:token-list", "numbers:token-create"


def test_the_secret_is_shown_once_and_kept_nowhere(world: Province) -> None:
    client = client_of(world.filer_a)
    answer = client.post(reverse(CREATE), {"name": "LIMS"})
    secret, token = answer.context["secret"], ApiToken.objects.get()
    assert secret.startswith("zb_")
    assert len(secret) == 46
    assert (token.digest, token.tail) == (hashlib.sha256(secret.encode()).hexdigest(), secret[-4:])
    assert secret in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert secret not in client.get(reverse(LIST)).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM numbers_apitoken t WHERE t::text LIKE %s", [f"%{secret[3:]}%"])
        assert cursor.fetchone()[0] == 0
    assert secret not in str(list(Event.objects.values()))
    assert Event.objects.get(verb="numbers.token-made").details == {"name": "LIMS"}


def test_a_revoked_token_opens_nothing(world: Province) -> None:
    token, secret = tokens.make(name="LIMS", by=world.filer_a)
    assert tokens.holder(secret) == token
    client_of(world.signer_a).post(reverse("numbers:token-revoke", args=[token.pk]))
    assert tokens.holder(secret) is None
    token.refresh_from_db()
    assert token.revoked_by == world.signer_a.user
    assert "已撤销" in text_of(client_of(world.filer_a).get(reverse(LIST)))
    client_of(world.filer_a).post(reverse("numbers:token-revoke", args=[token.pk]))
    token.refresh_from_db()
    assert token.revoked_by == world.signer_a.user
    assert Event.objects.filter(verb="numbers.token-revoked").count() == 1


def test_a_token_ends_with_the_role_of_its_maker(world: Province) -> None:
    _token, secret = tokens.make(name="LIMS", by=world.filer_a)
    Membership.objects.filter(pk=world.filer_a.pk).update(ended_at=Now())
    assert tokens.holder(secret) is None
    assert "创建人已离任" in text_of(client_of(world.signer_a).get(reverse(LIST)))


@pytest.mark.parametrize("secret", ["", "zb_", "zb_" + "x" * 43, "x" * 5000, "zb_' OR 1=1"])
def test_a_secret_that_is_none_opens_nothing(world: Province, secret: str) -> None:
    tokens.make(name="LIMS", by=world.filer_a)
    assert tokens.holder(secret) is None


def test_two_tokens_of_one_name_and_too_many_are_refused(world: Province) -> None:
    client = client_of(world.filer_a)
    client.post(reverse(CREATE), {"name": "LIMS"})
    again = client.post(reverse(CREATE), {"name": "LIMS"})
    assert (again.status_code, again.context["form"]["name"].value(), again.context["secret"]) == (422, "LIMS", "")
    for number in range(tokens.MOST - 1):
        tokens.make(name=f"系统{number}", by=world.filer_a)
    with pytest.raises(NotTaken):
        tokens.make(name="另一个", by=world.filer_a)
    assert ApiToken.objects.count() == tokens.MOST
    tokens.make(name="LIMS", by=world.filer_b)


def test_others_neither_see_nor_revoke_it(world: Province) -> None:
    token, secret = tokens.make(name="LIMS", by=world.filer_a)
    assert list(client_of(world.filer_b).get(reverse(LIST)).context["tokens"]) == []
    assert client_of(world.filer_b).post(reverse("numbers:token-revoke", args=[token.pk])).status_code == 404
    with pytest.raises(NotAllowed):
        tokens.revoke(token=token, by=world.filer_b)
    with pytest.raises(NotAllowed):
        tokens.make(name="LIMS", by=world.statistician)
    assert tokens.holder(secret) == token


def test_last_use_is_noted_at_most_once_a_minute(world: Province) -> None:
    token, secret = tokens.make(name="LIMS", by=world.filer_a)
    tokens.holder(secret)
    token.refresh_from_db()
    used = token.last_used_at
    assert used is not None
    tokens.holder(secret)
    token.refresh_from_db()
    assert token.last_used_at == used


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_costs_the_same_however_many_tokens(world: Province, django_assert_num_queries, count: int) -> None:
    for number in range(count):
        tokens.make(name=f"系统{number}", by=world.filer_a)
    client = client_of(world.filer_a)
    client.get(reverse(LIST))
    with django_assert_num_queries(4):
        client.get(reverse(LIST))
