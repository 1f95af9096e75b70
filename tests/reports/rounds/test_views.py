from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from portal.clock import database_now
from reports.filings.models import Filing
from reports.rounds.calendar import is_working_day, working_days_between
from reports.rounds.models import Round
from reports.rounds.rules import can_freeze
from tests.factories.filings import a_filing, open_round
from tests.factories.institutions import Province, a_certificate, build_province

BACKEND = "institutions.accounts.backends.NameBackend"


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


def client_of(membership) -> Client:
    client = Client()
    client.force_login(membership.user, backend=BACKEND)
    return client


def detail(round: Round) -> str:
    return reverse("rounds:round-detail", args=[round.public_id])


def test_round_list_shows_an_institution_only_rounds_it_is_in(world: Province):
    this, last = open_round(world), open_round(world, period="2022")
    a_filing(last, world.a)
    listed = {
        m: [r.pk for r in client_of(m).get(reverse("rounds:round-list")).context["page"]]
        for m in (world.filer_a, world.gulou_reviewer)
    }
    assert listed == {world.filer_a: [last.pk], world.gulou_reviewer: [this.pk, last.pk]}


def test_round_list_costs_the_same_for_1_and_5_rounds(world: Province, django_assert_num_queries):
    client, url = client_of(world.statistician), reverse("rounds:round-list")
    open_round(world)
    client.get(url)
    with django_assert_num_queries(7):
        assert len(client.get(url).context["page"]) == 1
    for year in range(2018, 2022):
        open_round(world, period=str(year))
    with django_assert_num_queries(7):
        assert len(client.get(url).context["page"]) == 5


def test_round_detail_counts_the_roster_of_the_readers_scope(world: Province):
    round = open_round(world)
    for institution in (world.a, world.b, world.d):
        a_filing(round, institution)
    due = {
        m: client_of(m).get(detail(round)).context["due"]
        for m in (world.gulou_reviewer, world.licheng_reviewer, world.statistician)
    }
    assert list(due.values()) == [2, 1, 3]


def test_round_detail_shows_calendar_and_legal_marks(world: Province):
    round = open_round(world)
    page = client_of(world.gulou_reviewer).get(detail(round)).content.decode()
    table = round.scheme.definition.tables[0]
    for text in (table.name("zh"), *(value for _mark, value in table.legal_marks("zh") if value)):
        assert text in page
    assert page.count("<tr") > 6


def test_freezing_makes_the_roster_and_a_second_time_adds_only_newcomers(world: Province):
    for institution in (world.a, world.b):
        a_certificate(institution, kind="CMA-P")
    round = open_round(world, frozen=False)
    url = reverse("review:roster-freeze", args=[round.public_id])
    assert client_of(world.gulou_reviewer).post(url).status_code == 403
    assert Filing.objects.count() == 0
    assert client_of(world.statistician).post(url).status_code == 302
    frozen = Round.objects.get().roster_frozen_at
    assert set(Filing.objects.values_list("institution", flat=True)) == {world.a.pk, world.b.pk}
    a_certificate(world.c, kind="CMA-P")
    client_of(world.statistician).post(url)
    assert Filing.objects.count() == 3
    assert Round.objects.get().roster_frozen_at == frozen


def test_the_roster_of_a_closed_round_stays(world: Province):
    round = open_round(world)
    a_certificate(world.a, kind="CMA-P")
    Round.objects.update(closed_at=database_now())
    answer = client_of(world.statistician).post(reverse("review:roster-freeze", args=[round.public_id]))
    assert answer.status_code == 422
    assert Filing.objects.count() == 0
    round.refresh_from_db()
    assert not can_freeze(world.statistician, round)


def test_working_days_leave_out_holidays_and_count_make_up_days(db: None):
    """Spring Festival 2024: 10 to 17 February off, Sunday the 4th and Sunday the 18th worked."""
    assert is_working_day(dt.date(2024, 2, 4))
    assert is_working_day(dt.date(2024, 2, 18))
    assert not is_working_day(dt.date(2024, 2, 12))
    assert working_days_between(dt.date(2024, 2, 9), dt.date(2024, 2, 19)) == 2
    assert working_days_between(dt.date(2024, 2, 19), dt.date(2024, 2, 19)) == 0
    assert working_days_between(dt.date(2024, 2, 19), dt.date(2024, 2, 9)) == 0
