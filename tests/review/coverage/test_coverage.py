from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from io import BytesIO

from django.urls import reverse
from django.utils.translation import override
from openpyxl import load_workbook

from portal.trail.models import Event
from reports.filings.models import Filing, State
from reports.rounds.models import Round
from review.coverage.pace import cumulative, make_pace
from tests.factories.filings import a_filing, accepted_filing, fill, open_round, returned, submitted_filing
from tests.factories.institutions import Province, an_institution
from tests.review.conftest import Acting

URL = reverse("review:coverage")
LIST = reverse("review:nonfiler-list")


def the_five(world: Province, round: Round) -> None:
    """A in review, B being filled, C returned, D not begun, E accepted."""
    submitted_filing(round, world.a)
    fill(a_filing(round, world.b), world.signer_b)
    returned(submitted_filing(round, world.c))
    a_filing(round, world.d)
    accepted_filing(round, world.e)


def test_coverage_adds_up_by_bureau(world: Province, this_year: Round, acting: Acting):
    the_five(world, this_year)
    areas = acting(world.statistician).get(URL, {"open": world.fuzhou.code}).context["coverage"].areas
    found = [
        (a.bureau.short_name, a.due, a.filed, a.accepted, a.in_review, a.returned, a.drafting, a.not_begun)
        for a in areas
    ]
    assert found == [
        ("福建省", 5, 3, 1, 1, 1, 1, 1),
        ("福州市", 3, 2, 0, 1, 1, 1, 0),
        ("鼓楼区", 2, 1, 0, 1, 0, 1, 0),
        ("台江区", 1, 1, 0, 0, 1, 0, 0),
        ("平潭综合实验区", 1, 1, 1, 0, 0, 0, 0),
        ("泉州市", 1, 0, 0, 0, 0, 0, 1),
    ]
    assert areas[0].rate == Decimal(60)
    assert areas[-1].marked
    assert not areas[1].marked


def test_coverage_leaves_the_excused_out_of_the_denominator(world: Province, this_year: Round, acting: Acting):
    the_five(world, this_year)
    Filing.objects.filter(institution=world.d).update(state=State.EXCUSED)
    whole = acting(world.statistician).get(URL).context["coverage"].whole
    assert (whole.due, whole.excused, whole.rate) == (4, 1, Decimal(75))


def test_coverage_counts_items_filled_of_items_required(world: Province, this_year: Round, acting: Acting):
    the_five(world, this_year)
    Filing.objects.filter(institution__in=[world.a, world.b]).update(filled=30, required=40)
    Filing.objects.exclude(institution__in=[world.a, world.b]).update(filled=0, required=0)
    whole = acting(world.gulou_reviewer).get(URL).context["coverage"].whole
    assert (whole.filled, whole.required, whole.item_rate) == (60, 80, Decimal(75))


def test_coverage_of_a_bureau_is_its_own(world: Province, this_year: Round, acting: Acting):
    the_five(world, this_year)
    answer = acting(world.quanzhou_reviewer).get(URL, {"bureau": world.fuzhou.code, "open": world.fuzhou.code})
    assert [area.bureau for area in answer.context["coverage"].areas] == [world.quanzhou, world.licheng]
    assert "鼓楼区" not in answer.content.decode()


def test_coverage_shows_what_a_prefecture_reviews_first_itself(world: Province, this_year: Round, acting: Acting):
    a_filing(this_year, an_institution(world.fuzhou, "市直机构"))
    a_filing(this_year, world.a)
    areas = acting(world.fuzhou_reviewer).get(URL).context["coverage"].areas
    assert [(a.bureau, a.is_direct, a.due) for a in areas] == [
        (world.fuzhou, False, 2), (world.fuzhou, True, 1), (world.gulou, False, 1), (world.taijiang, False, 0)
    ]  # fmt: skip


def test_coverage_compares_with_the_same_day_last_year(world: Province, acting: Acting):
    """Last year one of two had filed 7 days before the due day, which is where this year stands today."""
    last = open_round(world, period="2022", opens=dt.timedelta(days=-400), due=dt.timedelta(days=50))
    accepted_filing(last, world.a)
    round = open_round(world, previous=last)
    a_filing(last, world.c)
    a_filing(round, world.a)
    coverage = acting(world.statistician).get(URL).context["coverage"]
    assert coverage.whole.last_rate == Decimal(50)
    assert coverage.pace.chart["series"][0]["role"] == "last"


def test_coverage_costs_the_same_for_1_and_5_filings(
    world: Province, this_year: Round, acting: Acting, django_assert_num_queries
):
    client = acting(world.statistician)
    a_filing(this_year, world.a)
    client.get(URL)
    with django_assert_num_queries(13):
        assert client.get(URL).context["coverage"].whole.due == 1
    for institution in (world.b, world.c, world.d, world.e):
        a_filing(this_year, institution)
    with django_assert_num_queries(13):
        assert client.get(URL).context["coverage"].whole.due == 5


