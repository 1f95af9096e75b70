"""Corrections that a finding offers: nothing changes until the form of the offer is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from institutions.models import Membership
from reports.filings.models import Filing
from tests.factories.filings import a_filing, accepted_filing, fill, open_round
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.reports.filings.test_views_pages import address
from tests.reports.filings.test_views_saving import save, stored

Acting = Callable[[Membership], Client]


@pytest.fixture
def clerk(world: Province, acting: Acting) -> Client:
    return acting(world.filer_a)


def test_a_slip_of_unit_is_offered_with_the_smaller_reading(world: Province, filing: Filing, acting: Acting):
    """N17: nothing is changed until the form of the offer is sent."""
    before = open_round(world, period="2022")
    filing = a_filing(
        open_round(world, period="2024", previous=before), world.a, previous=accepted_filing(before, world.a)
    )
    cells = valid_cells(world.a)
    cells["JC05"]["W211"] = "4100000"
    fill(filing, world.filer_a, cells)
    client = acting(world.filer_a)
    panel = client.get(address("table-edit", filing, "JC05")).context["panel"]
    offers = [offer for item in (*panel.hard, *panel.verify) for offer in item.offers]
    assert [(offer.cells, offer.shown) for offer in offers] == [((("W211", "4100"),), "4,100 千元")]
    assert stored(filing, "JC05")["W211"] == "4100000"
    save(client, filing, "JC05", offers[0].seen, **dict(offers[0].cells))
    assert stored(filing, "JC05")["W211"] == "4100"


def test_clearing_a_table_that_does_not_apply_is_one_offer(world: Province, clerk: Client, filing: Filing):
    fill(filing, world.filer_a)
    save(clerk, filing, "JC01", 1, A201="51")
    panel = clerk.get(address("table-edit", filing, "JC01")).context["panel"]
    offers = [offer for item in panel.hard if item.code == "K040" for offer in item.offers]
    assert [len(offer.cells) for offer in offers] == [len(valid_cells(world.a)["JC02"])]
    save(clerk, filing, "JC02", offers[0].seen, **dict(offers[0].cells))
    assert stored(filing, "JC02") == {}
