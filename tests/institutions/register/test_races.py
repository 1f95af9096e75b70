"""Acts at the same moment, with real threads and transactions: one comes first, and nothing is counted twice."""

from __future__ import annotations

import pytest

from institutions.models import Institution
from institutions.register import acts
from portal.errors import Refused
from reports.filings.actions_review import pass_on
from reports.filings.models import Decision, Filing, State
from reports.filings.roster import freeze_roster
from tests.factories.filings import fresh, open_round, submitted_filing
from tests.factories.institutions import Province, a_certificate, build_province
from tests.reports.filings.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> Province:
    return build_province()


def test_two_mergers_into_each_other_leave_one_heir(world: Province):
    results = at_once(
        lambda: acts.merge(institution=world.a, into=world.b, reason="甲并入乙", by=world.statistician),
        lambda: acts.merge(institution=world.b, into=world.a, reason="乙并入甲", by=world.statistician),
    )
    assert sum(isinstance(result, Refused) for result in results) == 1
    assert sorted(Institution.objects.filter(pk__in=[world.a.pk, world.b.pk]).values_list("status", flat=True)) == [
        "active", "closed",
    ]  # fmt: skip


def test_a_merger_while_the_roster_is_frozen_leaves_one_line_that_is_due(world: Province):
    a_certificate(world.a)
    a_certificate(world.b)
    round = open_round(world, frozen=False)
    at_once(
        lambda: freeze_roster(round=round, by=world.statistician),
        lambda: acts.merge(institution=world.a, into=world.b, reason="并", by=world.statistician),
    )
    [due] = Filing.objects.exclude(state=State.EXCUSED)
    assert due.institution == world.b


def test_a_decision_while_the_institution_moves_is_kept_or_refused_whole(world: Province):
    filing = submitted_filing(open_round(world), world.a)
    results = at_once(
        lambda: acts.move(institution=world.a, bureau=world.licheng, reason="迁", by=world.statistician),
        lambda: pass_on(filing=filing, by=world.gulou_reviewer, version=filing.version, revision=1),
    )
    after = fresh(filing)
    assert (after.reviewing_bureau, after.step, after.state) == (world.licheng, world.licheng, State.IN_REVIEW)
    assert Decision.objects.count() == sum(not isinstance(result, Refused) for result in results[1:])
