"""System administrators of bureaus manage the people of their own subtree, and of nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from institutions.accounts.actions import deactivate_account
from institutions.enrolment import accepting, actions
from institutions.enrolment.accepting import accept, accept_as
from institutions.enrolment.errors import DeadInvitation, NotAllowed, NotInvited
from institutions.enrolment.models import Invitation
from institutions.models import Membership
from institutions.roles import Role
from portal.trail.models import Event
from tests.factories.institutions import Province, a_membership, a_user

SignIn = Callable[[Membership], Client]
SECRET = re.compile(r"zi_[\w-]{40,}")
NEW = "Osmanthus-8642"
PEOPLE = "/accounts/bureaus/"


@pytest.fixture
def local(world: Province) -> Membership:
    """The system administrator of 福州, with 鼓楼 and 台江 below."""
    return a_membership(Role.SYSTEM_ADMIN, world.fuzhou, a_user("fuzhou-admin", name="福州管"))


def names(response) -> list[str]:
    return [one.user.username for one in response.context["people"]]


def test_an_administrator_sees_the_people_of_the_own_bureau_and_those_below(
    world: Province, sign_in: SignIn, local: Membership
):
    client = sign_in(local)
    assert names(client.get(PEOPLE)) == ["fuzhou", "fuzhou-admin"]
    assert names(client.get(PEOPLE, {"bureau": world.gulou.code})) == ["gulou"]
    for outside in (world.fujian.code, world.quanzhou.code, "nowhere", "\x00"):
        assert client.get(PEOPLE, {"bureau": outside}).status_code == 404


def test_a_reviewer_is_invited_and_reviews(world: Province, sign_in: SignIn, local: Membership):
    address = reverse("institutions:bureau-invite", args=[world.gulou.code])
    page = sign_in(local).post(address, {"role": "reviewer", "name": "新审核"})
    user = accept(secret=SECRET.findall(page.content.decode())[0], username="newcomer", name="新审核", password=NEW)
    [membership] = user.current_memberships
    assert (membership.role, membership.bureau) == (Role.REVIEWER, world.gulou)
    assert sign_in(membership).get("/review/").status_code == 200
    assert Event.objects.get(verb="invitation.sent").scope == world.gulou.path


def test_outside_the_subtree_nothing_is_found_and_nothing_changes(world: Province, sign_in: SignIn, local: Membership):
    invitation, _secret = actions.invite(place=world.licheng, role="reviewer", name="甲", by=world.system_admin)
    client = sign_in(local)
    for membership in (world.quanzhou_reviewer, world.statistician, world.filer_a, world.filer_b):
        for name, data in (
            ("membership-end", {"end-reason": "试"}),
            ("membership-hand-over", {"hand-name": "甲", "hand-when": "now", "hand-reason": "试"}),
            ("membership-reopen", {"open-reason": "试"}),
        ):
            assert client.post(reverse(f"institutions:{name}", args=[membership.pk]), data).status_code == 404
        assert client.get(reverse("institutions:membership-detail", args=[membership.pk])).status_code == 404
    assert client.post(reverse("institutions:invitation-revoke", args=[invitation.pk])).status_code == 404
    invite = reverse("institutions:bureau-invite", args=[world.licheng.code])
    assert client.post(invite, {"role": "reviewer", "name": "甲"}).status_code == 404
    assert Invitation.objects.count() == 1
    assert not Membership.objects.filter(ended_at__isnull=False).exists()
    for act in (
        lambda: actions.invite(place=world.licheng, role="reviewer", name="甲", by=local),
        lambda: actions.revoke(invitation=invitation, by=local),
        lambda: actions.end(membership=world.quanzhou_reviewer, reason="试", by=local),
        lambda: actions.end(membership=world.filer_a, reason="试", by=local),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_within_the_subtree_a_role_is_ended_and_handed_over(world: Province, sign_in: SignIn, local: Membership):
    client = sign_in(local)
    address = reverse("institutions:membership-end", args=[world.gulou_reviewer.pk])
    assert client.post(address, {"end-reason": "调离"}).url == f"{PEOPLE}?bureau={world.gulou.code}"
    assert Membership.objects.get(pk=world.gulou_reviewer.pk).ended_at is not None
    address = reverse("institutions:membership-hand-over", args=[world.fuzhou_reviewer.pk])
    colleague = a_membership(Role.STATISTICIAN, world.fuzhou)
    typed = {"hand-to": str(colleague.user_id), "hand-when": "accepted", "hand-reason": "轮岗"}
    assert client.post(address, typed).status_code == 302
    assert set(Membership.objects.current().filter(user=colleague.user).values_list("role", flat=True)) == {
        Role.STATISTICIAN, Role.REVIEWER,
    }  # fmt: skip


def test_a_reviewers_role_is_not_handed_to_an_administrator(world: Province, local: Membership, sign_in: SignIn):
    """三员: who administers holds nothing else; the form says whom that concerns and how to mend it."""
    address = reverse("institutions:membership-hand-over", args=[world.fuzhou_reviewer.pk])
    typed = {"hand-to": str(local.user_id), "hand-when": "accepted", "hand-reason": "轮岗"}
    answer = sign_in(local).post(address, typed)
    assert answer.status_code == 422
    words = " ".join(answer.context["hand"].non_field_errors())
    assert str(local.user) in words
    assert str(world.fuzhou) in words
    assert answer.context["hand"]["reason"].value() == "轮岗"
    assert [one.role for one in Membership.objects.filter(user=local.user)] == [Role.SYSTEM_ADMIN]
    assert Membership.objects.current().filter(pk=world.fuzhou_reviewer.pk).exists()


@pytest.mark.parametrize(("place", "role"), [("gulou", "filer"), ("gulou", "statistician"), ("a", "reviewer")])
def test_a_role_that_does_not_exist_there_is_not_invited(world: Province, place: str, role: str):
    by = world.signer_a if place == "a" else world.system_admin
    with pytest.raises(NotInvited):
        actions.invite(place=getattr(world, place), role=role, name="甲", by=by)
    assert not Invitation.objects.exists()


def test_no_account_comes_to_two_administrator_roles_by_invitation(world: Province, sign_in: SignIn):
    """三员: the refusal is the database's; the invitation stays open for somebody else."""
    _invitation, secret = actions.invite(place=world.fujian, role="audit_admin", name="甲", by=world.system_admin)
    answer = sign_in(world.security_admin).post("/invitation/", {"code": secret, "mine": "1"})
    assert answer.status_code == 409
    assert [one.role for one in Membership.objects.filter(user=world.security_admin.user)] == [Role.SECURITY_ADMIN]
    assert Invitation.objects.open().count() == 1


