"""What a submission froze, its route and its reviewing department, is changed by no statement past the acts."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from institutions.register import acts
from reports.filings.models import Filing
from tests.factories.filings import a_filing, accepted_filing, open_round, returned, submitted_filing
from tests.factories.institutions import Province, build_province


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


def changed(filing: Filing, **values: Any) -> None:
    """One UPDATE, committed as far as a test can."""
    with transaction.atomic(), connection.cursor() as cursor:
        Filing.objects.filter(pk=filing.pk).update(**values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def frozen(filing: Filing) -> tuple[int, list[int]]:
    return Filing.objects.values_list("reviewing_bureau", "route").get(pk=filing.pk)


@pytest.mark.parametrize("state", ["in_review", "accepted", "returned"])
def test_route_and_department_of_a_submission_are_frozen_in_the_database(world: Province, state: str):
    round = open_round(world)
    filing = accepted_filing(round, world.a) if state == "accepted" else submitted_filing(round, world.a)
    if state == "returned":
        returned(filing)
    assert Filing.objects.get(pk=filing.pk).state == state
    before = frozen(filing)
    for values in (
        {"route": [world.taijiang.pk, world.fujian.pk]},
        {"reviewing_bureau": world.taijiang},
        {"reviewing_bureau": world.taijiang, "route": [world.taijiang.pk], "version": 99},
    ):
        with pytest.raises(IntegrityError, match="frozen since its submission"):
            changed(filing, **values)
    assert frozen(filing) == before
    changed(filing, score=5)  # anything else is no matter of this guard


def test_before_the_submission_the_department_may_change(world: Province):
    filing = a_filing(open_round(world), world.a)
    changed(filing, reviewing_bureau=world.taijiang)
    assert frozen(filing) == (world.taijiang.pk, [])


def test_a_move_in_the_register_takes_a_submission_along(world: Province):
    filing = submitted_filing(open_round(world), world.a)
    acts.move(institution=world.a, bureau=world.licheng, reason="迁址", by=world.statistician)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert frozen(filing) == (world.licheng.pk, [world.licheng.pk, world.fujian.pk])
