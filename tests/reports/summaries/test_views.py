"""Pages of the summaries through the client."""

from __future__ import annotations

import pytest
from django.urls import reverse

from reports.summaries.actions import ask_build, compute, store
from reports.summaries.models import Build
from tests.factories.filings import accepted_filing, open_round
from tests.factories.institutions import build_province

pytestmark = pytest.mark.django_db


@pytest.fixture
def province():
    return build_province()


def sign_in(client, membership):
    client.force_login(membership.user, backend="institutions.accounts.backends.NameBackend")


def test_list_without_a_round_says_what_to_do(client, province):
    sign_in(client, province.statistician)
    page = client.get(reverse("summaries:build-list"))
    assert page.status_code == 200
    assert reverse("rounds:round-list") in page.content.decode()


def test_asking_for_a_build_queues_it(client, province, django_capture_on_commit_callbacks):
    this = open_round(province)
    sign_in(client, province.statistician)
    answer = client.post(reverse("summaries:build-create"), {"round": this.public_id, "basis": "accepted", "cut": ""})
    build = Build.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == build.get_absolute_url()
    assert build.job.kind == "summary.build"
    assert client.get(build.get_absolute_url()).status_code == 200


def test_bad_cut_is_refused_with_what_was_typed(client, province):
    this = open_round(province)
    sign_in(client, province.statistician)
    answer = client.post(
        reverse("summaries:build-create"), {"round": this.public_id, "basis": "x", "cut": "2023-02-30"}
    )
    assert answer.status_code == 422
    assert "2023-02-30" in answer.content.decode()
    assert Build.objects.count() == 0


def test_detail_shows_each_table(client, province):
    this = open_round(province)
    accepted_filing(this, province.a)
    build = ask_build(round=this, basis="accepted", by=province.statistician)
    store(build, *compute(build))
    sign_in(client, province.statistician)
    sheets = {
        "totals": "人均营业收入",
        "bureaus": "鼓楼区市场监督管理局",
        "unit_type": "事业单位",
        "domains": "建筑工程",
    }
    for code, words in sheets.items() | {("nonsense", "人均营业收入")}:
        page = client.get(build.get_absolute_url(), {"table": code}).content.decode()
        table = page[page.index("<tbody>") : page.index("</tbody>")]
        assert words in table
        assert build.digest in page


def test_queries_of_the_list_do_not_grow(client, province, django_assert_num_queries):
    this = open_round(province)
    sign_in(client, province.statistician)
    client.get(reverse("summaries:build-list"))
    for wanted in (1, 5):
        while Build.objects.count() < wanted:
            ask_build(round=this, basis="accepted", by=province.statistician)
        with django_assert_num_queries(6):
            client.get(reverse("summaries:build-list"))
