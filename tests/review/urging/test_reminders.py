"""Reminders go to exactly those who have not filed, on the days of the round, once each, at the same cost for any number."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from portal.clock import database_now
from portal.inbox.models import Notice
from portal.trail.models import Event
from reports.filings.models import Filing, State
from reports.rounds.models import Phase, Round
from review.urging.tasks import remind
from tests.factories.filings import a_filing, accepted_filing, fill, open_round, returned, submitted_filing
from tests.factories.institutions import Province, a_membership, a_user, an_institution

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def today(this_year: Round) -> Round:
    """The round falls due at the end of today, in Fujian, by the database's clock."""
    return due_in(this_year, 0)


def midnight(days: int) -> dt.datetime:
    """The midnight in Fujian that ends the day so many days from the database's today."""
    day = database_now().astimezone(timezone.get_default_timezone()).date() + dt.timedelta(days=days + 1)
    return dt.datetime.combine(day, dt.time(), timezone.get_default_timezone())


def due_in(round: Round, days: int, shift: dt.timedelta = -SECOND) -> Round:
    Phase.objects.filter(round=round, name=Phase.Name.FILL).update(
        due_at=midnight(days) + shift, opens_at=midnight(days - 60)
    )
    return round


def reminded() -> set[str]:
    return set(Notice.objects.filter(kind=Notice.Kind.REMINDER).values_list("institution__name", flat=True))


def test_reminders_reach_exactly_those_who_have_not_filed(world: Province, today: Round):
    a_filing(today, world.a)
    fill(a_filing(today, world.b), world.signer_b)
    returned(submitted_filing(today, world.c))
    submitted_filing(today, world.d)
    accepted_filing(today, world.e)
    excused, closed = an_institution(world.gulou, "免报机构"), an_institution(world.gulou, "注销机构", status="closed")
    a_filing(today, excused, state=State.EXCUSED)
    a_filing(today, closed)
    for institution in (excused, closed):
        a_membership("filer", institution)
    assert remind() == 3
    assert reminded() == {world.a.name, world.b.name, world.c.name}
    assert Notice.objects.filter(kind="reminder", institution=world.a).count() == 2  # the filer and the signer
    assert Event.objects.get(verb="round.reminded").details == {"institutions": 3}


def test_a_reminder_is_sent_once_however_often_the_task_runs(world: Province, today: Round):
    a_filing(today, world.a)
    assert [remind(), remind(), remind()] == [1, 0, 0]
    assert Notice.objects.filter(kind="reminder").count() == 2
    assert Event.objects.filter(verb="round.reminded").count() == 1


def test_each_reminder_day_has_its_own_reminder(world: Province, this_year: Round):
    a_filing(this_year, world.a)
    for days in (7, 3, 0, -1):
        due_in(this_year, days)
        remind()
    assert Notice.objects.filter(kind="reminder", recipient=world.filer_a.user).count() == 4


@pytest.mark.parametrize("days", [8, 6, 5, 4, 2, 1, -2])
def test_no_reminder_on_other_days(world: Province, this_year: Round, days: int):
    a_filing(this_year, world.a)
    due_in(this_year, days)
    assert remind() == 0
    assert reminded() == set()


@pytest.mark.parametrize(
    ("shift", "sent"),
    [(-SECOND, True), (dt.timedelta(0), True), (SECOND, False)],
    ids=["a second before midnight", "at midnight, which ends the day", "a second after midnight, the next day"],
)
def test_the_due_day_ends_at_midnight_in_fujian(world: Province, this_year: Round, shift: dt.timedelta, sent: bool):
    """With the single reminder day 0: due today is reminded, due tomorrow is not."""
    Round.objects.filter(pk=this_year.pk).update(reminder_days=[0])
    a_filing(this_year, world.a)
    due_in(this_year, 0, shift)
    assert remind() == int(sent)


@pytest.mark.parametrize(
    ("shift", "sent"), [(-SECOND, False), (dt.timedelta(0), False), (SECOND, True)], ids=["before", "midnight", "after"]
)
def test_the_due_day_begins_after_midnight_in_fujian(
    world: Province, this_year: Round, shift: dt.timedelta, sent: bool
):
    Round.objects.filter(pk=this_year.pk).update(reminder_days=[0])
    a_filing(this_year, world.a)
    due_in(this_year, -1, shift)
    assert remind() == int(sent)


def test_no_reminder_before_the_roster_is_frozen_or_after_the_round_closed(world: Province, today: Round):
    a_filing(today, world.a)
    Round.objects.filter(pk=today.pk).update(closed_at=database_now())
    assert remind() == 0
    Round.objects.filter(pk=today.pk).update(closed_at=None, roster_frozen_at=None)
    assert remind() == 0
    assert Filing.objects.count() == 1


def test_people_who_left_are_not_reminded(world: Province, today: Round):
    a_filing(today, world.a)
    world.filer_a.ended_at = database_now()
    world.filer_a.save()
    world.signer_a.user.is_active = False
    world.signer_a.user.save()
    assert remind() == 0


def test_a_person_of_two_institutions_is_reminded_for_each(world: Province, today: Round):
    both = a_user("both")
    for institution in (world.c, world.d):
        a_membership("filer", institution, both)
        a_membership("signer", institution, both)
        a_filing(today, institution)
    assert remind() == 2
    assert Notice.objects.filter(recipient=both).count() == 2


def test_reminder_says_what_is_missing_in_both_languages(world: Province, today: Round):
    filing = a_filing(today, world.a, filled=30, required=118)
    remind()
    notice = Notice.objects.filter(recipient=world.filer_a.user).get()
    due = midnight(0) - SECOND
    assert notice.subject_en == f"Please file: {today.title_en}"
    assert notice.body_en == (
        f"{world.a.name} has not filed {today.title_en} yet: 30 of 118 required items are filled. "
        f"Filling is due on {due:%Y-%m-%d %H:%M}. Questions: {world.gulou.name_en} {world.gulou.phone}"
    )
    for part in (
        world.a.name,
        today.title_zh,
        "30",
        "118",
        f"{due.year}年{due.month}月{due.day}日23:59",
        world.gulou.phone,
    ):
        assert part in notice.body_zh
    assert notice.link == filing.get_absolute_url()


def test_reminders_cost_the_same_for_1_and_5_institutions(world: Province, today: Round, django_assert_num_queries):
    """Two savepoints, the statement, and the event with its seal."""
    a_filing(today, world.a)
    with django_assert_num_queries(6):
        assert remind() == 1
    for number in range(5):
        institution = an_institution(world.gulou, f"机构{number}")
        a_membership("filer", institution)
        a_filing(today, institution)
    with django_assert_num_queries(6):
        assert remind() == 5


def test_two_rounds_are_reminded_by_the_same_statement(world: Province, today: Round):
    other = due_in(open_round(world, period="2024"), 0)
    a_filing(today, world.a)
    a_filing(other, world.b)
    assert remind() == 2
    assert reminded() == {world.a.name, world.b.name}
