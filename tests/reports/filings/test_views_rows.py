"""Rows of a repeating table: added, moved and removed, with what was typed saved first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from institutions.models import Membership
from portal.trail.models import Event
from reports.filings.models import Draft, Filing
from tests.factories.institutions import Province
from tests.reports.filings.test_views_pages import address
from tests.reports.filings.test_views_saving import first_row, save, stored

Acting = Callable[[Membership], Client]


@pytest.fixture
def clerk(world: Province, filing: Filing, acting: Acting) -> Client:
    return acting(world.filer_a)


def test_rows_are_added_moved_and_removed_and_what_was_typed_is_saved(clerk: Client, filing: Filing):
    clerk.post(address("row-add", filing, "JC05-1"), {"seen": "0"})
    clerk.post(address("row-add", filing, "JC05-1"), {"seen": "1"})
    first, last = (row["id"] for row in stored(filing, "JC05-1")["rows"])
    response = clerk.post(
        address("row-move", filing, "JC05-1"), {"seen": "2", "row": f"{last} up", f"{first}:D104": "5,000"}
    )
    assert response.headers["Location"].endswith(f"#row-{last}")
    assert stored(filing, "JC05-1")["rows"] == [{"id": last}, {"id": first, "D104": "5000"}]
    clerk.post(address("row-remove", filing, "JC05-1"), {"seen": "4", "row": first})
    assert stored(filing, "JC05-1")["rows"] == [{"id": last}]
    removed = Event.objects.get(verb="filing.row_removed")
    assert removed.details == {"table": "JC05-1", "row": first, "cells": 1}  # the audit administrator reads no answers


@pytest.mark.parametrize("was", ["[" * 100_000, '{"a":' * 50_000, "9" * 5000, "null", "[]"])
def test_what_the_page_showed_may_be_anything(clerk: Client, filing: Filing, was: str):
    told = save(clerk, filing, "JC01", A301="25", was=was)
    assert list(told["cells"]) == ["A301"]


def test_a_row_is_removed_once(clerk: Client, filing: Filing):
    row = first_row(clerk, filing, "JC01-2")
    assert clerk.post(address("row-remove", filing, "JC01-2"), {"row": row}).status_code == 302
    assert clerk.post(address("row-remove", filing, "JC01-2"), {"row": row}).status_code == 409
    assert len(stored(filing, "JC01-2")["rows"]) == 1


def test_single_line_tables_have_no_rows(clerk: Client, filing: Filing):
    assert clerk.post(address("row-add", filing, "JC05"), {}).status_code == 422
    assert not Draft.objects.filter(filing=filing).exists()
