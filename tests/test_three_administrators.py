"""三员: the administrators of system, security and audit read no filing, and no account holds two of their roles."""

from __future__ import annotations

from itertools import permutations
from threading import Barrier, Thread

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from institutions.actions import AppointedAlready, appoint
from institutions.models import Membership
from institutions.roles import ADMIN_ROLES, PERMISSIONS, Permission, Role
from portal.trail.models import Event
from tests.access_matrix import matrix
from tests.factories.filings import open_round, passed, submitted_filing
from tests.factories.institutions import Province, a_user, build_province
from tests.test_access import BACKEND

ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
#: Rooms that hold what institutions filed, or sums of it.
ROOMS = ("filings", "annual", "numbers", "review", "rounds", "summaries")
#: Open to every visitor: how programs send numbers, whether a number of a report exists, whether a paper is what was filed.
PUBLIC = {"filings:receipt-check", "numbers:api-docs", "numbers:lookup"}
#: Given to programs that show a token, never to people.
BY_TOKEN = 401


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


def test_the_table_of_access_opens_no_page_of_filings_to_an_administrator():
    """`tests/test_access.py` holds the table against the pages themselves; here it is the table that is judged."""
    rows = {name: row for name, row in matrix().items() if name.split(":")[0] in ROOMS}
    assert {name.split(":")[0] for name in rows} == set(ROOMS)
    opened = {
        (name, role, statuses[role])
        for name, row in rows.items()
        for statuses in (row.get, row.post)
        if statuses is not None
        for role in ADMINISTRATORS
        if statuses[role] not in (403, 404, BY_TOKEN)
    }
    assert {name for name, _role, _status in opened} == PUBLIC


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_no_scoped_row_of_those_rooms_is_visible_to_an_administrator(world: Province, role: str):
    filing = passed(submitted_filing(open_round(world), world.a))
    membership = getattr(world, role)
    scoped = [
        model
        for model in apps.get_models()
        if model._meta.app_label in ROOMS and hasattr(model._default_manager, "visible_to")
    ]
    assert {"Filing", "Round", "Tally"} <= {model.__name__ for model in scoped}
    seen = {model.__name__: model._default_manager.visible_to(membership).count() for model in scoped}
    assert set(seen.values()) == {0}, seen
    reader = type(filing).objects.visible_to(world.gulou_reviewer)
    assert [one.pk for one in reader] == [filing.pk]


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_a_submitted_filing_stays_closed_to_an_administrator(world: Province, role: str):
    filing = passed(submitted_filing(open_round(world), world.a))
    client = Client()
    client.force_login(getattr(world, role).user, backend=BACKEND)
    reader = Client()
    reader.force_login(world.gulou_reviewer.user, backend=BACKEND)
    assert reader.get(reverse("review:filing-read", args=[filing.public_id])).status_code == 200
    for name in ("filings:filing-detail", "filings:filing-preview", "filings:revision-list", "review:filing-read"):
        assert client.get(reverse(name, args=[filing.public_id])).status_code in (403, 404), name


def test_their_permissions_are_apart_and_none_is_about_filings():
    held = [PERMISSIONS[role] for role in sorted(ADMIN_ROLES)]
    assert sum(len(one) for one in held) == len(frozenset().union(*held))
    of_others = frozenset().union(*(PERMISSIONS[role] for role in Role.values if role not in ADMIN_ROLES))
    assert frozenset().union(*held) & of_others == frozenset()
    assert frozenset().union(*held) == {Permission.MANAGE_ACCOUNTS, Permission.MANAGE_POLICIES, Permission.READ_TRAIL}


@pytest.mark.parametrize(("first", "second"), sorted(permutations(ADMIN_ROLES, 2)))
def test_no_account_is_given_a_second_of_the_roles(world: Province, first: str, second: str):
    user = a_user("one-of-three")
    appoint(user=user, role=first, place=world.fujian, by=world.system_admin)
    events = Event.objects.count()
    for place in (world.fujian, world.gulou):
        with pytest.raises(AppointedAlready), transaction.atomic():
            appoint(user=user, role=second, place=place, by=world.system_admin)
    assert [one.role for one in Membership.objects.filter(user=user)] == [first]
    assert Event.objects.count() == events


@pytest.mark.django_db(transaction=True)
def test_of_three_appointments_at_once_one_stands():
    world = build_province()
    user, ready, outcomes = a_user("one-of-three"), Barrier(3), []

    def give(role: str) -> None:
        try:
            ready.wait(10)
            outcomes.append(appoint(user=user, role=role, place=world.fujian, by=None).role)
        except AppointedAlready:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=give, args=[role]) for role in sorted(ADMIN_ROLES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    [kept] = [one.role for one in Membership.objects.filter(user=user)]
    assert sorted(outcomes) == sorted(["refused", "refused", kept])
