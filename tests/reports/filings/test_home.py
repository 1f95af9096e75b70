"""The institution's part of the first page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from institutions.models import Membership
from portal.clock import database_now
from reports.filings.home import MOST, tasks
from reports.filings.models import Filing
from reports.filings.pages import deadline_of
from reports.rounds.models import Phase, Round
from tests.factories.filings import a_filing, accepted_filing, fresh, open_round, returned, submitted_filing
from tests.factories.institutions import Province

Acting = Callable[[Membership], Client]


def test_tasks_puts_what_is_due_first_by_date(world: Province):
    late = a_filing(open_round(world, period="2023", due=dt.timedelta(days=7)), world.a)
    soon = a_filing(open_round(world, period="2024", due=dt.timedelta(days=2)), world.a)
    done = submitted_filing(open_round(world, period="2025", due=dt.timedelta(days=1)), world.a)
    context = tasks(world.filer_a).context
    assert [line.filing for line in context["todo"]] == [soon, late]
    assert [line.filing for line in context["lines"]] == [soon, late, done]
    assert [line.deadline.days for line in context["todo"]] == [2, 7]


def test_tasks_hold_what_is_owed_however_many_rounds_came_after(world: Province):
    owed = a_filing(open_round(world, period="2009"), world.a)
    settled = a_filing(open_round(world, period="2010"), world.a)
    Round.objects.filter(pk=settled.round_id).update(closed_at=settled.round.roster_frozen_at)
    for year in range(2011, 2011 + MOST):
        a_filing(open_round(world, period=str(year)), world.a)
    context = tasks(world.filer_a).context
    assert len(context["todo"]) == MOST + 1
    assert owed in [line.filing for line in context["todo"]]
    assert settled not in [line.filing for line in context["lines"]]


def test_tasks_of_another_institution_are_not_shown(world: Province, round: Round):
    a_filing(round, world.b)
    assert tasks(world.filer_a).context["lines"] == []


def test_a_return_is_told_with_its_remarks(world: Province, round: Round, acting: Acting):
    filing = submitted_filing(round, world.a)
    returned(filing)
    line = tasks(world.filer_a).context["todo"][0]
    assert (line.open_remarks, line.returned.bureau) == (1, world.gulou)
    page = acting(world.filer_a).get(reverse("home")).content.decode()
    assert "请按批注核对后重报。" in page
    assert filing.get_absolute_url() in page


def test_an_accepted_filing_is_not_due(world: Province, round: Round):
    accepted_filing(round, world.a)
    context = tasks(world.filer_a).context
    assert context["todo"] == []
    line = context["lines"][0]
    assert [one.bureau for one in (line.county, line.prefecture, line.province)] == [
        world.gulou,
        world.fuzhou,
        world.fujian,
    ]


@pytest.mark.parametrize("count", [1, 5])
def test_tasks_cost_the_same_with_one_and_with_five(world: Province, count: int, django_assert_num_queries):
    for year in range(2023, 2023 + count):
        a_filing(open_round(world, period=str(year)), world.a)
    with django_assert_num_queries(7):
        assert len(tasks(world.filer_a).context["lines"]) == count


@pytest.mark.parametrize(
    ("due", "when", "days"),
    [
        ("2024-03-01T00:00:00+08:00", "2月29日24:00", 7),
        ("2024-02-29T23:59:59+08:00", "2月29日23:59", 7),
        ("2024-02-22T18:00:00+08:00", "2月22日18:00", 0),
        ("2024-02-22T09:00:00+08:00", "2月22日09:00", -1),
        ("2024-02-19T00:00:00+08:00", "2月18日24:00", -3),
    ],
)
def test_deadline_counts_days_in_shanghai(round: Round, due: str, when: str, days: int):
    Phase.objects.filter(round=round, name="fill").update(
        opens_at=dt.datetime.fromisoformat("2024-02-01T00:00:00+08:00"), due_at=dt.datetime.fromisoformat(due)
    )
    deadline = deadline_of(type(round).objects.get(pk=round.pk), dt.datetime.fromisoformat("2024-02-22T10:00:00+08:00"))
    assert (deadline.when, deadline.days) == (when, days)


def test_the_first_save_shows_as_being_filled(world: Province, filing: Filing, acting: Acting):
    client = acting(world.filer_a)
    client.post(reverse("filings:cell-save", args=[filing.public_id, "JC05"]), {"W101": "1200"})
    line = tasks(world.filer_a).context["todo"][0]
    assert line.filing.state == "drafting"
    assert line.filing.required > line.filing.filled > 0
    assert fresh(filing).touched_at <= database_now()
