"""A reviewer of one bureau who reviews for another for some days: who may be sent, by whom, and how it ends."""

import datetime as dt
from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import translation
from guardian.shortcuts import get_perms

from institutions import grants
from institutions.actions import NotBeside, appoint, end_membership
from institutions.enrolment.actions import hand_over
from institutions.enrolment.errors import NotInvited
from institutions.enrolment.forms import HandOverForm
from institutions.models import Bureau, BureauUserObjectPermission, Grant, Membership, User
from institutions.queries import today_of_database
from institutions.roles import Permission, Role
from institutions.tasks import close_grants
from portal.clock import database_now
from portal.inbox.models import Notice
from portal.trail.models import Event
from reports.filings.actions_review import pass_on
from reports.filings.errors import NotAllowed
from reports.filings.models import Decision, Filing
from reports.filings.timeline import steps_of
from tests.factories.filings import open_round, submitted_filing
from tests.factories.institutions import Province, a_membership, build_province

SignIn = Callable[[Membership], Client]
GIVE = "/authorisations/stand-ins/"


def ahead(count: int) -> dt.date:
    today: dt.date = Bureau.objects.annotate(today=today_of_database()).values_list("today", flat=True)[0]
    return today + dt.timedelta(days=count)


def sent(world: Province, first: int | None = None, last: int = 5, **changed: object) -> Grant:
    """李台审 of 台江 stands in at 鼓楼."""
    given = {
        "person": world.taijiang_reviewer.user,
        "bureau": world.gulou,
        "by": world.statistician,
        "reason": "请假代审",
    }
    days = {"starts_on": None if first is None else ahead(first), "ends_on": ahead(last)}
    return grants.stand_in(**{**given, **days, **changed})


def held(world: Province) -> list[Membership]:
    """What the person may act as, read anew as each request does."""
    return list(Membership.objects.of_session(world.taijiang_reviewer.user_id))


def test_stand_in_is_a_membership_tied_to_its_grant_with_guardian_beside(world: Province):
    grant = sent(world)
    membership = grant.membership
    assert (membership.role, membership.bureau, membership.user) == (
        Role.REVIEWER, world.gulou, world.taijiang_reviewer.user,
    )  # fmt: skip
    assert held(world) == [world.taijiang_reviewer, membership]
    assert get_perms(world.taijiang_reviewer.user, world.gulou) == ["stand_in"]
    assert not grants.is_authorised(world.gulou)
    event = Event.objects.get(verb="stand-in.given")
    assert (event.actor, event.object_id, event.details["holder"]) == (
        world.statistician.user, str(world.gulou.pk), world.taijiang_reviewer.user.username,
    )  # fmt: skip
    notice = Notice.objects.get(recipient=world.taijiang_reviewer.user)
    assert world.gulou.name_zh in notice.subject_zh
    assert "请假代审" in notice.body_zh


@pytest.mark.parametrize(
    ("first", "last", "stands"), [(None, 0, True), (0, 0, True), (-1, 1, True), (1, 2, False), (-3, -1, False)]
)
def test_stand_in_is_in_force_on_its_days_alone(world: Province, first: int | None, last: int, stands: bool):
    grant = sent(world)
    Grant.objects.filter(pk=grant.pk).update(starts_on=None if first is None else ahead(first), ends_on=ahead(last))
    membership = Membership.objects.get(pk=grant.membership.pk)
    assert (membership in held(world)) is stands
    assert membership.may(Permission.REVIEW) is stands
    assert Membership.objects.current().filter(pk=membership.pk).exists() is stands


def test_stand_in_of_a_session_costs_no_query_more(world: Province, django_assert_num_queries):
    sent(world)
    with django_assert_num_queries(1):
        _own, standing_in = held(world)
        assert standing_in.may(Permission.REVIEW)
        assert standing_in.bureau == world.gulou


def test_withdrawn_stand_in_has_neither_membership_nor_permission(world: Province):
    grant = sent(world)
    grants.end(grant=grant, by=world.statistician, reason="提前返岗")
    assert held(world) == [world.taijiang_reviewer]
    assert Membership.objects.get(grant=grant).ended_at is not None
    assert not BureauUserObjectPermission.objects.exists()
    assert Event.objects.filter(verb="stand-in.withdrawn").count() == 1
    assert Notice.objects.filter(recipient=world.taijiang_reviewer.user).count() == 2


def test_one_to_come_stands_beside_the_one_in_force(world: Province):
    sent(world, last=5)
    coming = sent(world, first=6, last=9)
    assert len(held(world)) == 2
    grants.end(grant=coming, by=world.statistician, reason="计划有变")
    assert len(held(world)) == 2
    assert BureauUserObjectPermission.objects.count() == 1


