"""Last year's figures are kept in memory; whether they count is asked each time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from institutions.models import Membership
from reports.filings import remembered
from reports.filings.actions_review import give_back
from reports.filings.models import Revision, State
from tests.factories.filings import a_filing, a_remark, accepted_filing, fresh, open_round
from tests.factories.institutions import Province
from tests.reports.filings.test_views_pages import address

Acting = Callable[[Membership], Client]


def test_a_second_look_reads_last_year_from_memory_and_a_reopened_one_counts_no_more(world: Province, acting: Acting):
    before = open_round(world, period="2022")
    last = accepted_filing(before, world.a)
    assert last.revision is not None
    filing = a_filing(open_round(world, period="2023", previous=before), world.a, previous=last)
    clerk, page = acting(world.filer_a), address("table-edit", filing, "JC05")

    def shown() -> list[str]:
        grid = clerk.get(page).context["grid"]
        return [cell.last for cell in grid.cells if cell.line.code == "W301"]

    figure = f"{int(last.revision.cells['JC05']['W301']):,}"
    assert shown() == [figure]
    hits = remembered.revision.cache_info().hits
    assert shown() == [figure]
    assert remembered.revision.cache_info().hits == hits + 1
    give_back(
        filing=fresh(last), by=world.fujian_reviewer, version=last.version, revision=last.revision.number,
        note="请核对后重报。", remarks=[a_remark()],
    )  # fmt: skip
    assert fresh(last).state == State.RETURNED
    assert shown() == [""]


def test_a_revision_is_remembered_under_its_digest(world: Province):
    revision = accepted_filing(open_round(world), world.a).revision
    assert revision is not None
    assert remembered.revision(revision.pk, revision.digest).cells == revision.cells
    with pytest.raises(Revision.DoesNotExist):
        remembered.revision(revision.pk, "0" * 64)
