"""History under two versions of the scheme: each revision as it was, and differences across a renamed indicator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from institutions.models import Membership
from reports.filings.models import Filing, Revision
from reports.rounds.models import Round
from tests.factories.filings import a_scheme, accepted_filing, open_round, submitted_filing
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.factories.schemes import next_scheme
from tests.reports.filings.test_views_pages import address

Acting = Callable[[Membership], Client]


def next_cells(world: Province) -> dict[str, dict[str, Any]]:
    """Valid under jc2024: W312 is called W316 there, W602 is gone, W603 is new."""
    cells = valid_cells(world.a)
    work = cells["JC05"]
    work["W316"] = work.pop("W312")
    work["W603"] = work.pop("W602")
    return cells


def codes_of(page: Any) -> set[str]:
    return {cell.line.code for grid in page.context["grids"] for cell in grid.cells}


@pytest.fixture
def moved(world: Province, round: Round) -> Filing:
    """Submitted under jc2023; then the round got jc2024 and a second revision came, with one report more."""
    filing = submitted_filing(round, world.a)
    first = filing.revision
    assert first is not None
    newer = next_scheme(publish=True)
    cells = next_cells(world)
    cells["JC05"]["W316"] = "3001"
    Revision.objects.create(
        filing=filing, number=2, scheme=newer, cells=cells, derived=first.derived, digest="0" * 64,
        filer=first.filer, signer=first.signer, pledge=first.pledge,
    )  # fmt: skip
    Round.objects.filter(pk=round.pk).update(scheme=newer)
    return filing


def test_each_year_is_shown_under_its_own_scheme(world: Province, acting: Acting):
    last = open_round(world, period="2023", scheme=a_scheme())
    this = open_round(world, period="2024", previous=last, scheme=next_scheme(publish=True))
    before = accepted_filing(last, world.a)
    now = submitted_filing(this, world.a, cells=next_cells(world), previous=before)
    client = acting(world.filer_a)
    then, today = (client.get(address("revision-detail", one, 1)) for one in (before, now))
    assert {"W312", "W602"} <= codes_of(then)
    assert not {"W316", "W603"} & codes_of(then)
    assert {"W316", "W603"} <= codes_of(today)
    assert not {"W312", "W602"} & codes_of(today)
    for page, scheme in ((then, last.scheme), (today, this.scheme)):
        assert page.context["scheme"] == scheme
        assert f"?scheme={scheme.code}-{scheme.version}" in page.content.decode()


def test_a_revision_keeps_its_scheme_when_the_round_gets_another(world: Province, moved: Filing, acting: Acting):
    client = acting(world.filer_a)
    first, second = (client.get(address("revision-detail", moved, number)) for number in (1, 2))
    assert "W312" in codes_of(first)
    assert "W316" in codes_of(second)
    assert [page.context["scheme"].code for page in (first, second)] == ["jc2023", "jc2024"]


def test_a_renamed_indicator_is_no_difference_its_figure_is(world: Province, moved: Filing, acting: Acting):
    """W602 went and W603 came: those are cells that differ."""
    page = acting(world.filer_a).get(address("revision-list", moved))
    told = {one.code: (one.before, one.after) for one in page.context["changes"]}
    assert told["W316"] == ("3,000", "3,001")
    assert "W312" not in told
    assert set(told) <= {"W316", "W603"}


def test_computed_values_are_those_of_that_time(world: Province, round: Round, acting: Acting):
    """What the register or last year say today changes nothing of what was sent."""
    filing = submitted_filing(round, world.a)
    page = acting(world.filer_a).get(address("revision-detail", filing, 1))
    size = next(cell for grid in page.context["grids"] for cell in grid.cells if cell.line.code == "A218")
    assert size.stored == filing.revisions.get().derived["A218"]


@pytest.mark.parametrize("count", [1, 5])
def test_history_costs_the_same_with_one_and_with_five(
    world: Province, round: Round, acting: Acting, count: int, django_assert_num_queries
):
    filing = submitted_filing(round, world.a)
    first = filing.revision
    assert first is not None
    for number in range(2, count + 1):
        Revision.objects.create(
            filing=filing, number=number, scheme_id=first.scheme_id, cells=first.cells, derived=first.derived,
            digest="0" * 64, filer=first.filer, signer=first.signer, pledge=first.pledge,
        )  # fmt: skip
    client = acting(world.filer_a)
    client.get(address("revision-list", filing))
    with django_assert_num_queries(8):
        page = client.get(address("revision-list", filing))
    assert len(page.context["revisions"]) == count
