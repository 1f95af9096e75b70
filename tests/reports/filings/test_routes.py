"""Which bureaus judge a filing, and how an authorisation changes it."""

from __future__ import annotations

import pytest

from institutions.bureaus import move_bureau
from institutions.grants import authorise, withdraw
from reports.filings.models import State
from reports.filings.routes import entry_step, next_step, route_for
from tests.factories.filings import (
    EXPLANATION,
    fill,
    fresh,
    open_round,
    passed,
    returned,
    sign_and_submit,
    submitted_filing,
)
from tests.factories.institutions import build_province

pytestmark = pytest.mark.django_db


@pytest.fixture
def province():
    return build_province()


def codes(bureaus):
    return [bureau.code for bureau in bureaus]


def test_route_goes_up_the_tree_where_the_prefecture_is_authorised(province):
    assert codes(route_for(province.gulou)) == ["350102", "350100", "350000"]


def test_route_leaves_out_a_prefecture_without_authorisation(province):
    assert codes(route_for(province.licheng)) == ["350502", "350000"]


def test_prefecture_without_counties_judges_first_whatever_the_authorisation(province):
    assert codes(route_for(province.pingtan)) == ["350128P", "350000"]


def test_province_alone_judges_what_it_reviews_itself(province):
    assert codes(route_for(province.fujian)) == ["350000"]


def test_withdrawal_changes_routes_made_afterwards_only(province):
    round = open_round(province)
    before = submitted_filing(round, province.a)
    withdraw(bureau=province.fuzhou, by=province.statistician, reason="授权到期")
    after = submitted_filing(round, province.c)
    assert before.route == [province.gulou.pk, province.fuzhou.pk, province.fujian.pk]
    assert after.route == [province.taijiang.pk, province.fujian.pk]
    assert passed(before).step_id == province.fuzhou.pk
    assert passed(after).step_id == province.fujian.pk


def test_authorisation_given_later_adds_the_step(province):
    round = open_round(province)
    authorise(bureau=province.quanzhou, by=province.statistician, reason="2023年度审核授权")
    assert submitted_filing(round, province.d).route == [province.licheng.pk, province.quanzhou.pk, province.fujian.pk]


def test_next_step_ends_with_the_province(province):
    filing = submitted_filing(open_round(province), province.d)
    assert next_step(filing) == province.fujian.pk
    filing = passed(filing)
    assert next_step(filing) is None
    filing = passed(filing)
    assert (filing.state, filing.step_id, next_step(filing)) == (State.ACCEPTED, None, None)


@pytest.mark.parametrize(("straight", "enters"), [(False, "350102"), (True, "350100")])
def test_resubmission_enters_where_the_round_says(province, straight, enters):
    round = open_round(province)
    round.resumes_at_returner = straight
    round.save()
    filing = passed(submitted_filing(round, province.a))
    returned(filing)
    for remark in filing.remarks.all():
        remark.resolution, remark.answer = "explained", EXPLANATION
        remark.save()
    sign_and_submit(fill(fresh(filing), province.filer_a), province.signer_a)
    filing = fresh(filing)
    assert filing.step.code == enters
    assert entry_step(filing, route_for(filing.reviewing_bureau)).code == enters


def test_number_of_queries_does_not_grow_with_the_route(province, django_assert_num_queries):
    for bureau in (province.pingtan, province.gulou):
        with django_assert_num_queries(2):
            route_for(bureau)


def test_scope_of_filings_follows_a_moved_bureau(province):
    filing = submitted_filing(open_round(province), province.a)
    move_bureau(bureau=province.gulou, parent=province.quanzhou, by=None)
    filing.refresh_from_db()
    province.gulou.refresh_from_db()
    assert filing.scope == province.gulou.path
    assert filing.scope.startswith(province.quanzhou.path)
