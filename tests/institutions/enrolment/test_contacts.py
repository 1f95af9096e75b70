"""The institution confirms or corrects its contact; nothing waits for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from institutions.enrolment.contacts import confirm_contact
from institutions.enrolment.errors import NotAllowed
from institutions.enrolment.models_contacts import ContactCheck
from institutions.models import Institution, Membership
from portal.trail.models import Event
from tests.factories.institutions import Province

SignIn = Callable[[Membership], Client]
ADDRESS = "/contact/"
TYPED = {"contact_name": "陈联系", "contact_phone": "０５９１－８７８０４６８４", "contact_email": "a@example.com"}


def test_correcting_changes_the_register_and_leaves_who_and_when(world: Province, sign_in: SignIn):
    assert sign_in(world.filer_a).post(ADDRESS, TYPED).url == "/"
    world.a.refresh_from_db()
    assert (world.a.contact_name, world.a.contact_phone, world.a.contact_email) == (
        "陈联系",
        "0591-87804684",
        "a@example.com",
    )
    check = ContactCheck.objects.get()
    assert (check.by, check.changed, check.contact_phone) == (world.filer_a, True, "0591-87804684")
    assert Event.objects.get(verb="institution.contact-corrected").scope == world.gulou.path
    sign_in(world.signer_a).post(ADDRESS, TYPED)
    assert list(ContactCheck.objects.values_list("changed", flat=True)) == [False, True]
    assert Event.objects.filter(verb="institution.contact-confirmed").count() == 1
    assert "陈联系" in sign_in(world.filer_a).get(ADDRESS).content.decode()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"contact_name": " "}, "contact_name"),
        ({"contact_name": "长" * 51}, "contact_name"),
        ({"contact_phone": "12345"}, "contact_phone"),
        ({"contact_email": "none"}, "contact_email"),
    ],
)
def test_what_does_not_do_is_told_and_changes_nothing(
    world: Province, sign_in: SignIn, changed: dict[str, str], field: str
):
    page = sign_in(world.filer_a).post(ADDRESS, TYPED | changed)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {field}
    assert not ContactCheck.objects.exists()
    assert Institution.objects.get(pk=world.a.pk).contact_name == ""


@pytest.mark.parametrize("role", ["filer_b", "gulou_reviewer", "statistician"])
def test_nobody_else_confirms(world: Province, role: str):
    with pytest.raises(NotAllowed):
        confirm_contact(institution=world.a, by=getattr(world, role), **TYPED)
    assert not ContactCheck.objects.exists()
