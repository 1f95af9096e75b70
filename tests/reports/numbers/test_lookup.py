"""Looking a number up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from reports.numbers import lookup
from reports.numbers.models import NumberBatch, ReportNumber
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
