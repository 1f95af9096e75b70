"""三员: the administrators of system, security and audit read no filing, and their accounts hold no other role."""

from __future__ import annotations

import re
from importlib import import_module
from itertools import permutations
from threading import Barrier, Thread

import pytest
from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from institutions.actions import AppointedAlready, NotBeside, appoint, end_membership
from institutions.models import Membership
from institutions.roles import ADMIN_ROLES, INSTITUTION_ROLES, PERMISSIONS, Permission, Role
from portal.trail.models import Event
from tests.access_matrix import matrix
from tests.factories.filings import open_round, passed, submitted_filing
from tests.factories.institutions import Province, a_membership, a_user, build_province
from tests.test_access import BACKEND

MIGRATION = import_module("institutions.migrations.0012_administrators_alone")
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


@pytest.mark.parametrize("admin", sorted(ADMIN_ROLES))
@pytest.mark.parametrize("work", [Role.FILER, Role.SIGNER, Role.UNIT_ADMIN, Role.REVIEWER, Role.STATISTICIAN])
def test_no_account_is_given_one_of_the_roles_beside_other_work(world: Province, admin: str, work: str):
    place = world.a if work in INSTITUTION_ROLES else world.fujian
    first, second = a_user("first-work"), a_user("first-admin")
    appoint(user=first, role=work, place=place, by=world.system_admin)
    appoint(user=second, role=admin, place=world.fujian, by=world.system_admin)
    events = Event.objects.count()
    with pytest.raises(NotBeside, match=re.escape(str(place))), transaction.atomic():
        appoint(user=first, role=admin, place=world.fujian, by=world.system_admin)
    with pytest.raises(NotBeside, match=re.escape(str(world.fujian))), transaction.atomic():
        appoint(user=second, role=work, place=place, by=world.system_admin)
    assert [one.role for one in Membership.objects.filter(user=first)] == [work]
    assert [one.role for one in Membership.objects.filter(user=second)] == [admin]
    assert Event.objects.count() == events
    end_membership(membership=Membership.objects.get(user=first), by=world.system_admin)
    assert appoint(user=first, role=admin, place=world.fujian, by=world.system_admin).role == admin


def test_a_stopped_account_comes_to_no_second_role_on_the_way_back(world: Province):
    user = world.audit_admin.user
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(NotBeside), transaction.atomic():
        appoint(user=user, role=Role.REVIEWER, place=world.gulou, by=world.system_admin)


def test_the_change_of_the_database_names_whom_it_finds_and_stops(world: Province):
    """The data of a version that allowed it, as the migration meets them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE institutions_membership DROP CONSTRAINT membership_admin_alone")
        a_membership(Role.REVIEWER, world.gulou, world.security_admin.user)
        before = list(Membership.objects.order_by("pk").values())
        with pytest.raises(RuntimeError, match=f"{world.security_admin.user.username}: security_admin, reviewer$"):
            MIGRATION.name_those_who_hold_more(apps, None)
        assert list(Membership.objects.order_by("pk").values()) == before
        transaction.set_rollback(True)
    MIGRATION.name_those_who_hold_more(apps, None)


WORK_AND_ADMIN = (Role.REVIEWER, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("roles", [tuple(sorted(ADMIN_ROLES)), WORK_AND_ADMIN])
def test_of_three_appointments_at_once_one_stands(roles: tuple[str, ...]):
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

    threads = [Thread(target=give, args=[role]) for role in roles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    [kept] = [one.role for one in Membership.objects.filter(user=user)]
    assert sorted(outcomes) == sorted(["refused", "refused", kept])


@pytest.mark.django_db(transaction=True)
def test_two_rows_written_at_once_past_the_action_do_not_both_stand():
    """The constraint alone, without the lock that the action takes."""
    world = build_province()
    user, ready = a_user("one-of-two"), Barrier(2)
    outcomes: list[str] = []

    def write(role: str) -> None:
        try:
            with transaction.atomic():
                ready.wait(10)
                Membership.objects.create(user=user, role=role, bureau=world.fujian)
                outcomes.append(role)
        except (IntegrityError, OperationalError):  # the second of two that wait for one another is a deadlock
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=write, args=[role]) for role in (Role.REVIEWER, Role.SECURITY_ADMIN)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    [kept] = [one.role for one in Membership.objects.filter(user=user)]
    assert sorted(outcomes) == sorted(["refused", kept])
