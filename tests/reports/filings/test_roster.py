"""Freezing the roster: who is due, once, and why."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from portal.trail.models import Event
from reports.filings.actions_review import give_back
from reports.filings.errors import Incomplete, NotAllowed
from reports.filings.models import DueReason, Filing, State
from reports.filings.roster import freeze_roster
from tests.factories.filings import a_filing, a_remark, accepted_filing, open_round, passed, submitted_filing
from tests.factories.institutions import a_certificate, build_province

pytestmark = pytest.mark.django_db


@pytest.fixture
def province():
    """A and B hold valid certificates, C's expired, D's is not CMA, E's starts after the cut-off date, 2023-12-31."""
    world = build_province()
    a_certificate(world.a)
    a_certificate(world.b, expires_on=dt.date(2023, 12, 31))
    a_certificate(world.c, expires_on=dt.date(2023, 12, 30))
    a_certificate(world.d, kind="CNAS-L")
    a_certificate(world.e, issued_on=dt.date(2024, 1, 1))
    return world


def names(round):
    return set(round.filings.values_list("institution__name", flat=True))


def test_roster_is_who_holds_a_certificate_on_the_day(province):
    round = open_round(province, frozen=False)
    assert freeze_roster(round=round, by=province.statistician) == 2
    assert names(round) == {province.a.name, province.b.name}
    filing = round.filings.get(institution=province.a)
    assert (filing.state, filing.due_reason) == (State.DUE, DueReason.CERTIFICATE)
    assert filing.scope == province.gulou.path
    assert round.roster_frozen_at is not None
    assert Event.objects.get(verb="round.frozen").details["created"] == 2


def test_several_certificates_make_one_filing(province):
    a_certificate(province.a)
    a_certificate(province.a, kind="CMA-N")
    round = open_round(province, frozen=False)
    freeze_roster(round=round, by=province.statistician)
    assert round.filings.filter(institution=province.a).count() == 1


@pytest.mark.parametrize("status", ["3", "4", "5"])
def test_a_certificate_no_longer_in_force_makes_nobody_due(province, status):
    province.b.certificates.update(status=status)
    round = open_round(province, frozen=False)
    freeze_roster(round=round, by=province.statistician)
    assert names(round) == {province.a.name}


def test_closed_institutions_are_not_due(province):
    province.b.status = "closed"
    province.b.save()
    round = open_round(province, frozen=False)
    freeze_roster(round=round, by=province.statistician)
    assert names(round) == {province.a.name}


def test_freezing_again_adds_only_who_is_new(province):
    round = open_round(province, frozen=False)
    freeze_roster(round=round, by=province.statistician)
    first = round.roster_frozen_at
    a_certificate(province.d)
    assert freeze_roster(round=round, by=province.statistician) == 1
    assert freeze_roster(round=round, by=province.statistician) == 0
    assert names(round) == {province.a.name, province.b.name, province.d.name}
    assert round.roster_frozen_at == first


def test_the_reviewing_bureau_is_last_years(province):
    last = open_round(province, period="2022")
    before = accepted_filing(last, province.a, reviewing_bureau=province.taijiang, scope=province.taijiang.path)
    round = open_round(province, previous=last, frozen=False)
    freeze_roster(round=round, by=province.statistician)
    filing = round.filings.get(institution=province.a)
    assert (filing.reviewing_bureau, filing.scope, filing.previous) == (
        province.taijiang,
        province.taijiang.path,
        before,
    )
    assert round.filings.get(institution=province.b).reviewing_bureau == province.gulou


def test_only_the_statistician_freezes(province):
    round = open_round(province, frozen=False)
    for by in (province.fujian_reviewer, province.gulou_reviewer, province.filer_a, province.system_admin):
        with pytest.raises(NotAllowed):
            freeze_roster(round=round, by=by)
    assert Filing.objects.count() == 0


def test_a_closed_round_keeps_its_roster(province):
    round = open_round(province, frozen=False)
    round.closed_at = dt.datetime(2024, 4, 1, tzinfo=dt.UTC)
    with pytest.raises(Incomplete):
        freeze_roster(round=round, by=province.statistician)
    assert Filing.objects.count() == 0


def test_the_database_refuses_a_second_filing(province):
    round = open_round(province)
    a_filing(round, province.a)
    with pytest.raises(IntegrityError, match="filing_once"), transaction.atomic():
        a_filing(round, province.a)


def test_freezing_is_one_statement_whatever_the_number(province, django_assert_num_queries):
    counts = []
    for period in ("2023", "2024"):
        round = open_round(province, period=period, frozen=False)
        with django_assert_num_queries(7):
            counts.append(freeze_roster(round=round, by=province.statistician))
        for institution in (province.c, province.d, province.e):
            a_certificate(institution)
    assert counts == [2, 5]


def test_last_years_figures_count_only_while_they_stand_accepted(province):
    last = open_round(province, period="2022")
    before = accepted_filing(last, province.a)
    round = open_round(province, previous=last, frozen=False)
    freeze_roster(round=round, by=province.statistician)
    filing = Filing.objects.for_page().get(round=round, institution=province.a)
    assert filing.last_accepted == before.revision
    give_back(
        filing=before, by=province.fujian_reviewer, version=before.version, revision=before.revision.number,
        note="上年数据有误，请核对。", remarks=[a_remark()],
    )  # fmt: skip
    assert Filing.objects.for_page().get(pk=filing.pk).last_accepted is None


def test_last_year_is_linked_although_it_is_accepted_later(province):
    last = open_round(province, period="2022")
    before = submitted_filing(last, province.a)
    round = open_round(province, previous=last, frozen=False)
    freeze_roster(round=round, by=province.statistician)
    filing = Filing.objects.for_page().get(round=round, institution=province.a)
    assert (filing.previous, filing.last_accepted) == (before, None)
    while (before := passed(before)).state != State.ACCEPTED:
        pass
    assert Filing.objects.for_page().get(pk=filing.pk).last_accepted == before.revision
