"""Saving cells: what is read, what is refused and kept, two clerks at once, rows, with and without a script."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from institutions.models import Membership
from institutions.roles import Role
from reports.filings.models import Draft, Filing
from tests.factories.filings import submitted_filing
from tests.factories.institutions import Province, a_membership, a_user
from tests.reports.filings.test_views_pages import address

Acting = Callable[[Membership], Client]


def save(client: Client, filing: Filing, table: str, seen: int = 0, **cells: str) -> dict[str, Any]:
    """As the script does; the answer."""
    response = client.post(
        address("cell-save", filing, table), {"seen": str(seen), "at": table, **cells}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def stored(filing: Filing, table: str) -> dict[str, Any]:
    return Draft.objects.get(filing=filing, table=table).cells


def first_row(client: Client, filing: Filing, table: str) -> str:
    return str(client.get(address("table-edit", filing, table)).context["grid"].rows[0].id)


@pytest.fixture
def clerk(world: Province, filing: Filing, acting: Acting) -> Client:
    return acting(world.filer_a)


@pytest.fixture
def second(world: Province, acting: Acting) -> Client:
    """Another clerk of the same institution."""
    return acting(a_membership(Role.FILER, world.a, a_user("second", name="陈丽")))


def test_a_sum_with_its_unit_is_refused_with_an_offer(clerk: Client, filing: Filing):
    """N16: 千元 are asked for, so 12万元 may mean 120."""
    answer = save(clerk, filing, "JC05", W211="12万元")
    assert answer["refused"]["W211"]["offer"] == "120"
    page = clerk.get(address("table-edit", filing, "JC05")).content.decode()
    assert 'data-take="120"' in page


def test_a_broken_text_is_kept_and_blocks_submission(clerk: Client, filing: Filing):
    """S6, S7: the database cannot hold NUL; what was typed stays with � in its place until it is typed again."""
    save(clerk, filing, "JC01", A107="林建国")
    answer = save(clerk, filing, "JC01", 1, A107="林\x00建")
    assert answer["refused"]["A107"]["reason"]
    assert Draft.objects.get(filing=filing, table="JC01").unread == {"A107": "林�建"}
    panel = clerk.get(address("finding-list", filing)).context["panel"]
    assert [item.key for item in panel.hard if item.code == "BAD"] == ["BAD:A107"]


def test_first_save_begins_the_filing_and_keeps_the_prefilled_cells(world: Province, clerk: Client, filing: Filing):
    save(clerk, filing, "JC01", A301="42")
    filing.refresh_from_db()
    assert filing.state == "drafting"
    assert stored(filing, "JC01")["A101"] == world.a.uscc
    assert stored(filing, "JC01")["A301"] == "42"


def test_the_answer_tells_echo_change_marks_progress_and_panel(clerk: Client, filing: Filing):
    answer = save(clerk, filing, "JC05", W201="612", W202="438", W203="164", W211="68450")
    assert answer["cells"]["W211"]["echo"] == "6,845.0万元"
    assert answer["marks"]["W201"] == "hard"
    assert answer["marks"]["W302"] == "blank"
    assert answer["version"] == 1
    filing.refresh_from_db()
    assert (answer["filled"], answer["required"]) == (filing.filled, filing.required)
    assert 'id="findings"' in answer["findings"]
    assert 'id="rail"' in answer["rail"]
    assert "K070" in answer["findings"]


def test_counts_for_lists_follow_each_save(clerk: Client, filing: Filing):
    save(clerk, filing, "JC05", W201="612", W202="438", W203="164")
    filing.refresh_from_db()
    first = (filing.filled, filing.hard_count)
    assert first[1] > 0
    save(clerk, filing, "JC05", W203="174")
    filing.refresh_from_db()
    assert (filing.filled, filing.hard_count) == (first[0], first[1] - 1)


def test_lines_appear_and_disappear_with_the_answers(clerk: Client, filing: Filing):
    assert "A106" in save(clerk, filing, "JC01", A105="1")["hidden"]
    answer = save(clerk, filing, "JC01", A105="2")
    assert "A106" not in answer["hidden"]
    assert "A106" in answer["shown_required"]


def test_computed_values_come_back_and_are_never_taken(clerk: Client, filing: Filing):
    answer = save(clerk, filing, "JC01", A301="42", A218="L")
    assert answer["computed"]["A218"]
    assert "A218" not in stored(filing, "JC01")


def test_unknown_names_are_left_alone(clerk: Client, filing: Filing):
    """15.3.3: nothing but cells of the table is taken."""
    save(clerk, filing, "JC05", W101="1200", state="accepted", institution_id="1", A301="9", **{"r1:W101": "7"})
    assert stored(filing, "JC05") == {"W101": "1200"}
    filing.refresh_from_db()
    assert filing.state == "drafting"


def test_a_cell_changed_by_somebody_else_is_a_conflict_and_stays(clerk: Client, second: Client, filing: Filing):
    first = save(clerk, filing, "JC05", W101="1000", W102="500")
    save(second, filing, "JC05", first["version"], W101="1111")
    answer = save(clerk, filing, "JC05", first["version"], W101="2222", W103="77")
    assert answer["conflicts"] == [
        {"key": "W101", "text": "1,111", "theirs": "1,111", "mine": "2222", "by": "陈丽", "row_gone": False}
    ]
    assert stored(filing, "JC05") == {"W101": "1111", "W102": "500", "W103": "77"}


def test_keeping_mine_saves_again_with_the_new_version(clerk: Client, second: Client, filing: Filing):
    first = save(clerk, filing, "JC05", W101="1000")
    save(second, filing, "JC05", first["version"], W101="1111")
    answer = save(clerk, filing, "JC05", first["version"], W101="2222")
    again = save(clerk, filing, "JC05", answer["version"], W101="2222")
    assert again["conflicts"] == []
    assert stored(filing, "JC05")["W101"] == "2222"


def test_a_row_removed_by_somebody_else_is_told(clerk: Client, second: Client, filing: Filing):
    row = first_row(clerk, filing, "JC01-2")
    second.post(address("row-remove", filing, "JC01-2"), {"row": row})
    answer = save(clerk, filing, "JC01-2", 0, **{f"{row}:C102": "新场所"})
    assert answer["conflicts"][0]["row_gone"] is True
    assert [one["id"] for one in stored(filing, "JC01-2")["rows"]] != []


# -- without a script -------------------------------------------------------------------------------


def whole(client: Client, filing: Filing, table: str, **changed: Any) -> HttpResponse:
    """Post the form as a browser without a script: every field as the page shows it, some changed."""
    page = client.get(address("table-edit", filing, table))
    grid = page.context["grid"]
    fields: dict[str, Any] = dict(grid.was.items())
    fields |= {"seen": str(grid.version), "was": json.dumps(grid.was)} | changed
    return client.post(address("table-edit", filing, table), fields)


def test_the_form_saves_what_changed_and_goes_on(clerk: Client, filing: Filing):
    response = whole(clerk, filing, "JC05", W101="1,200", next=address("table-edit", filing, "JC05-1"))
    assert response.status_code == 302
    assert response.headers["Location"] == address("table-edit", filing, "JC05-1")
    assert stored(filing, "JC05") == {"W101": "1200"}
    assert Draft.objects.get(filing=filing, table="JC05").touched.keys() == {"W101"}


def test_the_form_goes_on_within_the_site_only(clerk: Client, filing: Filing):
    response = whole(clerk, filing, "JC05", W101="1", next="//evil.cn/")
    assert response.headers["Location"] == address("table-edit", filing, "JC05")


def test_the_form_comes_back_with_everything_typed_and_the_reasons(clerk: Client, filing: Filing):
    response = whole(clerk, filing, "JC05", W101="1200", W201="12,34", W301="一百")
    page = response.content.decode()
    assert response.status_code == 422
    assert stored(filing, "JC05") == {"W101": "1200"}
    for text in ('value="1,200"', 'value="12,34"', 'value="一百"'):
        assert text in page
    assert page.count("data-wrong") == 2
    assert Draft.objects.get(filing=filing, table="JC05").unread == {"W201": "12,34", "W301": "一百"}


def test_what_could_not_be_read_blocks_submission_until_mended(clerk: Client, filing: Filing):
    whole(clerk, filing, "JC05", W201="12,34")
    page = clerk.get(address("finding-list", filing))
    assert [item.code for item in page.context["panel"].hard if item.code == "BAD"] == ["BAD"]
    whole(clerk, filing, "JC05", W201="1234")
    assert Draft.objects.get(filing=filing, table="JC05").unread == {}
    assert stored(filing, "JC05") == {"W201": "1234"}


def test_the_form_shows_a_conflict_and_lets_choose(clerk: Client, second: Client, filing: Filing):
    page = clerk.get(address("table-edit", filing, "JC05"))
    old = {"seen": str(page.context["grid"].version), "was": json.dumps(page.context["grid"].was)}
    save(second, filing, "JC05", W101="1111")
    response = clerk.post(address("table-edit", filing, "JC05"), {**old, "W101": "2222", "W103": "5"})
    shown = response.content.decode()
    assert response.status_code == 422
    assert "陈丽" in shown
    assert 'value="2222"' in shown
    assert 'name="theirs" value="W101"' in shown
    assert stored(filing, "JC05") == {"W101": "1111", "W103": "5"}
    grid = response.context["grid"]
    again = {"seen": str(grid.version), "was": json.dumps(grid.was), "W101": "2222"}
    clerk.post(address("table-edit", filing, "JC05"), again | {"theirs": "W101"})
    assert stored(filing, "JC05")["W101"] == "1111"
    clerk.post(address("table-edit", filing, "JC05"), again)
    assert stored(filing, "JC05")["W101"] == "2222"


def test_tick_boxes_can_be_emptied_without_a_script(clerk: Client, filing: Filing):
    row = first_row(clerk, filing, "JC01-1")
    save(clerk, filing, "JC01-1", **{f"{row}:B108": "05,12"})
    assert stored(filing, "JC01-1")["rows"][0]["B108"] == "05,12"
    whole(clerk, filing, "JC01-1", **{f"{row}:B108": ["", "13", "05"]})
    assert stored(filing, "JC01-1")["rows"][0]["B108"] == "05,13"
    whole(clerk, filing, "JC01-1", **{f"{row}:B108": ""})
    assert "B108" not in stored(filing, "JC01-1")["rows"][0]


# -- who and when -----------------------------------------------------------------------------------


def test_nobody_saves_in_a_filing_of_another_institution(world: Province, filing: Filing, acting: Acting):
    """W9."""
    for name in ("cell-save", "table-edit"):
        assert acting(world.filer_b).post(address(name, filing, "JC05"), {"W101": "1"}).status_code == 404
    assert not Draft.objects.filter(filing=filing).exists()


def test_nothing_is_saved_after_submission(world: Province, round: Any, acting: Acting):
    """W6: refused with the way to have it returned, and nothing changed."""
    filing = submitted_filing(round, world.a)
    before = stored(filing, "JC05")
    response = acting(world.filer_a).post(
        address("cell-save", filing, "JC05"), {"W101": "1"}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 403
    assert 'id="refusal"' in response.content.decode()
    assert stored(filing, "JC05") == before


def test_the_answer_varies_by_the_asking_header(clerk: Client, filing: Filing):
    response = clerk.post(address("cell-save", filing, "JC05"), {"W101": "1"}, headers={"HX-Request": "true"})
    assert "HX-Request" in response.headers["Vary"]


def test_a_signed_out_save_is_refused_with_a_fragment(filing: Filing, client: Client):
    response = client.post(address("cell-save", filing, "JC05"), {"W101": "1"}, headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert not Draft.objects.filter(filing=filing).exists()