def test_coverage_numbers_are_the_lengths_of_the_lists_behind_them(world: Province, this_year: Round, acting: Acting):
    the_five(world, this_year)
    for reviewer in (world.statistician, world.fuzhou_reviewer, world.gulou_reviewer):
        client = acting(reviewer)
        for area in client.get(URL, {"open": world.fuzhou.code}).context["coverage"].areas:
            listed = client.get(LIST, {"bureau": area.bureau.code}).context
            assert len(listed["rows"]) == area.unfiled
            for choice, number in listed["chips"]:
                assert len(client.get(LIST, {"bureau": area.bureau.code, "state": choice}).context["rows"]) == number


def test_nonfiler_list_holds_exactly_who_has_not_filed(world: Province, this_year: Round, acting: Acting):
    the_five(world, this_year)
    client = acting(world.statistician)
    listed = {
        c: {r.filing.institution for r in client.get(LIST, {"state": c}).context["rows"]}
        for c in ("unfiled", "owed", "returned")
    }
    assert listed == {"unfiled": {world.b, world.d}, "owed": {world.b, world.c, world.d}, "returned": {world.c}}
    assert {r.filing.institution for r in client.get(LIST, {"state": "x", "page": "-3"}).context["rows"]} == {
        world.b,
        world.d,
    }


def test_nonfiler_list_costs_the_same_for_1_and_5_rows(
    world: Province, this_year: Round, acting: Acting, django_assert_num_queries
):
    client = acting(world.statistician)
    a_filing(this_year, world.a)
    client.get(LIST)
    with django_assert_num_queries(10):
        assert len(client.get(LIST).context["rows"]) == 1
    for institution in (world.b, world.c, world.d, world.e):
        a_filing(this_year, institution)
    with django_assert_num_queries(10):
        assert len(client.get(LIST).context["rows"]) == 5


def test_nonfiler_workbook_is_read_back_and_a_formula_stays_text(world: Province, this_year: Round, acting: Acting):
    a_filing(this_year, an_institution(world.gulou, "=1+1检测", contact_phone="0591-1"))
    answer = acting(world.gulou_reviewer).get(reverse("review:nonfiler-workbook"))
    assert answer.status_code == 200
    sheet = load_workbook(BytesIO(answer.content)).active
    assert (sheet["A4"].value, sheet["A4"].data_type, sheet["J4"].value) == ("=1+1检测", "s", "0591-1")
    assert sheet.max_row == 4
    [event] = Event.objects.filter(verb="review.exported")
    assert event.scope == world.gulou.path


def test_coverage_workbook_has_every_bureau_with_its_denominator(world: Province, this_year: Round, acting: Acting):
    the_five(world, this_year)
    answer = acting(world.statistician).get(reverse("review:coverage-workbook"))
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = [[cell.value for cell in row[:4]] for row in sheet.iter_rows(min_row=4)]
    assert [row[0].strip("　") for row in rows] == [
        "福建省市场监督管理局", "福州市市场监督管理局", "鼓楼区市场监督管理局", "台江区市场监督管理局", "平潭综合实验区市场监督管理局",
        "泉州市市场监督管理局", "鲤城区市场监督管理局",
    ]  # fmt: skip
    assert rows[0][1:] == [5, 3, 60]
    [event] = Event.objects.filter(verb="review.exported")
    assert (event.scope, event.details) == (world.fujian.path, {"list": "coverage"})


def test_workbooks_without_a_round_are_not_there(world: Province, acting: Acting):
    assert acting(world.statistician).get(reverse("review:coverage-workbook")).status_code == 404
    assert acting(world.statistician).get(reverse("review:nonfiler-workbook")).status_code == 404


def test_cumulative_counts_what_came_before_the_first_day_in_it():
    found = cumulative(Counter({-90: 1, -40: 1, -10: 2, 3: 4}), 10, 2)
    assert (found[-40], found[-11], found[-10], found[2]) == (Decimal(20), Decimal(20), Decimal(40), Decimal(40))
    assert 3 not in found


def test_pace_says_in_words_what_the_curve_shows():
    due_at = dt.datetime(2024, 2, 29, 16, tzinfo=dt.UTC)  # midnight in Fujian: the last day is 29 February
    with override("en"):
        pace = make_pace(Counter({-10: 3}), 4, Counter({-20: 1}), 2, due_at, -7)
    assert pace is not None
    assert pace.chart["x"]["labels"]["0"] == "29 Feb"
    assert (pace.table[-1][0], pace.table[40][0]) == (dt.date(2024, 3, 7), dt.date(2024, 2, 29))
    assert pace.sentence == "7 days before the due day, 75.0% have filed, 25.0 points more than last year (50.0%)."
    assert make_pace(Counter(), 0, None, 0, due_at, 0) is None
