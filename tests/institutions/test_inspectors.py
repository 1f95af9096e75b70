"""Somebody of a bureau who reads what one institution submitted, and nothing else."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from guardian.shortcuts import get_perms

from institutions import grants
from institutions.models import Bureau, Grant, Institution, InstitutionUserObjectPermission, Membership
from institutions.queries import today_of_database
from institutions.roles import PERMISSIONS, Permission, Role
from portal.inbox.models import Notice
from portal.trail.models import Event
from reports.filings.models import Filing
from reports.rounds.models import Round
from tests.factories.filings import a_filing, fill, open_round, submitted_filing
from tests.factories.institutions import Province, a_membership

SignIn = Callable[[Membership], Client]
GIVE = "/authorisations/inspectors/"


def ahead(count: int) -> dt.date:
    today: dt.date = Bureau.objects.annotate(today=today_of_database()).values_list("today", flat=True)[0]
    return today + dt.timedelta(days=count)


def sent(world: Province, **changed: object) -> Grant:
    """刘鲤审 of 鲤城 inspects institution A of 鼓楼."""
    given = {
        "person": world.licheng_reviewer.user, "institution": world.a, "by": world.statistician, "reason": "专项督查",
        "ends_on": ahead(5),
    }  # fmt: skip
    return grants.inspect(**{**given, **changed})


def inspecting(world: Province, client: Client) -> Membership:
    """Acting as the inspector in this browser."""
    membership = Membership.objects.get(role=Role.INSPECTOR)
    assert client.post(reverse("membership-switch"), {"membership": membership.pk}).status_code == 302
    return membership


def test_inspector_is_of_no_bureau_and_of_no_institution(world: Province):
    grant = sent(world)
    membership = grant.membership
    assert (membership.role, membership.bureau, membership.institution, membership.inspects, membership.place) == (
        Role.INSPECTOR, None, None, world.a, world.a,
    )  # fmt: skip
    assert PERMISSIONS[Role.INSPECTOR] == {Permission.INSPECT}
    assert get_perms(world.licheng_reviewer.user, world.a) == ["inspect"]
    assert Membership.objects.current().filter(institution=world.a).count() == 2  # its own people, as before
    assert Event.objects.get(verb="inspection.given").object_id == str(world.a.pk)
    assert world.a.name in Notice.objects.get(recipient=world.licheng_reviewer.user).subject_zh


def test_inspector_sees_what_the_one_institution_submitted_and_no_row_more(world: Province):
    round = open_round(world)
    read = submitted_filing(round, world.a)
    submitted_filing(round, world.b)
    fill(a_filing(open_round(world, period="2022"), world.a), world.filer_a)
    membership = sent(world).membership
    seen = {
        model.__name__: list(model._default_manager.visible_to(membership))
        for model in apps.get_models()
        if hasattr(model._default_manager, "visible_to")
    }
    assert {"Filing", "Institution", "Round", "Tally", "Extension", "DepartmentChange", "NumberBatch"} <= set(seen)
    assert {name: rows for name, rows in seen.items() if rows} == {
        "Filing": [read], "Institution": [world.a], "Round": [round],
    }  # fmt: skip
    assert Round.objects.count() == 2
    assert Institution.objects.count() == 5


def test_inspector_reads_the_history_and_nothing_is_written(world: Province, sign_in: SignIn):
    filing = submitted_filing(open_round(world), world.a)
    sent(world)
    client = sign_in(world.licheng_reviewer)
    inspecting(world, client)
    home = client.get("/").content.decode()
    assert world.a.name in home
    assert reverse("filings:revision-detail", args=[filing.public_id, 1]) in home
    for name, args in (
        ("filings:revision-list", [filing.public_id]),
        ("filings:revision-detail", [filing.public_id, 1]),
        ("filings:receipt-detail", [filing.public_id, 1]),
    ):
        body = client.get(reverse(name, args=args)).content.decode()
        assert world.a.name in body
        assert f'href="{reverse("filings:filing-list")}"' not in body  # not a page for inspectors


def test_what_an_inspector_takes_on_paper_is_marked_and_stands_in_the_trail(world: Province, sign_in: SignIn):
    filing = submitted_filing(open_round(world), world.a)
    sent(world)
    client = sign_in(world.licheng_reviewer)
    membership = inspecting(world, client)
    answer = client.get(reverse("filings:revision-paper", args=[filing.public_id, 1]))
    assert answer.status_code == 200
    event = Event.objects.get(verb="filing.printed")
    assert (event.actor, event.object_id) == (membership.user, str(filing.pk))


def test_inspector_page_says_where_nothing_was_submitted(world: Province, sign_in: SignIn):
    fill(a_filing(open_round(world), world.a), world.filer_a)
    sent(world)
    client = sign_in(world.licheng_reviewer)
    inspecting(world, client)
    body = client.get("/").content.decode()
    assert "zb-empty" in body
    assert not Filing.objects.visible_to(Membership.objects.get(role=Role.INSPECTOR)).exists()


def test_inspection_goes_where_the_institution_goes(world: Province):
    """Its filings move to another bureau: the inspector reads on, the page of the bureau it left lists it no more."""
    filing = submitted_filing(open_round(world), world.a)
    grant = sent(world)
    Institution.objects.filter(pk=world.a.pk).update(home_bureau=world.licheng)
    Filing.objects.filter(pk=filing.pk).update(scope=world.licheng.path)
    assert list(Filing.objects.visible_to(Membership.objects.get(grant=grant))) == [filing]
    assert not Grant.objects.visible_to(world.gulou_reviewer).filter(pk=grant.pk).exists()
    assert Grant.objects.visible_to(world.licheng_reviewer).filter(pk=grant.pk).exists()


@pytest.mark.parametrize(
    ("by", "person", "allowed"),
    [
        ("statistician", "licheng_reviewer", True),
        ("system_admin", "licheng_reviewer", True),
        ("fuzhou_admin", "taijiang_reviewer", True),
        ("fuzhou_admin", "licheng_reviewer", False),  # of another prefecture
        ("quanzhou_admin", "licheng_reviewer", False),  # the institution is of another prefecture
        ("gulou_reviewer", "taijiang_reviewer", False),
        ("statistician", "filer_b", False),
        ("statistician", "audit_admin", False),
        ("statistician", "statistician", False),
    ],
)
def test_whoever_gives_stand_ins_sends_inspectors(world: Province, by: str, person: str, allowed: bool):
    admins = {
        "fuzhou_admin": a_membership(Role.SYSTEM_ADMIN, world.fuzhou),
        "quanzhou_admin": a_membership(Role.SYSTEM_ADMIN, world.quanzhou),
    }
    membership = admins.get(by) or getattr(world, by)
    if allowed:
        grant = sent(world, by=membership, person=getattr(world, person).user)
        grants.end(grant=grant, by=membership, reason="督查结束")
    else:
        with pytest.raises(grants.NotAllowed):
            sent(world, by=membership, person=getattr(world, person).user)
    assert not InstitutionUserObjectPermission.objects.exists()
    assert not Membership.objects.filter(role=Role.INSPECTOR, ended_at=None).exists()


def test_two_inspections_of_one_person_share_no_day(world: Province):
    sent(world)
    with pytest.raises(grants.HeldAlready):
        sent(world, starts_on=ahead(5), ends_on=ahead(9))
    sent(world, starts_on=ahead(6), ends_on=ahead(9))
    sent(world, institution=world.b)
    assert InstitutionUserObjectPermission.objects.count() == 2


def test_inspector_is_sent_on_the_page(world: Province, sign_in: SignIn):
    client = sign_in(world.statistician)
    assert f"{GIVE}?institution={world.a.uscc}" in client.get(f"/institutions/{world.a.public_id}/").content.decode()
    assert client.get(GIVE, {"institution": world.a.uscc}).context["form"]["institution"].value() == world.a.uscc
    typed = {
        "person": world.licheng_reviewer.pk, "institution": world.a.uscc.lower(), "reason": "督查",
        "ends_on": ahead(9).isoformat(),
    }  # fmt: skip
    assert client.post(GIVE, typed).url == "/authorisations/"
    grant = Grant.objects.get(kind="inspect")
    assert (grant.institution, grant.holder, grant.ends_on) == (world.a, world.licheng_reviewer.user, ahead(9))
    assert world.a.name in client.get("/authorisations/", {"kind": "inspect"}).content.decode()
    assert client.get(f"/authorisations/{grant.pk}/").status_code == 200
    again = client.post(GIVE, {**typed, "reason": "再次督查"})
    assert again.status_code == 409
    assert "再次督查" in again.content.decode()


@pytest.mark.parametrize("code", ["", "91350100M000100Y43", "nonsense"])
def test_institution_that_is_not_found_is_said(world: Province, sign_in: SignIn, code: str):
    typed = {
        "person": world.licheng_reviewer.pk,
        "institution": code,
        "reason": "督查一周",
        "ends_on": ahead(9).isoformat(),
    }
    answer = sign_in(world.statistician).post(GIVE, typed)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"institution"}
    assert "督查一周" in answer.content.decode()


def test_institution_of_another_prefecture_is_not_found_by_its_administrator(world: Province, sign_in: SignIn):
    admin = a_membership(Role.SYSTEM_ADMIN, world.quanzhou)
    typed = {
        "person": world.licheng_reviewer.pk, "institution": world.a.uscc, "reason": "督查", "ends_on": ahead(9).isoformat(),
    }  # fmt: skip
    assert sign_in(admin).post(GIVE, typed).status_code == 422
    assert not Grant.objects.filter(kind="inspect").exists()
