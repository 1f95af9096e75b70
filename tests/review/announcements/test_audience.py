"""Whom an announcement reaches: the count shown before is the receipts written, and never leaves the writer's area."""

from __future__ import annotations

import pytest

from institutions.models import Institution, Membership
from institutions.roles import Role
from portal.inbox.models import Notice
from portal.jobs.models import Job
from portal.jobs.progress import Silent
from reports.filings.errors import Incomplete, NotAllowed
from reports.rounds.models import Round
from review.announcements import actions, tasks
from review.announcements.actions import Content, publish
from review.announcements.audience import audience_of, reach
from review.announcements.models import Announcement, ReadReceipt
from tests.factories.announcements import a_draft, an_announcement, delivered
from tests.factories.filings import a_filing, fill, submitted_filing
from tests.factories.institutions import Province, a_membership, a_user, an_institution


def reached(announcement: Announcement) -> set[tuple[str, str]]:
    """(name of the account, place) of every receipt, as the count said before."""
    expected = reach(audience_of(announcement))
    delivered(publish(announcement=announcement, by=announcement.writer))
    receipts = ReadReceipt.objects.filter(announcement=announcement).select_related(
        "recipient", "institution", "bureau"
    )
    found = {(one.recipient.username, one.institution.name if one.institution else one.bureau.code) for one in receipts}
    announcement.refresh_from_db()
    assert (expected.people, expected.units) == (announcement.people, announcement.units)
    assert (len({name for name, _place in found}), len({place for _name, place in found})) == (
        announcement.people,
        announcement.units,
    )
    return found


def names(*memberships: Membership) -> set[tuple[str, str]]:
    return {
        (one.user.username, one.institution.name if one.institution else one.bureau.code)  # type: ignore[union-attr]
        for one in memberships
    }


def test_roles_are_any_of_and_the_area_is_the_bureaus_own(world: Province):
    assert reached(a_draft(world.gulou_reviewer)) == names(world.filer_a, world.signer_a, world.filer_b, world.signer_b)
    assert reached(a_draft(world.taijiang_reviewer, ["filer", "reviewer"])) == names(world.taijiang_reviewer)
    assert reached(a_draft(world.gulou_reviewer, ["signer"])) == names(world.signer_a, world.signer_b)


def test_chosen_areas_reach_their_subtrees_alone(world: Province):
    draft = a_draft(world.statistician, ["reviewer", "filer"], areas=[world.fuzhou, world.pingtan])
    assert reached(draft) == names(
        world.fuzhou_reviewer, world.gulou_reviewer, world.taijiang_reviewer, world.pingtan_reviewer, world.filer_a,
        world.filer_b,
    )  # fmt: skip


def test_states_of_a_round_narrow_institutions_and_not_bureaus(world: Province, this_year: Round):
    fill(a_filing(this_year, world.a), world.filer_a)
    submitted_filing(this_year, world.b)
    roles = ["filer", "reviewer"]
    due = a_draft(world.gulou_reviewer, roles, round=this_year, states=["drafting"])
    assert reached(due) == names(world.filer_a, world.gulou_reviewer)
    sent = a_draft(world.gulou_reviewer, roles, round=this_year, states=["in_review"])
    assert reached(sent) == names(world.filer_b, world.gulou_reviewer)
    any_state = a_draft(world.gulou_reviewer, roles, round=this_year)
    assert reached(any_state) == names(world.filer_a, world.filer_b, world.gulou_reviewer)


def test_an_institution_reviewed_elsewhere_is_told_by_who_reviews_it(world: Province, this_year: Round):
    a_filing(this_year, world.a, reviewing_bureau=world.taijiang, scope=world.taijiang.path)
    mine = a_draft(world.taijiang_reviewer, ["filer"], round=this_year)
    assert reached(mine) == names(world.filer_a)
    assert reach(audience_of(a_draft(world.gulou_reviewer, ["filer"], round=this_year))).people == 0


