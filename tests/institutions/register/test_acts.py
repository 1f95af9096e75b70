"""Moved, merged, split, closed, reopened in mid-round: every filing counted once, reviewed by one, its history kept."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from institutions.actions import BadEntry, NotAllowed, RegisteredAlready, close_institution, rename_institution
from institutions.models import Certificate, Institution, Membership
from institutions.register import acts, following
from institutions.register.following import Act
from institutions.register.models import InstitutionChange
from portal.inbox.models import Notice
from portal.trail.models import Event
from reports.filings.actions_review import pass_on
from reports.filings.errors import StaleFiling
from reports.filings.models import Decision, Filing, State
from reports.filings.roster import freeze_roster
from reports.rounds.models import Round
from review.coverage.areas import area
from review.models import Tally
from tests.factories.filings import (
    a_filing,
    accepted_filing,
    fill,
    fresh,
    open_round,
    passed,
    returned,
    submitted_filing,
)
from tests.factories.institutions import Province, a_certificate, a_site, a_uscc, an_institution


@pytest.fixture
def round(world: Province) -> Round:
    return open_round(world)


def counted(world: Province, round: Round) -> dict[str, int]:
    """Due by bureau, from the tallies that coverage reads."""
    counts = Tally.objects.visible_to(world.statistician).in_rounds([round]).counts()
    bureaus = {"fujian": world.fujian, "gulou": world.gulou, "taijiang": world.taijiang, "licheng": world.licheng}
    return {name: area(bureau, counts, {}).due for name, bureau in bureaus.items()}


def seen(membership: Membership) -> list[str]:
    return sorted(Filing.objects.visible_to(membership).values_list("institution__name", flat=True))


def codes(act: Act) -> list[str]:
    return [step.code for step in following.plan(act)]


def one_department_each() -> None:
    """Every filing has the scope of its one reviewing department; in review its step is on its route."""
    for filing in Filing.objects.select_related("reviewing_bureau"):
        assert filing.scope == filing.reviewing_bureau.path
        if filing.state == State.IN_REVIEW:
            assert filing.step_id in filing.route
            assert filing.route[0] == filing.reviewing_bureau_id


# -- moving ----------------------------------------------------------------------------------------


def test_move_takes_a_filing_along_at_once(world: Province, round: Round):
    filing = fill(a_filing(round, world.a), world.filer_a)
    cells = dict(filing.drafts.values_list("table", "cells"))
    assert counted(world, round) == {"fujian": 1, "gulou": 1, "taijiang": 0, "licheng": 0}
    acts.move(institution=world.a, bureau=world.taijiang, reason="迁址", by=world.fuzhou_reviewer)
    assert counted(world, round) == {"fujian": 1, "gulou": 0, "taijiang": 1, "licheng": 0}
    assert (seen(world.gulou_reviewer), seen(world.taijiang_reviewer)) == ([], [world.a.name])
    assert not Institution.objects.visible_to(world.gulou_reviewer).filter(pk=world.a.pk).exists()
    assert fresh(filing).state == State.DRAFTING
    assert dict(filing.drafts.values_list("table", "cells")) == cells
    one_department_each()


def test_move_in_review_sends_it_to_the_new_county_and_keeps_what_was_decided(world: Province, round: Round):
    """F31: the review goes to the new county."""
    filing = passed(submitted_filing(round, world.a))
    assert filing.step == world.fuzhou
    act = Act("move", world.a, "迁址", bureau=world.licheng)
    assert codes(act) == ["rerouted"]
    acts.move(institution=world.a, bureau=world.licheng, reason="迁址", by=world.statistician)
    moved = fresh(filing)
    assert (moved.state, moved.step, moved.reviewing_bureau) == (State.IN_REVIEW, world.licheng, world.licheng)
    assert moved.route == [world.licheng.pk, world.fujian.pk]
    assert [one.bureau for one in Decision.objects.filter(filing=filing)] == [world.gulou]
    assert counted(world, round) == {"fujian": 1, "gulou": 0, "taijiang": 0, "licheng": 1}
    one_department_each()
    assert passed(passed(moved)).state == State.ACCEPTED


def test_move_within_a_prefecture_leaves_it_with_the_prefecture_that_has_it(world: Province, round: Round):
    filing = passed(submitted_filing(round, world.a))
    acts.move(institution=world.a, bureau=world.taijiang, reason="迁址", by=world.statistician)
    moved = fresh(filing)
    assert (moved.step, moved.reviewing_bureau) == (world.fuzhou, world.taijiang)
    assert moved.route == [world.taijiang.pk, world.fuzhou.pk, world.fujian.pk]
    assert passed(passed(moved)).state == State.ACCEPTED


def test_moved_there_and_back_nobody_passes_the_same_revision_twice(world: Province, round: Round):
    filing = passed(submitted_filing(round, world.a))
    for bureau in (world.licheng, world.gulou):
        acts.move(institution=world.a, bureau=bureau, reason="更正", by=world.statistician)
    back = fresh(filing)
    assert (back.reviewing_bureau, back.step) == (world.gulou, world.fuzhou)
    assert passed(passed(back)).state == State.ACCEPTED


def test_a_page_opened_before_the_move_decides_nothing(world: Province, round: Round):
    filing = submitted_filing(round, world.a)
    acts.move(institution=world.a, bureau=world.licheng, reason="迁址", by=world.statistician)
    with pytest.raises(StaleFiling):
        pass_on(filing=filing, by=world.gulou_reviewer, version=filing.version, revision=1)
    assert Decision.objects.count() == 0


def test_move_leaves_closed_rounds_and_chosen_departments(world: Province, round: Round):
    before = open_round(world, period="2022")
    old = accepted_filing(before, world.a)
    Round.objects.filter(pk=before.pk).update(closed_at=dt.datetime(2023, 6, 1, tzinfo=dt.UTC))
    chosen = a_filing(round, world.a, reviewing_bureau=world.pingtan, scope=world.pingtan.path)
    acts.move(institution=world.a, bureau=world.taijiang, reason="迁址", by=world.statistician)
    assert fresh(old).reviewing_bureau == world.gulou
    assert fresh(chosen).reviewing_bureau == world.pingtan
    one_department_each()


def test_move_decides_next_years_reviewing_bureau(world: Province):
    before = open_round(world, period="2022")
    accepted_filing(before, world.a)
    a_certificate(world.a)
    Round.objects.filter(pk=before.pk).update(closed_at=dt.datetime(2023, 6, 1, tzinfo=dt.UTC))
    acts.move(institution=world.a, bureau=world.taijiang, reason="迁址", by=world.statistician)
    this = open_round(world, previous=before, frozen=False)
    freeze_roster(round=this, by=world.statistician)
    assert this.filings.get(institution=world.a).reviewing_bureau == world.taijiang


def test_move_is_for_who_stands_above_both(world: Province):
    for by, bureau in (
        (world.gulou_reviewer, world.taijiang),
        (world.fuzhou_reviewer, world.licheng),
        (world.taijiang_reviewer, world.taijiang),
        (world.filer_a, world.taijiang),
    ):
        with pytest.raises(NotAllowed):
            acts.move(institution=world.a, bureau=bureau, reason="迁址", by=by)
    with pytest.raises(BadEntry):
        acts.move(institution=world.a, bureau=world.gulou, reason="迁址", by=world.statistician)
    with pytest.raises(BadEntry):
        acts.move(institution=world.a, bureau=world.taijiang, reason=" ", by=world.statistician)
    assert Institution.objects.get(pk=world.a.pk).home_bureau == world.gulou
    assert InstitutionChange.objects.count() == 0


def test_move_is_told_and_kept(world: Province, round: Round):
    a_filing(round, world.a)
    acts.move(institution=world.a, bureau=world.taijiang, reason="迁址", by=world.statistician)
    [change] = InstitutionChange.objects.told_of(world.a)
    assert (change.kind, change.from_bureau, change.to_bureau, change.reason) == (
        "moved", world.gulou, world.taijiang, "迁址",
    )  # fmt: skip
    assert [code for _subject, code, _value in change.filings] == ["moved"]
    told = set(Notice.objects.values_list("recipient__username", flat=True))
    assert told == {"filer-a", "signer-a", "gulou", "taijiang"}
    assert Event.objects.get(verb="institution.moved").scope == world.taijiang.path


# -- merging ---------------------------------------------------------------------------------------


def test_merge_leaves_one_filing_and_the_heir_with_everything(world: Province, round: Round):
    a_certificate(world.a, number="221300000001")
    a_site(world.a)
    a_site(world.b)
    gone, stays = fill(a_filing(round, world.a), world.filer_a), a_filing(round, world.b)
    assert codes(Act("merge", world.a, "吸收合并", other=world.b)) == ["heir_files"]
    acts.merge(institution=world.a, into=world.b, reason="吸收合并", by=world.gulou_reviewer)
    assert (fresh(gone).state, fresh(stays).state) == (State.EXCUSED, State.DUE)
    assert counted(world, round)["fujian"] == 1
    assert Certificate.objects.get(number="221300000001").institution == world.b
    assert list(world.b.sites.values_list("number", "is_main")) == [(1, True), (2, False)]
    world.a.refresh_from_db()
    assert (world.a.status, world.a.merged_into) == ("closed", world.b)
    at_heir = Membership.objects.current().filter(institution=world.b)
    assert set(at_heir.values_list("user__username", flat=True)) == {"filer-a", "signer-a", "filer-b", "signer-b"}
    assert not Membership.objects.current().filter(institution=world.a).exists()
    assert Event.objects.get(verb="filing.release").details["note"] == "吸收合并"
    assert [one.kind for one in InstitutionChange.objects.told_of(world.b)] == ["merged_from"]
    one_department_each()


def test_merge_puts_the_heir_on_the_roster_where_it_was_not(world: Province, round: Round):
    gone = submitted_filing(round, world.a)
    assert codes(Act("merge", world.a, "吸收合并", other=world.b)) == ["heir_added"]
    acts.merge(institution=world.a, into=world.b, reason="吸收合并", by=world.gulou_reviewer)
    assert fresh(gone).state == State.EXCUSED
    assert fresh(gone).revisions.count() == 1
    assert round.filings.get(institution=world.b).due_reason == "added"
    assert counted(world, round)["fujian"] == 1


def test_merge_keeps_what_was_accepted(world: Province, round: Round):
    accepted = accepted_filing(round, world.a)
    a_filing(round, world.b)
    assert codes(Act("merge", world.a, "吸收合并", other=world.b)) == ["stays"]
    acts.merge(institution=world.a, into=world.b, reason="吸收合并", by=world.gulou_reviewer)
    assert fresh(accepted).state == State.ACCEPTED
    assert counted(world, round)["fujian"] == 2


def test_merge_across_areas_is_for_who_sees_both(world: Province):
    with pytest.raises(NotAllowed):
        acts.merge(institution=world.a, into=world.c, reason="吸收合并", by=world.gulou_reviewer)
    with pytest.raises(BadEntry):
        acts.merge(institution=world.a, into=world.a, reason="吸收合并", by=world.statistician)
    acts.merge(institution=world.a, into=world.c, reason="吸收合并", by=world.fuzhou_reviewer)
    with pytest.raises(NotAllowed):
        acts.merge(institution=world.a, into=world.b, reason="再并", by=world.statistician)
    with pytest.raises(NotAllowed):
        acts.reopen(institution=world.a, reason="恢复", by=world.statistician)


def test_the_last_merged_of_a_chain_is_found(world: Province):
    acts.merge(institution=world.a, into=world.b, reason="一", by=world.statistician)
    acts.merge(institution=world.b, into=world.c, reason="二", by=world.statistician)
    world.a.refresh_from_db()
    assert world.a.merged_into.merged_into == world.c


# -- closing, reopening, splitting, renaming, parents ------------------------------------------------------


def test_close_excuses_what_was_not_submitted_and_lets_the_rest_be_judged(world: Province, round: Round):
    other = open_round(world, period="2023Q4", kind="numbers")
    in_review, due = submitted_filing(round, world.a), a_filing(other, world.a)
    sent_back = submitted_filing(round, world.b)
    returned(sent_back)
    assert codes(Act("close", world.a, "注销")) == ["judged_on", "excused"]
    close_institution(institution=world.a, reason="注销", by=world.gulou_reviewer)
    close_institution(institution=world.b, reason="注销", by=world.gulou_reviewer)
    assert [fresh(one).state for one in (in_review, due, sent_back)] == [
        State.IN_REVIEW, State.EXCUSED, State.EXCUSED,
    ]  # fmt: skip
    assert round.filings.count() == 2  # the roster is kept
    assert passed(in_review).step == world.fuzhou


def test_reopen_leaves_the_roster_to_the_province(world: Province, round: Round):
    due = a_filing(round, world.a)
    close_institution(institution=world.a, reason="注销", by=world.gulou_reviewer)
    world.a.refresh_from_db()
    acts.reopen(institution=world.a, reason="恢复", by=world.gulou_reviewer)
    world.a.refresh_from_db()
    assert (world.a.status, fresh(due).state) == ("active", State.EXCUSED)
    assert [one.kind for one in InstitutionChange.objects.told_of(world.a)] == ["reopened", "closed"]


def test_split_takes_chosen_certificates_and_sites(world: Province, round: Round):
    goes, stays = a_certificate(world.a), a_certificate(world.a)
    first, second = a_site(world.a), a_site(world.a)
    mine = a_filing(round, world.a)
    new = acts.split(
        institution=world.a, uscc=a_uscc(), name="福建分检测有限公司", certificates=[goes.pk], sites=[first.pk],
        reason="分立", by=world.gulou_reviewer,
    )  # fmt: skip
    assert (list(new.certificates.all()), list(world.a.certificates.all())) == ([goes], [stays])
    second.refresh_from_db()
    assert (new.sites.get().is_main, second.is_main) == (True, True)
    assert fresh(mine).institution == world.a
    assert not round.filings.filter(institution=new).exists()
    with pytest.raises(RegisteredAlready):
        acts.split(institution=world.a, uscc=new.uscc, name="又一", reason="分立", by=world.gulou_reviewer)
    foreign = a_certificate(world.b)
    acts.split(
        institution=world.a,
        uscc=a_uscc(),
        name="再分",
        certificates=[foreign.pk],
        reason="分立",
        by=world.gulou_reviewer,
    )
    foreign.refresh_from_db()
    assert foreign.institution == world.b


def test_rename_is_kept_in_the_history(world: Province):
    old = world.a.name
    rename_institution(institution=world.a, name="福建甲检测集团", by=world.gulou_reviewer)
    [change] = InstitutionChange.objects.told_of(world.a)
    assert (change.before, change.after) == (old, "福建甲检测集团")


def test_parents_are_two_levels(world: Province):
    acts.set_parent(institution=world.b, parent=world.a, reason="控股", by=world.gulou_reviewer)
    child = an_institution(world.gulou)
    for institution, parent in ((child, world.b), (world.a, child), (world.a, world.a)):
        with pytest.raises(BadEntry):
            acts.set_parent(institution=institution, parent=parent, reason="控股", by=world.gulou_reviewer)
    world.b.refresh_from_db()
    acts.set_parent(institution=world.b, parent=None, reason="转让", by=world.gulou_reviewer)
    world.b.refresh_from_db()
    assert world.b.parent is None


def test_history_cannot_be_rewritten(world: Province):
    rename_institution(institution=world.a, name="福建甲检测集团", by=world.gulou_reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        InstitutionChange.objects.update(before="别的名字")
