"""Last year's values into empty cells: never over what somebody typed, and marked until it is touched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from institutions.models import Membership
from portal.trail.models import Event
from reports.filings.cellkeys import CellKey
from reports.filings.drafts import Change, save_cells
from reports.filings.lastyear import take_over
from reports.filings.models import Draft, Filing
from tests.factories.filings import a_filing, accepted_filing, fill, fresh, open_round
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.reports.filings.test_views_pages import address

Acting = Callable[[Membership], Client]


@pytest.fixture
def filing(world: Province, last_year: Any) -> Filing:
    """Drafting, with a whole filing accepted last year; JC05 holds one figure of this year."""
    before = accepted_filing(last_year, world.a)
    cells = valid_cells(world.a) | {"JC05": {"W101": "77"}, "JC05-1": {"rows": []}}
    return fill(a_filing(open_round(world), world.a, previous=before), world.filer_a, cells)


@pytest.fixture
def last_year(world: Province) -> Any:
    return open_round(world, period="2022", opens=dt.timedelta(days=-400), due=dt.timedelta(days=1))


@pytest.fixture
def clerk(world: Province, filing: Filing, acting: Acting) -> Client:
    return acting(world.filer_a)


def take(client: Client, filing: Filing, what: str, table: str = "JC05") -> Any:
    return client.post(
        address("last-year-take", filing, table),
        {"what": what, "seen": "1", "at": table},
        headers={"HX-Request": "true"},
    )


def draft(filing: Filing, table: str = "JC05") -> Draft:
    return Draft.objects.get(filing=filing, table=table)


def last_cells(filing: Filing, table: str = "JC05") -> dict[str, str]:
    assert filing.previous is not None
    assert filing.previous.revision is not None
    cells: dict[str, str] = filing.previous.revision.cells[table]
    return cells


def shown(cells: dict[str, str]) -> dict[str, str]:
    """Without the line that this institution is not asked for: W231 is not shown, so it is not filled."""
    return {code: value for code, value in cells.items() if code != "W231"}


def test_one_cell_a_group_and_the_table_are_filled_and_marked_until_touched(
    clerk: Client, filing: Filing, world: Province
):
    last = last_cells(filing)
    assert last["W101"] != "77"
    answer = take(clerk, filing, "cell:W102").json()
    assert (answer["cells"].keys(), answer["carried"]) == ({"W102"}, ["W102"])
    assert draft(filing).cells == {"W101": "77", "W102": last["W102"]}
    definition = filing.round.scheme.definition.table("JC05")
    group = next(at for at, (_title, items) in enumerate(definition.groups()) if any(i.code == "W201" for i in items))
    answer = take(clerk, filing, f"group:{group}").json()
    assert "W201" in answer["cells"]
    assert "W301" not in draft(filing).cells
    answer = take(clerk, filing, "table").json()
    assert "W101" not in answer["cells"]
    assert draft(filing).cells == shown(last) | {"W101": "77"}
    page = clerk.get(address("table-edit", filing, "JC05")).content.decode()
    row = page[page.rindex("<tr", 0, page.index('data-key="W301"')) :]
    row = row[: row.index("</tr>")]
    assert "has-last" in row
    assert 'id="l-W301"' in row
    assert 'aria-describedby="l-W301"' in row
    assert 'id="l-W101"' not in page
    events = Event.objects.filter(verb="filing.filled_from_last_year")
    assert [event.details["cells"] for event in events.order_by("pk")[:1]] == [1]

    same = [Change(CellKey(None, "W301"), last["W301"])]
    save_cells(filing=fresh(filing), table=definition, changes=same, seen=99, by=world.filer_a)
    assert 'id="l-W301"' not in clerk.get(address("table-edit", filing, "JC05")).content.decode()
    assert 'id="l-W302"' in clerk.get(address("table-edit", filing, "JC05")).content.decode()


def test_a_filled_cell_and_one_that_could_not_be_read_are_never_overwritten(
    clerk: Client, filing: Filing, world: Province
):
    table = filing.round.scheme.definition.table("JC05")
    typed = [Change(CellKey(None, "W301"), "九千多"), Change(CellKey(None, "W102"), "5")]
    save_cells(filing=fresh(filing), table=table, changes=typed, seen=99, by=world.filer_a)
    before = draft(filing)
    wanted = {"W101": "1", "W102": "1", "W301": "1"}
    saved = take_over(filing=fresh(filing), table=table, values=wanted, by=world.filer_a)
    after = draft(filing)
    assert saved.values == {}
    assert (after.cells, after.unread, after.version) == (before.cells, before.unread, before.version)
    assert take(clerk, filing, "cell:W101").json()["cells"] == {}
    assert draft(filing).cells["W101"] == "77"


def test_rows_are_taken_only_into_a_table_without_rows(clerk: Client, filing: Filing):
    rows = last_cells(filing, "JC05-1")["rows"]
    assert rows
    page = take(clerk, filing, "table", "JC05-1")
    assert page.status_code == 302
    taken: Any = draft(filing, "JC05-1").cells["rows"]
    assert [{k: v for k, v in row.items() if k != "id"} for row in taken] == [
        {k: v for k, v in dict(row).items() if k != "id"} for row in rows
    ]
    assert take(clerk, filing, "table", "JC05-1").status_code == 422
    assert draft(filing, "JC05-1").cells["rows"] == taken


@pytest.mark.parametrize("what", ["", "cell:W999", "group:99", "group:x", "row:1"])
def test_what_names_nothing_is_refused(clerk: Client, filing: Filing, what: str):
    assert take(clerk, filing, what).status_code == 422
    assert draft(filing).cells == {"W101": "77"}


def test_without_a_script_what_was_typed_is_saved_first(clerk: Client, filing: Filing):
    response = clerk.post(address("last-year-take", filing, "JC05"), {"what": "table", "seen": "1", "W102": "6"})
    assert response.status_code == 302
    assert draft(filing).cells == shown(last_cells(filing)) | {"W101": "77", "W102": "6"}


def untouched_on(client: Client, filing: Filing) -> list[tuple[str, str, str]]:
    """(line, code, value) of the list on the preview; what the pledge says must agree with it."""
    page = client.get(address("filing-preview", filing))
    listed = page.context["untouched"]
    text = page.content.decode()
    assert ('href="#untouched"' in text, 'id="untouched"' in text) == (bool(listed), bool(listed))
    assert not listed or f"仍有 {len(listed)} 个单元格沿用上年数" in text
    return [(one.row, one.code, one.value) for one in listed]


def test_the_preview_lists_what_nobody_touched_since_it_was_taken_over(
    clerk: Client, filing: Filing, world: Province, acting: Acting
):
    signer = acting(world.signer_a)
    assert untouched_on(signer, filing) == []
    for code in ("W103", "W102"):
        take(clerk, filing, f"cell:{code}")
    take(clerk, filing, "table", "JC05-1")
    listed = untouched_on(signer, filing)
    assert listed[:2] == [("", "W102", "700 平方米"), ("", "W103", "500 平方米")]
    rows = last_cells(filing, "JC05-1")["rows"]
    assert len(listed) == 2 + sum(len(dict(row)) - 1 for row in rows)
    assert {row for row, _code, _value in listed[2:]} == {f"第{number}行" for number in range(1, len(rows) + 1)}
    table = filing.round.scheme.definition.table("JC05")
    save_cells(
        filing=fresh(filing), table=table, changes=[Change(CellKey(None, "W102"), "700")], seen=99, by=world.filer_a
    )
    assert ("", "W102", "700 平方米") not in untouched_on(signer, filing)
    row = draft(filing, "JC05-1").cells["rows"][0]["id"]
    clerk.post(address("row-remove", filing, "JC05-1"), {"row": row, "seen": "9", "was": "{}"})
    assert len(untouched_on(signer, filing)) == 1 + sum(len(dict(row)) - 1 for row in rows[1:])
    save_cells(
        filing=fresh(filing), table=table, changes=[Change(CellKey(None, "W103"), "")], seen=99, by=world.filer_a
    )
    assert "W103" not in {code for _row, code, _value in untouched_on(signer, filing)}


def test_lines_of_a_repeating_table_stand_beside_the_same_line_of_last_year(
    clerk: Client, filing: Filing, world: Province, acting: Acting
):
    """Matched by what no two lines may share, here the domain; whatever their order and ids."""
    then = last_cells(filing, "JC05-1")["rows"]
    first, second = dict(then[0]), dict(then[1])
    now = [second | {"id": "x1", "D103": "9600"}, first | {"id": "x2"}, {"id": "x3", "D101": "36"}, {"id": "x4"}]
    Draft.objects.filter(filing=filing, table="JC05-1").update(cells={"rows": now})
    page = clerk.get(address("table-edit", filing, "JC05-1"))
    told = {cell.key: cell.last for row in page.context["grid"].rows for cell in row.cells if cell.line.code == "D103"}
    assert told == {"x1:D103": "2,400", "x2:D103": "4,000", "x3:D103": "", "x4:D103": ""}
    assert page.content.decode().count("上年：2,400") == 1
    preview = acting(world.signer_a).get(address("filing-preview", filing))
    assert ("D103", "第1行", "9,600", "2,400") in [
        (cell.line.code, cell.at_row, cell.text, cell.last) for cell in preview.context["moved"]
    ]
    text = preview.content.decode()
    assert "上年：2,400" in text
    assert "上年：4,000" not in text  # the same as this year