@pytest.mark.parametrize(("first", "last"), [(None, 1), (5, 9), (3, 4)])
def test_two_on_one_day_are_refused(world: Province, first: int | None, last: int):
    sent(world, last=5)
    with pytest.raises(grants.HeldAlready):
        sent(world, first=first, last=last)
    assert Grant.objects.filter(kind="stand_in").count() == Membership.objects.filter(grant__isnull=False).count() == 1


@pytest.mark.parametrize("days", [{"ends_on": None}, {"ends_on": -1}, {"starts_on": -1}, {"starts_on": 6}])
def test_days_that_cannot_be_are_refused(world: Province, days: dict[str, int | None]):
    with pytest.raises(grants.BadGrant):
        sent(world, **{name: None if day is None else ahead(day) for name, day in days.items()})
    assert not Grant.objects.filter(kind="stand_in").exists()


# -- who, whom, where ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "allowed"),
    [
        ("statistician", True), ("system_admin", True), ("fuzhou_admin", True), ("quanzhou_admin", False),
        ("fujian_reviewer", False), ("fuzhou_reviewer", False), ("gulou_reviewer", False), ("security_admin", False),
        ("filer_a", False),
    ],
)  # fmt: skip
def test_the_province_and_administrators_of_the_subtree_send_and_end(world: Province, by: str, allowed: bool):
    admins = {
        "fuzhou_admin": a_membership(Role.SYSTEM_ADMIN, world.fuzhou),
        "quanzhou_admin": a_membership(Role.SYSTEM_ADMIN, world.quanzhou),
    }
    membership = admins.get(by) or getattr(world, by)
    grant = sent(world)
    if allowed:
        grants.end(grant=grant, by=membership, reason="提前返岗")
        sent(world, by=membership)
        return
    with pytest.raises(grants.NotAllowed):
        grants.end(grant=grant, by=membership, reason="提前返岗")
    with pytest.raises(grants.NotAllowed):
        sent(world, by=membership, starts_on=ahead(6), ends_on=ahead(7))
    assert list(Grant.objects.filter(kind="stand_in", closed_at=None)) == [grant]


@pytest.mark.parametrize(
    ("person", "bureau"),
    [
        ("gulou_reviewer", "gulou"),  # works there
        ("filer_a", "gulou"),  # of an institution
        ("system_admin", "gulou"),  # one of the three administrators
        ("statistician", "gulou"),  # the giver
    ],
)
def test_whoever_does_not_fit_is_not_sent(world: Province, person: str, bureau: str):
    with pytest.raises(grants.NotAllowed):
        sent(world, person=getattr(world, person).user, bureau=getattr(world, bureau))
    assert not Grant.objects.filter(kind="stand_in").exists()


def test_a_prefecture_sends_nobody_of_another_one(world: Province):
    admin = a_membership(Role.SYSTEM_ADMIN, world.fuzhou)
    with pytest.raises(grants.NotAllowed):
        sent(world, person=world.licheng_reviewer.user, by=admin)
    sent(world, person=world.licheng_reviewer.user)


def test_whoever_leaves_their_bureau_stands_in_no_more(world: Province):
    grant = sent(world)
    end_membership(membership=world.taijiang_reviewer, by=world.system_admin)
    grant.refresh_from_db()
    assert held(world) == []
    assert (grant.closed_by, grant.standing_in) == (world.system_admin, None)


def test_what_ends_with_the_place_did_not_run_out_though_nobody_withdrew_it(world: Province, sign_in: SignIn):
    grant, over = sent(world), sent(world, bureau=world.fuzhou)
    Grant.objects.filter(pk=over.pk).update(starts_on=ahead(-3), ends_on=ahead(-1))
    close_grants()
    end_membership(membership=world.taijiang_reviewer, by=None)
    ended = [Grant.objects.get(pk=pk).ended_with_place for pk in (grant.pk, over.pk)]
    assert ended == [True, False]
    client, said = sign_in(world.statistician), "该人员已不在任何监管部门任职"
    pages = [client.get(f"/authorisations/{pk}/").content.decode() for pk in (grant.pk, over.pk)]
    assert [said in page for page in pages] == ended
    event = Event.objects.get(verb="stand-in.withdrawn", actor=None)
    assert event.details["reason"]


