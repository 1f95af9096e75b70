"""Deadlines by the database's clock, lateness, and who may do what, without HTTP."""

from __future__ import annotations

import datetime as dt

import pytest

from institutions.roles import Role
from portal.clock import database_now
from portal.trail.models import Event
from reports.filings import rules
from reports.filings.actions import recall
from reports.filings.models import State
from reports.rounds.models import Phase
from tests.factories.filings import (
    EXPLANATION,
    a_filing,
    accepted_filing,
    fresh,
    open_round,
    returned,
    sign_and_submit,
    submitted_filing,
)
from tests.factories.institutions import a_membership, build_province

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def province():
    return build_province()


@pytest.fixture
def round(province):
    return open_round(province)


def without_supplement(filing):
    filing.round.phases.filter(name=Phase.Name.SUPPLEMENT).delete()
    return fresh(filing)


@pytest.mark.parametrize(("offset", "allowed"), [(-1, True), (0, True), (1, False)])
def test_submission_ends_with_the_due_second(province, round, offset, allowed):
    filing = without_supplement(a_filing(round, province.a))
    due = round.phase(Phase.Name.FILL).due_at
    verdict = rules.can_submit(province.signer_a, filing, due + offset * SECOND)
    assert bool(verdict) is allowed
    if not allowed:
        assert "截止" in str(verdict.reason) or "closed" in str(verdict.reason)


@pytest.mark.parametrize(("offset", "allowed"), [(-1, False), (0, True), (1, True)])
def test_filling_begins_with_the_opening_second(province, round, offset, allowed):
    filing = fresh(a_filing(round, province.a))
    opens = round.phase(Phase.Name.FILL).opens_at
    assert bool(rules.can_fill(province.filer_a, filing, opens + offset * SECOND)) is allowed
    assert bool(rules.can_submit(province.signer_a, filing, opens + offset * SECOND)) is allowed


@pytest.mark.parametrize(("offset", "late"), [(-1, False), (0, False), (1, True)])
def test_lateness_begins_after_the_due_second(round, offset, late):
    assert rules.is_late(round, round.phase(Phase.Name.FILL).due_at + offset * SECOND) is late


@pytest.mark.parametrize(("offset", "allowed"), [(0, True), (1, False)])
def test_supplementary_filing_ends_too(province, round, offset, allowed):
    filing = fresh(a_filing(round, province.a))
    end = round.phase(Phase.Name.SUPPLEMENT).due_at
    assert bool(rules.can_submit(province.signer_a, filing, end + offset * SECOND)) is allowed


def test_a_draft_can_be_filled_after_the_due_time(province, round):
    filing = without_supplement(a_filing(round, province.a))
    after = round.phase(Phase.Name.FILL).due_at + SECOND
    assert rules.can_fill(province.filer_a, filing, after)


def test_a_closed_round_takes_nothing(province, round):
    filing = fresh(a_filing(round, province.a))
    now = round.phase(Phase.Name.FILL).opens_at + SECOND
    filing.round.closed_at = now
    for rule, who in ((rules.can_fill, province.filer_a), (rules.can_submit, province.signer_a)):
        verdict = rule(who, filing, now)
        assert not verdict
        assert str(verdict.reason)


def test_a_correction_is_welcome_until_the_round_closes(province, round):
    filing = submitted_filing(round, province.a)
    returned(filing)
    filing = fresh(filing)
    long_after = round.phase(Phase.Name.SUPPLEMENT).due_at + dt.timedelta(days=90)
    assert rules.can_submit(province.signer_a, filing, long_after)
    filing.round.closed_at = long_after
    assert not rules.can_submit(province.signer_a, filing, long_after)


def test_the_filer_fills_and_the_signer_signs(province, round):
    filing = fresh(a_filing(round, province.a))
    now = round.phase(Phase.Name.FILL).opens_at + SECOND
    assert rules.can_fill(province.filer_a, filing, now)
    assert not rules.can_submit(province.filer_a, filing, now)
    assert rules.can_submit(province.signer_a, filing, now)
    assert not rules.can_submit(province.signer_b, filing, now)


def test_a_reviewer_who_works_for_the_institution_does_not_judge_it(province, round):
    filing = submitted_filing(round, province.a)
    now = round.phase(Phase.Name.FILL).opens_at + SECOND
    reviewer = province.gulou_reviewer
    assert rules.can_review(reviewer, filing, now)
    a_membership(Role.FILER, province.a, reviewer.user)
    assert not rules.can_review(reviewer, filing, now)
    reviewer.user.memberships.filter(role=Role.FILER).update(ended_at=now)
    assert rules.can_review(reviewer, filing, now)


def test_only_the_bureau_whose_turn_it_is_judges(province, round):
    filing = submitted_filing(round, province.a)
    now = round.phase(Phase.Name.FILL).opens_at + SECOND
    waiting = (province.fuzhou_reviewer, province.statistician, province.fujian_reviewer, province.taijiang_reviewer)
    for membership in waiting:
        verdict = rules.can_review(membership, filing, now)
        assert not verdict
        assert "鼓楼区市场监督管理局" in str(verdict.reason)


def test_only_the_province_reopens_and_only_what_is_accepted(province, round):
    now = round.phase(Phase.Name.FILL).opens_at + SECOND
    filing = accepted_filing(round, province.a)
    assert filing.state == State.ACCEPTED
    assert rules.can_reopen(province.fujian_reviewer, filing, now)
    assert not rules.can_reopen(province.fuzhou_reviewer, filing, now)
    assert not rules.can_reopen(province.signer_a, filing, now)
    assert not rules.can_reopen(province.fujian_reviewer, submitted_filing(round, province.b), now)


def test_a_submission_that_replaces_a_recalled_one_after_the_due_time_is_late(province, round):
    filing = submitted_filing(round, province.a)
    assert not filing.late
    recall(filing=filing, by=province.filer_a, version=filing.version)
    now = database_now()
    round.phases.filter(name=Phase.Name.FILL).update(due_at=now - SECOND)
    sign_and_submit(filing, province.signer_a)
    filing = fresh(filing)
    assert (filing.late, filing.revision.late, filing.revision.number) == (True, True, 2)


def test_a_correction_after_the_due_time_is_not_late(province, round):
    filing = submitted_filing(round, province.a)
    returned(filing)
    filing.remarks.update(resolution="explained", answer=EXPLANATION)
    round.phases.filter(name=Phase.Name.FILL).update(due_at=database_now() - SECOND)
    sign_and_submit(filing, province.signer_a)
    assert not fresh(filing).late


def test_the_note_of_a_return_stands_with_the_decision_and_not_in_the_trail(province, round):
    decision = returned(submitted_filing(round, province.a))
    event = Event.objects.get(verb="filing.return")
    assert decision.note
    assert decision.note not in str(event.details)
