"""E-mail and telephone of one's own account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from institutions.models import Membership, User
from portal.trail.models import Event
from tests.factories.institutions import PASSWORD, Province

SignIn = Callable[[Membership], Client]
ADDRESS = "/account/details/"


def test_a_person_changes_them_with_the_password(world: Province, sign_in: SignIn):
    client = sign_in(world.filer_a)
    typed = {"email": "chen@example.com", "phone": "０５９１－８７８０４６８４", "password": PASSWORD}
    assert client.post(ADDRESS, typed).url == "/account/"
    user = User.objects.get(pk=world.filer_a.user_id)
    assert (user.email, user.phone) == ("chen@example.com", "0591-87804684")
    event = Event.objects.get(verb="account.details-changed")
    assert (event.actor, event.details) == (user, {"fields": ["email", "phone"]})
    client.post(ADDRESS, typed)
    assert Event.objects.filter(verb="account.details-changed").count() == 1
    assert client.get(ADDRESS).context["form"]["email"].value() == "chen@example.com"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"password": "wrong"}, "password"),
        ({"password": ""}, "password"),
        ({"email": "none"}, "email"),
        ({"email": "a@b.cn\r\nBcc: c@d.cn"}, "email"),
        ({"phone": "1" * 41}, "phone"),
        ({"phone": "\x00"}, "phone"),
    ],
)
def test_what_does_not_do_is_told_and_changes_nothing(
    world: Province, sign_in: SignIn, changed: dict[str, str], field: str
):
    typed = {"email": "chen@example.com", "phone": "0591-87804684", "password": PASSWORD, **changed}
    page = sign_in(world.filer_a).post(ADDRESS, typed)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {field}
    assert PASSWORD not in page.content.decode()
    assert User.objects.get(pk=world.filer_a.user_id).email == ""
