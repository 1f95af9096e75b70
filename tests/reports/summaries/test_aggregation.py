"""Sums over accepted and submitted revisions, against sums made here from the cells."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from portal.clock import statement_now
from portal.jobs.models import Job
from portal.jobs.progress import Silent
from reports.filings.actions import recall
from reports.filings.actions_review import give_back
from reports.filings.models import Revision
from reports.summaries.actions import NotBuilt, ask_build, blocks_of, compute, store
from reports.summaries.aggregation import Aggregate, aggregate
from reports.summaries.blocks import growth, share
from reports.summaries.models import Build
from reports.summaries.tasks import build_summary
from tests.factories.filings import a_filing, a_remark, accepted_filing, fresh, open_round, returned, submitted_filing
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import an_institution, build_province

pytestmark = pytest.mark.django_db


@pytest.fixture
def province():
    return build_province()


@pytest.fixture
def rounds(province):
    """Last year with A accepted; this year A and D accepted, B in review, C not begun, E returned."""
    last = open_round(province, period="2022")
    accepted_filing(last, province.a)
    this = open_round(province, period="2023", previous=last)
    accepted_filing(this, province.a)
    accepted_filing(this, province.d)
    submitted_filing(this, province.b)
    a_filing(this, province.c)
    returned(submitted_filing(this, province.e))
    return last, this


def summed(round, code, states):
    """The sum of one indicator over the current revisions, cell by cell."""
    total = Decimal(0)
    for filing in round.filings.filter(state__in=states).select_related("revision"):
        for cells in filing.revision.cells.values():
            if cells.get(code):
                total += Decimal(cells[code])
    return total


def test_accepted_sums_equal_the_cells(rounds):
    _last, this = rounds
    found = aggregate(this, basis=Build.Basis.ACCEPTED, cut=statement_now())
    assert (found.due, found.counted) == (5, 2)
    for code in this.scheme.definition.figures:
        assert found.total.total(code) == summed(this, code, ["accepted"]), code
    assert found.total.total("A301") > 0


def test_submitted_counts_what_is_in_review_but_nothing_returned(rounds):
    _last, this = rounds
    found = aggregate(this, basis=Build.Basis.SUBMITTED, cut=statement_now())
    assert found.counted == 3
    assert found.total.total("E201") == summed(this, "E201", ["accepted", "in_review"])


def test_recalled_submission_is_not_counted(province, rounds):
    _last, this = rounds
    filing = fresh(this.filings.get(institution=province.b))
    recall(filing=filing, by=province.filer_b, version=filing.version)
    assert aggregate(this, basis=Build.Basis.SUBMITTED, cut=statement_now()).counted == 2


def test_groups_add_up_to_the_total(rounds):
    _last, this = rounds
    found = aggregate(this, basis=Build.Basis.SUBMITTED, cut=statement_now())
    for dimension in ("prefecture", "unit_type", "holding", "size"):
        groups = found.groups[dimension].values()
        assert sum(group.count for group in groups) == found.counted, dimension
        assert sum(group.total("X001") for group in groups) == found.total.total("X001"), dimension
    assert set(found.groups["bureau"]) == {"350102", "350502"}
    assert found.groups["bureau"]["350102"].count == 2
    assert found.groups["prefecture"]["350100"].total("A301") == found.groups["bureau"]["350102"].total("A301")


def test_domains_equal_the_rows(rounds):
    _last, this = rounds
    found = aggregate(this, basis=Build.Basis.ACCEPTED, cut=statement_now())
    expected: dict[str, Decimal] = {}
    for revision in Revision.objects.filter(filing__round=this, filing__state="accepted"):
        for row in revision.cells["JC05-1"]["rows"]:
            expected[row["D101"]] = expected.get(row["D101"], Decimal(0)) + Decimal(row["D103"])
    assert {code: group.total("D103") for code, group in found.domains.items()} == expected
    assert expected


def test_as_json_and_back_is_the_same(rounds):
    _last, this = rounds
    found = aggregate(this, basis=Build.Basis.ACCEPTED, cut=statement_now())
    again = Aggregate.from_json(found.as_json())
    assert again.as_json() == found.as_json()
    assert again.total.sums == found.total.sums


@pytest.mark.django_db(transaction=True)
def test_a_past_cut_repeats_digit_for_digit():
    """What was accepted after the cut, and what was returned after it, changes nothing."""
    province = build_province()
    this = open_round(province)
    accepted = accepted_filing(this, province.a)
    build = ask_build(round=this, basis="accepted", by=province.statistician)
    store(build, *compute(build))
    accepted_filing(this, province.d)
    give_back(
        filing=accepted, by=province.fujian_reviewer, version=accepted.version,
        revision=accepted.revision.number, note="数据有误，请核对。", remarks=[a_remark()],
    )  # fmt: skip
    repeated = ask_build(round=this, basis="accepted", by=province.statistician, cut=build.data_cut)
    store(repeated, *compute(repeated))
    assert repeated.digest == build.digest
    now = ask_build(round=this, basis="accepted", by=province.statistician)
    store(now, *compute(now))
    assert now.digest != build.digest
    assert now.counted == 1


def test_future_cut_and_other_roles_are_refused(province, rounds):
    _last, this = rounds
    with pytest.raises(NotBuilt):
        ask_build(round=this, basis="accepted", by=province.statistician, cut=statement_now() + dt.timedelta(minutes=1))
    with pytest.raises(NotBuilt):
        ask_build(round=this, basis="accepted", by=province.fujian_reviewer)
    assert Build.objects.count() == 0


def test_growth_and_share_round_half_up_and_know_no_base():
    assert growth(Decimal(150), Decimal(100)) == Decimal("50.0")
    assert growth(Decimal(-50), Decimal(-100)) == Decimal("50.0")
    assert growth(Decimal(1), Decimal(0)) is None
    assert growth(None, Decimal(1)) is None
    assert share(1, 3) == Decimal("33.3")
    assert share(1, 0) is None


def test_number_of_queries_does_not_grow(province, django_assert_num_queries):
    counted = []
    for institutions in ([province.a], [province.b, province.c, province.d, province.e]):
        round = open_round(province, period=str(2023 + len(counted)))
        for institution in institutions:
            accepted_filing(round, institution)
        round.scheme.definition  # noqa: B018 -- compiled before counting
        with django_assert_num_queries(9):
            counted.append(aggregate(round, basis="accepted", cut=statement_now()).counted)
    assert counted == [1, 4]


def test_workbook_holds_typed_figures(province, rounds, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    _last, this = rounds
    build = ask_build(round=this, basis="accepted", by=province.statistician, language="zh-hans")
    result = build_summary(Job.objects.get(pk=build.job_id), Silent())
    build.refresh_from_db()
    book = load_workbook(result.path)
    assert len(book.sheetnames) == 14
    assert result.name.endswith(".xlsx")

    totals = book["主要指标"] if "主要指标" in book.sheetnames else book[book.sheetnames[1]]
    codes = {totals.cell(row=row, column=2).value: row for row in range(5, totals.max_row + 1)}
    row = codes["X001"]
    cell = totals.cell(row=row, column=3)
    assert cell.data_type == "n"
    assert Decimal(str(cell.value)) == sum(
        Decimal(r.derived["X001"]) for r in Revision.objects.filter(filing__round=this, filing__state="accepted")
    )
    assert totals.freeze_panes == "C5"
    assert totals.sheet_properties.pageSetUpPr.fitToPage
    missing = book[book.sheetnames[-1]]
    names = {missing.cell(row=r, column=3).value for r in range(5, missing.max_row + 1)}
    assert names == {"福建丙检测有限公司", "福建戊检测有限公司"}
    cover = book[book.sheetnames[0]]
    words = [str(c.value) for line in cover.iter_rows() for c in line if c.value is not None]
    assert build.digest in words
    assert any("2" in word and "5" in word for word in words)


def test_running_the_job_twice_gives_the_same_figures(province, rounds, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    _last, this = rounds
    build = ask_build(round=this, basis="submitted", by=province.statistician)
    job = Job.objects.get(pk=build.job_id)
    build_summary(job, Silent())
    first = Build.objects.get(pk=build.pk)
    build_summary(job, Silent())
    assert Build.objects.get(pk=build.pk).figures == first.figures


def test_institution_name_like_a_formula_stays_text(province, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    province.c.name = "=HYPERLINK(1)"
    province.c.save()
    this = open_round(province)
    a_filing(this, province.c)
    build = ask_build(round=this, basis="accepted", by=province.statistician)
    result = build_summary(Job.objects.get(pk=build.job_id), Silent())
    sheet = load_workbook(result.path).worksheets[-1]
    assert sheet.cell(row=5, column=3).value == "=HYPERLINK(1)"
    assert sheet.cell(row=5, column=3).data_type == "s"


def test_blocks_name_every_bureau_once(province, rounds):
    _last, this = rounds
    build = ask_build(round=this, basis="accepted", by=province.statistician)
    store(build, *compute(build))
    bureaus = next(block for block in blocks_of(build) if block.code == "bureaus")
    codes = [line.code for line in bureaus.lines]
    assert codes == ["", "350100", "350102", "350103", "350128P", "350500", "350502"]
    assert all(len(line.figures) == len(bureaus.columns) for line in bureaus.lines)
    assert valid_cells(province.a)


def test_what_the_province_reviews_itself_is_a_line_so_that_the_parts_add_up(province):
    own = an_institution(province.fujian, "省属检测院")
    this = open_round(province, period="2023")
    for institution in (province.a, own):
        accepted_filing(this, institution)
    build = ask_build(round=this, basis="accepted", by=province.statistician)
    store(build, *compute(build))
    bureaus = next(block for block in blocks_of(build) if block.code == "bureaus")
    parts = [line for line in bureaus.lines[1:] if line.level == 0]
    assert parts[-1].label == "福建省市场监督管理局（本级初审）"
    for place, whole in enumerate(bureaus.lines[0].figures[:-1]):
        assert sum(line.figures[place] or 0 for line in parts) == whole


def test_what_a_prefecture_with_counties_reviews_itself_has_its_line(province):
    this = open_round(province)
    accepted_filing(this, province.a)
    accepted_filing(this, province.c, reviewing_bureau=province.fuzhou, scope=province.fuzhou.path)
    build = ask_build(round=this, basis="accepted", by=province.statistician)
    store(build, *compute(build))
    lines = next(block for block in blocks_of(build) if block.code == "bureaus").lines
    fuzhou = [line for line in lines if line.code == "350100"]
    parts = [line for line in lines if line.code in ("350102", "350103")] + fuzhou[1:]
    assert [line.level for line in fuzhou] == [0, 1]
    for place in (0, 2, 3):  # institutions, persons, revenue
        assert fuzhou[0].figures[place] == sum(part.figures[place] for part in parts)