def test_people_who_left_and_closed_institutions_are_not_told(world: Province):
    Membership.objects.filter(pk=world.filer_a.pk).update(ended_at="2024-01-01T00:00:00+08:00")
    world.signer_a.user.is_active = False
    world.signer_a.user.save()
    Institution.objects.filter(pk=world.b.pk).update(status="closed")
    with pytest.raises(NotAllowed, match=r"nobody|没有"):
        publish(announcement=a_draft(world.gulou_reviewer), by=world.gulou_reviewer)
    assert not ReadReceipt.objects.exists()
    assert Announcement.objects.get().state == "draft"
    assert not Job.objects.filter(kind="announcement.deliver").exists()


def test_a_person_of_two_institutions_has_a_receipt_at_each_and_one_message(world: Province):
    a_membership(Role.SIGNER, world.b, world.filer_a.user)
    out = an_announcement(world.gulou_reviewer)
    assert (out.people, out.units) == (4, 2)
    assert ReadReceipt.objects.filter(recipient=world.filer_a.user).count() == 2
    assert Notice.objects.filter(recipient=world.filer_a.user).count() == 1
    actions.mark_announcement_read(announcement=out, by=world.filer_a.user)
    assert not ReadReceipt.objects.filter(recipient=world.filer_a.user, read_at=None).exists()
    assert not Notice.objects.filter(recipient=world.filer_a.user, read_at=None).exists()


def test_an_area_outside_the_bureau_is_refused(world: Province):
    content = Content(title="越界", text="不可", roles=["filer"], areas=[world.licheng])
    with pytest.raises(NotAllowed):
        actions.write(content=content, by=world.gulou_reviewer)
    with pytest.raises(NotAllowed):
        actions.write(content=Content(title="越权", text="不可", roles=["filer"]), by=world.filer_a)
    assert not Announcement.objects.exists()


def test_states_without_a_round_are_refused(world: Province):
    with pytest.raises(Incomplete):
        a_draft(world.gulou_reviewer, states=["due"])
    assert not Announcement.objects.exists()


def test_delivering_twice_changes_nothing(world: Province):
    out = an_announcement(world.gulou_reviewer)
    a_membership(Role.FILER, world.a, a_user("later"))
    before = set(ReadReceipt.objects.values_list("pk", "at")), set(Notice.objects.values_list("pk", flat=True))
    delivered(out)
    assert (
        set(ReadReceipt.objects.values_list("pk", "at")),
        set(Notice.objects.values_list("pk", flat=True)),
    ) == before


def test_a_delivery_killed_half_way_leaves_nothing_and_is_done_whole_the_next_time(
    world: Province, monkeypatch: pytest.MonkeyPatch
):
    draft = publish(announcement=a_draft(world.gulou_reviewer), by=world.gulou_reviewer)
    job = Job.objects.get()

    def power_cut(**_: object) -> int:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(tasks, "notify", power_cut)
        with pytest.raises(ConnectionError):
            tasks.deliver(job, Silent(job))
    draft.refresh_from_db()
    assert (ReadReceipt.objects.count(), draft.people) == (0, None)
    assert delivered(draft).people == 4
    assert Notice.objects.count() == 4


@pytest.mark.parametrize("institutions", [1, 40])
def test_publishing_and_delivering_cost_the_same_however_many_they_reach(
    world: Province, institutions: int, django_assert_num_queries
):
    for number in range(institutions):
        a_membership(Role.FILER, an_institution(world.taijiang, f"台江{number}"))
    draft = a_draft(world.taijiang_reviewer, ["filer"])
    with django_assert_num_queries(9):
        publish(announcement=draft, by=world.taijiang_reviewer)
    job = Job.objects.get()
    with django_assert_num_queries(10):
        tasks.deliver(job, Silent(job))
    draft.refresh_from_db()
    assert (draft.people, draft.units) == (institutions, institutions)
    Announcement.objects.update(reminded_on=None)
    with django_assert_num_queries(8):
        assert actions.remind(announcement=draft, by=world.taijiang_reviewer) == institutions
    job = Job.objects.get(kind="announcement.remind")
    with django_assert_num_queries(4):
        tasks.remind(job, Silent(job))
    assert Notice.objects.filter(kind=Notice.Kind.REMINDER).count() == institutions
