"""Looking a number up, and the calendar of a quarter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils.timezone import localtime

from reports.numbers import lookup
from reports.numbers.models import NumberBatch, ReportNumber
from reports.numbers.rounds import open_quarter
from reports.rounds.models import Phase
from reports.rounds.quarters import Quarter
from tests.factories.filings import a_scheme
from tests.factories.institutions import Province, an_institution
from tests.reports.numbers.conftest import lines

Sent = Callable[..., NumberBatch]
DAY = dt.date(2023, 11, 5)


def test_look_up_finds_the_exact_number_alone(sent: Sent, world: Province) -> None:
    sent(lines("FJ-1", "FJ-10"))
    assert [(found.number.key, found.institution) for found in lookup.find("ｆｊ-1")] == [("FJ-1", world.a)]
    assert lookup.find("FJ") == []
    assert lookup.find("FJ-%") == []
    assert lookup.find("FJ-1", world.b) == []
    assert [found.institution for found in lookup.find("FJ-1", world.a)] == [world.a]


@pytest.mark.parametrize("count", [1, 5])
def test_look_up_costs_two_queries(world: Province, django_assert_num_queries, count: int) -> None:
    for _ in range(count):
        institution = an_institution(world.gulou)
        ReportNumber.objects.create(
            institution_id=institution.pk, key="FJ-1", issued_on=DAY, batch_id=1, line=2, quarter=20234
        )
    with django_assert_num_queries(2):
        assert len(lookup.find("FJ-1")) == count


def test_a_quarterly_round_opens_on_the_first_and_is_due_on_the_last_day(world: Province) -> None:
    round = open_quarter(scheme=a_scheme(), period="2023Q4", by=world.statistician)
    fill, late = round.phase(Phase.Name.FILL), round.phase(Phase.Name.SUPPLEMENT)
    assert fill is not None
    assert late is not None
    assert localtime(fill.opens_at).isoformat() == "2024-01-01T00:00:00+08:00"
    assert localtime(fill.due_at).isoformat() == "2024-01-31T23:59:59+08:00"
    assert localtime(late.opens_at).isoformat() == "2024-02-01T00:00:00+08:00"
    assert (round.title_zh, round.cut_off) == ("2023年第四季度报告编号", dt.date(2023, 12, 31))


@pytest.mark.parametrize("period", ["2023", "2023Q5", "2023q4", "Q4"])
def test_what_is_no_quarter(period: str) -> None:
    with pytest.raises(ValueError, match="is no quarter"):
        Quarter.parse(period)
