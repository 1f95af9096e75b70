"""The forms of two years are open at once: which is which stands in address and heading, and nothing crosses over."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from institutions.models import Membership
from reports.filings.models import Draft, Filing
from tests.factories.filings import a_filing, open_round
from tests.factories.institutions import Province
from tests.reports.filings.spreadsheet.books import download, send
from tests.reports.filings.test_views_pages import address

Acting = Callable[[Membership], Client]


def test_t11_two_years_open_at_once_are_not_mixed_up(world: Province, filing: Filing, acting: Acting):
    """T11."""
    later = a_filing(open_round(world, period="2024"), world.a)
    clerk = acting(world.filer_a)
    for one, year, other in ((filing, "2023", "2024"), (later, "2024", "2023")):
        page = clerk.get(address("table-edit", one, "JC05")).content.decode()
        assert f"{year}年度统计调查" in page
        assert f"<p>{year}年</p>" in page
        assert f"{other}年度统计调查" not in page
    data = {"seen": "0", "at": "JC05", "W312": "24"}
    saved = clerk.post(address("cell-save", later, "JC05"), data, headers={"HX-Request": "true"})
    assert saved.status_code == 200
    assert Draft.objects.get(table="JC05").filing == later
    answer = send(clerk, filing, download(clerk, later))
    assert answer.status_code == 422
    assert "2024年度统计调查" in answer.content.decode()
    assert not Draft.objects.filter(filing=filing).exists()