def test_whoever_has_another_bureau_left_goes_on(world: Province):
    sent(world)
    second = appoint(user=world.taijiang_reviewer.user, role=Role.REVIEWER, place=world.fuzhou, by=None)
    end_membership(membership=world.taijiang_reviewer, by=world.system_admin)
    assert [one.bureau for one in held(world)] == [world.gulou, second.bureau]


@pytest.mark.django_db(transaction=True)
def test_whoever_is_just_leaving_is_not_sent():
    """Sending waits for the leaving, and is refused."""
    world, outcomes = build_province(), []

    def send() -> None:
        try:
            sent(world, person=User.objects.get(pk=world.taijiang_reviewer.user_id))
            outcomes.append("sent")
        except grants.NotAllowed:
            outcomes.append("refused")
        finally:
            connection.close()

    thread = Thread(target=send)
    with transaction.atomic():
        end_membership(membership=world.taijiang_reviewer, by=world.system_admin)
        thread.start()
        thread.join(timeout=1)
        assert outcomes == []
    thread.join()
    assert outcomes == ["refused"]
    assert not Grant.objects.filter(holder=world.taijiang_reviewer.user_id).exists()


def test_a_role_is_not_handed_over_to_a_stand_in(world: Province):
    sent(world)
    by = a_membership(Role.SYSTEM_ADMIN, world.fuzhou)
    with pytest.raises(NotInvited):
        hand_over(membership=world.gulou_reviewer, to=world.taijiang_reviewer.user, reason="调离", by=by)
    assert Membership.objects.current().filter(pk=world.gulou_reviewer.pk).exists()
    offered = HandOverForm(membership=world.gulou_reviewer, by=by).people
    assert str(world.taijiang_reviewer.user_id) not in offered


def test_stand_in_may_be_appointed_there_for_good(world: Province):
    sent(world)
    own = appoint(user=world.taijiang_reviewer.user, role=Role.REVIEWER, place=world.gulou, by=None)
    assert own.grant is None
    assert len(held(world)) == 3


def test_home_administrator_keeps_the_account_and_the_other_does_not_get_it(world: Province):
    sent(world, person=world.licheng_reviewer.user)
    person = User.objects.filter(pk=world.licheng_reviewer.user_id)
    home, other = (a_membership(Role.SYSTEM_ADMIN, place) for place in (world.quanzhou, world.fuzhou))
    assert person.visible_to(home).exists()
    assert not person.visible_to(other).exists()
    end_membership(membership=world.licheng_reviewer, by=home)  # nor afterwards, when the person works nowhere
    assert person.visible_to(home).exists()
    assert not person.visible_to(other).exists()


# -- what ends by itself, and what is written ------------------------------------------------------------------------


def test_the_clock_closes_what_ran_out(world: Province):
    grant = sent(world)
    assert close_grants() == 0
    Grant.objects.filter(pk=grant.pk).update(starts_on=ahead(-3), ends_on=ahead(-1))
    assert close_grants() == 1
    assert close_grants() == 0
    grant.refresh_from_db()
    assert (grant.closed_by, grant.close_reason, grant.standing_in) == (None, "", None)
    assert Membership.objects.get(grant=grant).ended_at is not None
    assert Event.objects.filter(verb="stand-in.ran-out", actor=None).count() == 1


def test_what_ran_out_keeps_nobody_from_an_administrators_role(world: Province):
    """Also before the clock has closed it."""
    grant = sent(world)
    Membership.objects.filter(pk=world.taijiang_reviewer.pk).update(ended_at=database_now())
    with pytest.raises(NotBeside):
        appoint(user=grant.holder, role=Role.SYSTEM_ADMIN, place=world.gulou, by=None)
    Grant.objects.filter(pk=grant.pk).update(starts_on=ahead(-3), ends_on=ahead(-1))
    appoint(user=grant.holder, role=Role.SYSTEM_ADMIN, place=world.gulou, by=None)
    assert [one.role for one in held(world)] == [Role.SYSTEM_ADMIN]
    assert Event.objects.filter(verb="stand-in.ran-out").count() == 1


def test_what_a_stand_in_decides_says_so_wherever_it_is_read(world: Province):
    filing = submitted_filing(open_round(world), world.a)
    membership = sent(world).membership
    filing = Filing.objects.get(pk=filing.pk)
    pass_on(filing=filing, by=membership, version=filing.version, revision=1, note="")
    decision = Decision.objects.get()
    with translation.override("zh-hans"):
        assert decision.by_label == "鼓楼区市场监督管理局 李台审（代审）"
        assert steps_of(Filing.objects.get(pk=filing.pk), [decision])[0].by == "李台审（代审）"
    assert Event.objects.get(verb="filing.forward").actor_label.startswith("李台审（代审）")


