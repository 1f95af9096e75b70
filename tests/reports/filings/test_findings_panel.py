"""The findings beside a table: grouped by what to do, with values, likely slips to confirm, and the fewest cells to change."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from institutions.models import Membership
from reports.filings.examination import examine
from reports.filings.findings import Item, make_panel
from reports.filings.models import Draft, Filing
from reports.schemes.content import bundled
from reports.schemes.helptexts import rule_card
from tests.factories.filings import fill, fresh
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.reports.filings.test_views_pages import address

Acting = Callable[[Membership], Client]


@pytest.fixture
def clerk(world: Province, acting: Acting) -> Client:
    return acting(world.filer_a)


def filled(world: Province, filing: Filing, **tables: dict[str, Any]) -> Filing:
    cells = valid_cells(world.a)
    for table, change in tables.items():
        cells[table] |= change
    return fill(filing, world.filer_a, cells)


def item(filing: Filing, code: str, at: str = "") -> Item:
    panel = make_panel(examine(fresh(filing)), at)
    return next(one for one in (*panel.hard, *panel.verify) if one.code == code)


def test_a_sum_shows_its_cells_both_sides_and_the_difference(world: Province, filing: Filing):
    filled(world, filing, JC02={"E119": "21000"})
    found = item(filing, "K041", "JC02")
    assert [(one.jump.words, one.value) for one in found.told] == [
        ("E119", "21,000 千元"),
        ("E129", "4,000 千元"),
        ("E131", "8,000 千元"),
    ]
    assert found.sides == ("21,000", "12,000", "9,000")


def test_a_long_sum_counts_the_cells_it_does_not_list(world: Province, filing: Filing):
    filled(world, filing, JC02={"E231": "1700", "E234": "1710", "E236": "1470"})
    found = item(filing, "K046")
    assert (len(found.told), found.more) == (6, 8)


def test_a_likely_slip_is_shown_from_to_and_done_only_when_confirmed(world: Province, filing: Filing, clerk: Client):
    filled(world, filing, JC02={"E131": "8000000"})
    page = clerk.get(address("table-edit", filing, "JC02"))
    html = page.content.decode()
    assert "E131单位填错（元、千元、万元）？" in html
    assert "<del>8,000,000</del> → <ins>8,000</ins>" in html
    assert Draft.objects.get(filing=filing, table="JC02").cells["E131"] == "8000000"
    (offer,) = item(filing, "K041").offers
    clerk.post(offer.url, {**dict(offer.cells), "seen": str(offer.seen), "at": "JC02"})
    assert Draft.objects.get(filing=filing, table="JC02").cells["E131"] == "8000"
    assert examine(fresh(filing)).wrong == []


def test_a_shifted_column_is_mended_cell_by_cell_at_once(world: Province, filing: Filing, clerk: Client):
    cells = valid_cells(world.a)
    cells["JC01"] |= {"A312": "1", "A313": "4", "A314": "12", "A315": "6", "A321": "2"}
    del cells["JC01"]["A311"]
    fill(filing, world.filer_a, cells)
    offer = item(filing, "K011").offers[0]
    assert [(one.code, one.before, one.after) for one in offer.shifts] == [
        ("A311", "空", "1"), ("A312", "1", "4"), ("A313", "4", "12"), ("A314", "12", "6"), ("A315", "6", "2"),
        ("A321", "2", "空"),
    ]  # fmt: skip
    clerk.post(offer.url, {**dict(offer.cells), "seen": str(offer.seen)})
    after = Draft.objects.get(filing=filing, table="JC01").cells
    assert [after.get(code) for code in ("A311", "A312", "A313", "A314", "A315", "A321")] == [
        "1", "4", "12", "6", "2", None,
    ]  # fmt: skip


def test_a_decimal_is_offered_in_its_stored_form(world: Province, filing: Filing):
    filled(world, filing, JC05={"W411": "6.00"})
    (offer,) = item(filing, "K077").offers
    assert offer.cells == (("W411", "60.00"),)


def test_a_line_of_a_table_is_offered_by_its_number(world: Province, filing: Filing, clerk: Client):
    cells = valid_cells(world.a)
    cells["JC05-1"]["rows"][1]["D104"] = "30000"
    fill(filing, world.filer_a, cells)
    (offer,) = item(filing, "K092").offers
    assert (offer.cells, offer.shifts[0].code) == ((("r2:D104", "3000"),), "D104·2")
    clerk.post(offer.url, {**dict(offer.cells), "seen": str(offer.seen)})
    assert examine(fresh(filing)).wrong == []


def test_the_fewest_cells_are_named(world: Province, filing: Filing, clerk: Client):
    filled(world, filing, JC01={"A315": "3"})
    found = item(filing, "K011", "JC01")
    assert found.balance is not None
    assert (found.balance.title, found.balance.together) == ("改动以下任一格，即可全部平衡：", 1)
    assert [(one.jump.words, one.value, one.after) for one in found.proposed] == [
        ("A311", "1", "0"), ("A312", "4", "3"), ("A313", "12", "11"), ("A314", "6", "5"), ("A315", "3", "2"),
    ]  # fmt: skip
    assert "改动以下任一格，即可全部平衡：" in clerk.get(address("table-edit", filing, "JC01")).content.decode()


def test_one_cell_that_mends_four_sums_is_named_by_each(world: Province, filing: Filing):
    filled(world, filing, JC01={"A301": "30"})
    for code in ("K011", "K012", "K013", "K014"):
        assert [(one.jump.words, one.after) for one in item(filing, code).proposed] == [("A301", "25")]


def test_a_blank_part_comes_first(world: Province, filing: Filing):
    cells = valid_cells(world.a)
    del cells["JC01"]["A314"]
    fill(filing, world.filer_a, cells)
    assert item(filing, "K011").proposed[0].jump.words == "A314"


def test_where_no_few_cells_would_do_the_finding_says_so(world: Province, filing: Filing, clerk: Client):
    """Four sums with the same total, each off by another number: no three cells mend them."""
    filled(world, filing, JC01={"A315": "3", "A325": "8", "A333": "6", "A343": "8"})
    found = item(filing, "K011", "JC01")
    assert found.balance is not None
    assert (found.balance.cells, found.proposed) == ((), [])
    assert found.balance.title == "要改动的单元格多于3个才能全部平衡，请通读整张表。"
    assert found.balance.title in clerk.get(address("table-edit", filing, "JC01")).content.decode()


def test_an_equation_to_be_explained_tells_its_cells_as_the_other_possibility(world: Province, filing: Filing):
    cells = valid_cells(world.a)["JC02"]
    filled(world, filing, JC02={"E211": str(int(cells["E211"]) + 100)})
    found = item(filing, "K046", "JC02")
    assert found.mark == "verify"
    assert found.balance is not None
    assert found.balance.title == "如果数据有误，可能是以下某一格填错："
    assert ("E201", "8,100") in [(one.jump.words, one.after) for one in found.proposed]  # exact, though 5 are allowed


def test_findings_are_grouped_by_what_to_do(world: Province, filing: Filing, clerk: Client):
    """K103 only tells: revenue is above scale."""
    filled(world, filing, JC01={"A315": "3", "A305": "40"}, JC02={"E201": "18000"})
    html = clerk.get(address("finding-list", filing)).content.decode()
    heads = re.findall(r'<li class="grp"><h3>(.*?)</h3>', html)
    assert heads == ["必须改正", "须作说明", "仅供了解"]


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_rule_card_says_the_same_everywhere(world: Province, filing: Filing, clerk: Client, lang: str):
    """On the finding, on its own page and in the list of checks."""
    filled(world, filing, JC01={"A315": "3"})
    with override(lang):
        card = rule_card(bundled().check_by_key["K011"])
    clerk.cookies["django_language"] = lang
    scheme = filing.round.scheme
    own = reverse("schemes:check-detail", args=["K011"])
    pages = [address("table-edit", filing, "JC01"), own, reverse("schemes:check-help")]
    for page in pages:
        html = clerk.get(page).content.decode()
        assert card.words in html
        assert card.example in html
        assert card.source in html
    assert f'href="{own}?scheme={scheme.code}-{scheme.version}"' in clerk.get(pages[0]).content.decode()


@pytest.mark.parametrize("wrong", [1, 5])
def test_findings_cost_no_queries_of_their_own(world: Province, filing: Filing, wrong: int, django_assert_num_queries):
    broken = dict(list({"A315": "3", "A325": "7", "A333": "4", "A343": "5", "A335": "99"}.items())[:wrong])
    filled(world, filing, JC01=broken)
    examination = examine(fresh(filing))
    with django_assert_num_queries(3):  # what the checks know from outside, and the explanations
        panel = make_panel(examination, "JC01")
    assert len(panel.hard) == wrong