@pytest.mark.parametrize("how", ["ended", "stopped"])
def test_an_invitation_ends_with_the_office_of_who_sent_it(world: Province, local: Membership, how: str):
    _invitation, secret = actions.invite(place=world.gulou, role="reviewer", name="甲", by=local)
    if how == "ended":
        actions.end(membership=local, reason="调离", by=world.system_admin)
    else:
        deactivate_account(account=local.user, by=world.system_admin)
    assert not Invitation.objects.open().exists()
    with pytest.raises(DeadInvitation):
        accepting.look(secret)
    with pytest.raises(DeadInvitation):
        accept_as(secret=secret, user=world.filer_a.user)
    assert Membership.objects.filter(user=world.filer_a.user).count() == 1


@pytest.mark.parametrize("many", [1, 5])
def test_the_page_costs_the_same_for_one_row_and_five(
    world: Province, sign_in: SignIn, local: Membership, django_assert_num_queries, many: int
):
    for number in range(many):
        a_membership(Role.REVIEWER, world.fuzhou)
        a_membership(Role.REVIEWER, world.fuzhou, ended_at=local.created_at)
        actions.invite(place=world.fuzhou, role="reviewer", name=f"新人{number}", by=local)
    client = sign_in(local)
    client.get(PEOPLE)
    # session, person with memberships; bureau, people, the clock, invitations, bureaus to choose from, former; unread
    with django_assert_num_queries(9):
        assert len(names(client.get(PEOPLE))) == many + 2