def test_stand_in_is_no_colleague_of_the_institution_they_judge(world: Province):
    """Somebody's own work for an institution bars judging it; standing in elsewhere does not."""
    filing = submitted_filing(open_round(world), world.a)
    membership = sent(world).membership
    a_membership(Role.FILER, world.a, membership.user)
    filing = Filing.objects.select_related("institution").get(pk=filing.pk)
    with pytest.raises(NotAllowed):
        pass_on(filing=filing, by=Membership.objects.get(pk=membership.pk), version=filing.version, revision=1, note="")
    assert not Decision.objects.exists()


# -- the page --------------------------------------------------------------------------------------------------------


def test_stand_in_is_sent_on_the_page(world: Province, sign_in: SignIn):
    client = sign_in(world.statistician)
    page = client.get(GIVE, {"bureau": world.gulou.code})
    assert page.context["form"]["bureau"].value() == world.gulou.code
    answer = client.post(
        GIVE,
        {
            "person": world.taijiang_reviewer.pk,
            "bureau": world.gulou.code,
            "reason": "请假",
            "ends_on": ahead(9).isoformat(),
        },
    )
    assert answer.url == "/authorisations/"
    grant = Grant.objects.get(kind="stand_in")
    assert (grant.holder, grant.bureau, grant.starts_on, grant.ends_on) == (
        world.taijiang_reviewer.user, world.gulou, None, ahead(9),
    )  # fmt: skip
    page = client.get(f"/authorisations/{grant.pk}/")
    assert [place.split(" · ")[0] for place in page.context["places"]] == [world.taijiang.name_zh]
    body = client.get("/authorisations/", {"kind": "stand_in"}).content.decode()
    assert "李台审" in body
    assert "2023年度审核授权" not in body


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"ends_on": ""}, 422, "ends_on"),
        ({"reason": ""}, 422, "reason"),
        ({"person": "0"}, 422, "person"),
        ({"bureau": "nowhere"}, 422, "bureau"),
        ({"bureau": "350103"}, 403, "__all__"),
    ],
)
def test_sending_refused_keeps_what_was_typed(
    world: Province, sign_in: SignIn, changed: dict[str, str], status: int, field: str
):
    sent_words = {
        "person": world.taijiang_reviewer.pk, "bureau": world.gulou.code, "reason": "请假一周", "ends_on": ahead(9).isoformat(),
        **changed,
    }  # fmt: skip
    answer = sign_in(world.statistician).post(GIVE, sent_words)
    assert answer.status_code == status
    assert set(answer.context["form"].errors) == {field}
    assert ("请假一周" in answer.content.decode()) is ("reason" not in changed)
    assert not Grant.objects.filter(kind="stand_in").exists()


def test_the_administrator_of_a_prefecture_chooses_among_their_own(world: Province, sign_in: SignIn):
    admin = a_membership(Role.SYSTEM_ADMIN, world.fuzhou)
    form = sign_in(admin).get(GIVE).context["form"]
    assert {one.bureau for one in form.fields["person"].queryset} == {world.fuzhou, world.gulou, world.taijiang}
    assert set(form.fields["bureau"].queryset) == {world.fuzhou, world.gulou, world.taijiang}


def test_list_shows_the_subtree_and_who_may_withdraw(world: Province, sign_in: SignIn):
    here, there = sent(world), sent(world, person=world.gulou_reviewer.user, bureau=world.licheng)
    seen = {}
    for name in ("statistician", "fuzhou_reviewer", "licheng_reviewer", "taijiang_reviewer"):
        answer = sign_in(getattr(world, name)).get("/authorisations/", {"kind": "stand_in"})
        seen[name] = ({grant.pk for grant in answer.context["page"]}, answer.context["lends"])
    assert seen == {
        "statistician": ({here.pk, there.pk}, True),
        "fuzhou_reviewer": ({here.pk}, False),
        "licheng_reviewer": ({there.pk}, False),
        "taijiang_reviewer": (set(), False),
    }


def test_list_costs_the_same_for_one_stand_in_and_five(world: Province, sign_in: SignIn, django_assert_num_queries):
    client = sign_in(world.statistician)
    for count in (1, 5):
        while Grant.objects.filter(kind="stand_in").count() < count:
            already = Grant.objects.filter(kind="stand_in").count()
            sent(world, first=already * 2, last=already * 2)
        client.get("/authorisations/")
        # session, person with memberships; count, rows; prefectures, who is authorised; unread
        with django_assert_num_queries(7):
            client.get("/authorisations/")
