"""Last year's values under this year's codes, wherever last year stands beside this year."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.clock import statement_now
from reports.filings.examination import examine
from reports.filings.grid import make_grid
from reports.filings.models import Revision
from reports.filings.prefill import prefilled
from reports.filings.series import last_year
from reports.schemes.building import Builder
from reports.schemes.checking import Env
from reports.schemes.language import compile_expression
from reports.summaries.actions import ask_build, blocks_of, compute, store
from reports.summaries.models import Build
from review.reading.lines import make_sheet
from tests.factories.filings import a_filing, a_scheme, accepted_filing, fresh, open_round, submitted_filing
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import build_province
from tests.factories.schemes import next_scheme

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return build_province()


@pytest.fixture
def years(world):
    """2023 with jc2023, where A reported 3,000 electronic reports as W312; 2024 with jc2024, where they are W316."""
    last = open_round(world, period="2023")
    return last, open_round(world, period="2024", previous=last, scheme=next_scheme(publish=True))


def _cells(institution):
    cells = valid_cells(institution)
    cells["JC05"]["W316"] = "3600"
    del cells["JC05"]["W312"]
    cells["JC05"].pop("W602", None)
    return cells


def test_beside_this_years_cell_stands_last_years_value_of_the_old_code(world, years) -> None:
    last, this = years
    before = accepted_filing(last, world.a)
    examination = examine(fresh(a_filing(this, world.a, previous=before)))
    assert examination.last_tables["JC05"]["W316"] == "3000"
    assert "W312" not in examination.last_tables["JC05"]
    grid = make_grid(examination, examination.definition.table("JC05"), {}, editable=True)
    cell = next(cell for cell in grid.cells if cell.line.code == "W316")
    assert cell.last == "3,000"


def test_prev_and_checks_read_the_renamed_value(world, years) -> None:
    last, this = years
    filing = a_filing(this, world.a, previous=accepted_filing(last, world.a))
    env: Env = examine(fresh(filing)).env
    assert env.previous is not None
    assert env.previous.single["W316"] == Decimal(3000)
    assert compile_expression("prev(W316)", _symbols(this)).run(env, None) == Decimal(3000)


def _symbols(round):
    builder = Builder(round.scheme.content)
    builder.build()
    return builder.symbols


def test_what_is_prefilled_follows_the_mapping_and_leaves_out_what_is_gone(world, years) -> None:
    last, this = years
    filing = fresh(a_filing(this, world.a, previous=accepted_filing(last, world.a)))
    assert prefilled(filing, "JC01")["A107"] == last.filings.get().revision.cells["JC01"]["A107"]


def test_the_reviewer_reads_both_years_in_one_line(world, years) -> None:
    last, this = years
    before = accepted_filing(last, world.a)
    filing = fresh(submitted_filing(this, world.a, previous=before, cells=_cells(world.a)))
    sheet = make_sheet(filing, filing.revision, None, None, [], [])
    line = sheet.find("JC05::W316")
    assert (line.this, line.last) == ("3,600", "3,000")


def test_the_summary_compares_the_renamed_indicator_with_itself(world, years, no_worker) -> None:
    last, this = years
    before = accepted_filing(last, world.a)
    accepted_filing(this, world.a, previous=before, cells=_cells(world.a))
    build = ask_build(round=this, basis=Build.Basis.ACCEPTED, by=world.statistician, cut=statement_now())
    store(build, *compute(build))
    assert build.figures["before"]["groups"]["total"][""]["sums"]["W312"] == "3000"
    block = next(one for one in blocks_of(build) if one.code == "all")
    line = next(line for line in block.lines if line.code == "W316")
    assert line.figures == (Decimal(3600), Decimal(3000), Decimal("20.0"))


def test_nothing_of_the_earlier_revision_is_changed(world, years) -> None:
    last, this = years
    before = accepted_filing(last, world.a)
    filing = fresh(a_filing(this, world.a, previous=before))
    moved = last_year(filing)
    assert moved is not filing.last_accepted
    assert filing.last_accepted.cells["JC05"]["W312"] == "3000"
    assert Revision.objects.get(pk=moved.pk).cells["JC05"]["W312"] == "3000"


def test_without_renamed_indicators_it_is_the_revision_itself(world) -> None:
    last = open_round(world, period="2022")
    this = open_round(world, period="2023", previous=last, scheme=a_scheme())
    filing = fresh(a_filing(this, world.a, previous=accepted_filing(last, world.a)))
    assert last_year(filing) is filing.last_accepted
