"""Whether the contact is confirmed since a round began, on the first page and on the bureau's list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models import F
from django.test import Client

from institutions.enrolment.contacts import confirm_contact
from institutions.enrolment.models_contacts import ContactCheck
from institutions.models import Membership
from reports.filings.contacts import contact
from reports.rounds.models import Round
from review.contacts.views import unconfirmed
from tests.factories.filings import a_filing
from tests.factories.institutions import Province, an_institution

Acting = Callable[[Membership], Client]
TYPED = {"contact_name": "陈联系", "contact_phone": "0591-87804684", "contact_email": ""}
LIST = "/review/contacts/"


def names(client: Client, query: str = "") -> list[str]:
    return [one.institution.name for one in client.get(LIST + query).context["page"]]


def test_the_card_stands_until_the_contact_is_confirmed(world: Province, this_year: Round, acting: Acting):
    client = acting(world.filer_a)
    assert 'id="contact-part"' not in client.get("/").content.decode()  # no round concerns it
    a_filing(this_year, world.a)
    assert 'id="contact-part"' in client.get("/").content.decode()
    client.post("/contact/", TYPED)
    assert 'id="contact-part"' not in client.get("/").content.decode()
    ContactCheck.objects.update(at=F("at") - dt.timedelta(days=400))
    assert contact(world.filer_a).context["needed"] is True
    Round.objects.update(closed_at=F("roster_frozen_at"))
    assert contact(world.filer_a).context["needed"] is False


def test_filling_waits_for_no_confirmation(world: Province, this_year: Round, acting: Acting):
    filing = a_filing(this_year, world.a)
    assert acting(world.filer_a).get(filing.get_absolute_url()).status_code == 200


def test_the_bureau_sees_who_has_not_confirmed_and_home_counts_them(world: Province, this_year: Round, acting: Acting):
    for institution in (world.a, world.b, world.c, world.d):
        a_filing(this_year, institution)
    confirm_contact(institution=world.a, by=world.filer_a, **TYPED)
    expected = {
        world.gulou_reviewer: [world.b.name],
        world.fuzhou_reviewer: [world.b.name, world.c.name],
        world.pingtan_reviewer: [],
    }
    for membership, listed in expected.items():
        client = acting(membership)
        assert names(client) == listed
        rounds = unconfirmed(membership).context["rounds"]
        assert [(round, round.unconfirmed) for round in rounds] == [(this_year, len(listed))] * bool(listed)
        assert ('id="contacts-part"' in client.get("/").content.decode()) is bool(listed)
    assert names(acting(world.statistician), f"?bureau={world.taijiang.code}") == [world.c.name]
    assert names(acting(world.gulou_reviewer), f"?bureau={world.taijiang.code}&round=x") == [world.b.name]


def test_without_a_round_the_list_says_what_comes(world: Province, acting: Acting):
    page = acting(world.gulou_reviewer).get(LIST)
    assert page.status_code == 200
    assert page.context["page"] is None


@pytest.mark.parametrize("many", [1, 5])
def test_list_and_card_cost_the_same_for_one_row_and_five(
    world: Province, this_year: Round, acting: Acting, django_assert_num_queries, many: int
):
    for _number in range(many):
        a_filing(this_year, an_institution(world.gulou))
    client = acting(world.gulou_reviewer)
    client.get(LIST)
    # session, person with memberships; rounds, phases, bureaus, count, rows; unread
    with django_assert_num_queries(8):
        assert len(names(client)) == many
    with django_assert_num_queries(1):
        unconfirmed(world.gulou_reviewer)
    with django_assert_num_queries(2):
        contact(world.filer_a)
