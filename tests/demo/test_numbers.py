"""The quarters of report numbers in the demonstration hold together like those that people filed."""

from __future__ import annotations

import pytest
from django.db.models import Count, F, Q

from demo.loading.numbers import PERIODS, SHARED_KEY
from reports.filings.examination import digest_of
from reports.filings.models import Filing, Revision, State
from reports.numbers import figures, submitting
from reports.numbers.models import NumberBatch, NumberChange, QuarterReturn, ReportNumber, SharedNumber
from reports.rounds.models import Kind, Round

pytestmark = pytest.mark.usefixtures("province")


def of_user(username: str) -> Filing:
    mine = Filing.objects.for_page().filter(round__kind=Kind.QUARTERLY_NUMBERS, round__period=PERIODS[-1])
    return mine.get(institution__memberships__user__username=username)


def test_two_quarters_are_closed_and_one_is_open() -> None:
    rounds = Round.objects.filter(kind=Kind.QUARTERLY_NUMBERS).order_by("period")
    assert [(round.period, round.closed_at is None) for round in rounds] == [
        ("2022Q4", False),
        ("2023Q3", False),
        ("2023Q4", True),
    ]
    assert rounds[2].previous == rounds[0]
    assert set(Filing.objects.filter(round__in=rounds[:2]).values_list("state", flat=True)) == {State.ACCEPTED}
    states = set(Filing.objects.filter(round=rounds[2]).values_list("state", flat=True))
    assert {State.DUE, State.DRAFTING, State.IN_REVIEW} <= states


def test_counts_are_those_of_the_numbers() -> None:
    for returned in QuarterReturn.objects.select_related("filing__round", "filing__institution"):
        told = returned.valid, returned.void, returned.replaced, returned.cma_valid, returned.invalid_certificate
        again = figures.recompute(returned.filing)
        assert (again.valid, again.void, again.replaced, again.cma_valid, again.invalid_certificate) == told
    stored = dict(ReportNumber.objects.values_list("batch_id").annotate(count=Count("*")).order_by())
    assert {batch.pk: batch.stored for batch in NumberBatch.objects.all()} == stored
    assert NumberBatch.objects.exclude(read=F("stored") + F("already") + F("repeated") + F("refused")).count() == 0


def test_revisions_say_what_their_digest_covers_and_need_no_explanation() -> None:
    revisions = Revision.objects.filter(filing__round__kind=Kind.QUARTERLY_NUMBERS).select_related(
        "scheme", "filing__quarter_return"
    )
    assert revisions.count() > 60
    for revision in revisions:
        assert revision.digest == digest_of(
            revision.scheme.digest, revision.cells, revision.derived, revision.explanations
        )
        assert int(revision.cells["RN-Q"]["Q103"]) == revision.filing.quarter_return.declared
    loud = Filing.objects.for_page().filter(round__period=PERIODS[-1], state__in=(State.IN_REVIEW, State.ACCEPTED))
    assert sum(bool(submitting.look(filing).unexplained) for filing in loud) == 0


def test_there_is_something_of_everything() -> None:
    returns = QuarterReturn.objects.filter(filing__state__in=(State.IN_REVIEW, State.ACCEPTED))
    assert returns.filter(nil=True).exists()
    assert Filing.objects.filter(round__kind=Kind.QUARTERLY_NUMBERS, late=True).exists()
    assert ReportNumber.objects.filter(state=ReportNumber.State.VOID).exists()
    assert NumberChange.objects.get().act == NumberChange.Act.VOID
    assert set(SharedNumber.objects.values_list("key", flat=True)) == {SHARED_KEY}
    assert QuarterReturn.objects.filter(~Q(patterns=[])).exists()


def test_the_filer_is_in_the_middle_of_the_open_quarter() -> None:
    look = submitting.look(of_user("filer"))
    assert (look.filing.state, look.returned.declared - look.returned.valid) == (State.DRAFTING, 7)
    assert [issue.code for issue in look.unexplained] == ["K113"]
    assert look.filing.number_batches.get().refused == 3


def test_the_open_quarter_is_compared_with_that_of_the_year_before() -> None:
    before = Filing.objects.get(
        round__period="2022Q4", institution=of_user("filer").institution, state=State.ACCEPTED
    ).quarter_return.valid
    assert before > 0
    assert figures.report(of_user("filer")).last_year == before
