"""Each page once: what the institution sees, how many queries it costs, and that reading never writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from institutions.models import Membership
from reports.filings.actions import answer_remark
from reports.filings.models import Filing
from reports.rounds.models import Round
from tests.factories.filings import (
    EXPLANATION,
    a_filing,
    accepted_filing,
    fill,
    open_round,
    returned,
    sign_and_submit,
    submitted_filing,
)
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province

Acting = Callable[[Membership], Client]
READS = ("filing-detail", "finding-list", "filing-preview", "revision-list")
#: session, person, memberships, language and unread notices are part of every page.
QUERIES = {
    "filing-list": 9,
    "filing-detail": 16,
    "table-edit": 7,
    "finding-list": 9,
    "filing-preview": 10,
    "revision-list": 8,
}


def address(name: str, filing: Filing, *more: object) -> str:
    return reverse(f"filings:{name}", args=[filing.public_id, *more])


def test_filing_list_shows_days_left_state_and_progress(world: Province, filing: Filing, acting: Acting):
    Filing.objects.filter(pk=filing.pk).update(state="drafting", filled=86, required=127)
    page = acting(world.filer_a).get(reverse("filings:filing-list")).content.decode()
    assert "2023年度统计调查" in page
    assert "86 / 127" in page
    assert 'class="zb-st drafting"' in page


def test_filing_list_shows_own_filings_alone(world: Province, round: Round, filing: Filing, acting: Acting):
    other = a_filing(round, world.b)
    page = acting(world.filer_a).get(reverse("filings:filing-list")).content.decode()
    assert str(filing.public_id) in page
    assert str(other.public_id) not in page


@pytest.mark.parametrize("count", [1, 5])
def test_filing_list_costs_the_same_with_one_and_with_five(
    world: Province, acting: Acting, count: int, django_assert_num_queries
):
    for year in range(2023, 2023 + count):
        submitted_filing(open_round(world, period=str(year)), world.a)
    client = acting(world.filer_a)
    client.get(reverse("filings:filing-list"))
    with django_assert_num_queries(QUERIES["filing-list"]):
        page = client.get(reverse("filings:filing-list")).content.decode()
    assert page.count("receipts/1/") == count


@pytest.mark.parametrize("rows", [1, 5])
def test_table_edit_costs_the_same_with_one_row_and_with_five(
    world: Province, filing: Filing, acting: Acting, rows: int, django_assert_num_queries
):
    cells = valid_cells(world.a)
    cells["JC05-1"]["rows"] = [{"id": f"r{number}", "D101": f"0{number}"} for number in range(1, rows + 1)]
    fill(filing, world.filer_a, cells)
    client = acting(world.filer_a)
    client.get(address("table-edit", filing, "JC05-1"))
    with django_assert_num_queries(QUERIES["table-edit"]):
        page = client.get(address("table-edit", filing, "JC05-1")).content.decode()
    assert page.count('class="zb-record"') == rows


@pytest.mark.parametrize("name", READS)
def test_pages_cost_a_fixed_number_of_queries(
    world: Province, filing: Filing, acting: Acting, name: str, django_assert_num_queries
):
    fill(filing, world.filer_a)
    client = acting(world.filer_a)
    client.get(address(name, filing))
    with django_assert_num_queries(QUERIES[name]):
        assert client.get(address(name, filing)).status_code == 200


def test_reading_never_writes(world: Province, filing: Filing, acting: Acting):
    """Every page, in a transaction that the database holds read-only."""
    fill(filing, world.filer_a)
    sent = submitted_filing(open_round(world, period="2022"), world.a)
    client = acting(world.filer_a)
    client.get(reverse("filings:filing-list"))  # the session's own bookkeeping
    addresses = [
        reverse("filings:filing-list"),
        address("receipt-detail", sent, 1),
        address("revision-detail", sent, 1),
    ]
    addresses += [address(name, filing) for name in READS]
    addresses += [
        address("table-edit", filing, code) for code in ("JC01", "JC01-1", "JC01-2", "JC02", "JC05", "JC05-1")
    ]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        statuses = [client.get(one).status_code for one in addresses]
        transaction.set_rollback(True)
    assert statuses == [200] * len(addresses)


def test_foreign_filings_are_not_found(world: Province, filing: Filing, acting: Acting):
    client = acting(world.filer_b)
    for name in READS:
        assert client.get(address(name, filing)).status_code == 404
    assert client.get(address("table-edit", filing, "JC01")).status_code == 404
    assert client.get(address("receipt-detail", filing, 1)).status_code == 404


def test_a_table_that_does_not_exist_is_not_found(world: Province, filing: Filing, acting: Acting):
    client = acting(world.filer_a)
    assert client.get(address("table-edit", filing, "JC99")).status_code == 404
    assert client.get(address("table-edit", filing, "RN")).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "cell-save",
        "row-add",
        "row-remove",
        "row-move",
        "explanation-save",
        "remark-answer",
        "filing-submit",
        "filing-recall",
    ],
)
def test_acts_are_not_pages(world: Province, filing: Filing, acting: Acting, name: str):
    """W15: an action's address opened as a page says so and changes nothing."""
    table = ["JC05"] if name.startswith(("cell", "row")) else []
    response = acting(world.filer_a).get(address(name, filing, *table))
    assert response.status_code == 405
    filing.refresh_from_db()
    assert (filing.state, filing.version) == ("due", 0)


def test_table_edit_shows_values_last_year_and_change(world: Province, acting: Acting):
    before = open_round(world, period="2022")
    last = accepted_filing(before, world.a)
    filing = a_filing(open_round(world, previous=before), world.a, previous=last)
    cells = valid_cells(world.a)
    cells["JC05"] |= {"W301": "12000", "W211": "68450"}
    fill(filing, world.filer_a, cells)
    page = acting(world.filer_a).get(address("table-edit", filing, "JC05")).content.decode()
    row = page[page.index('data-key="W301"') :]
    row = row[: row.index("</tr>")]
    assert 'value="12,000"' in row
    assert ">9,000<" in row
    assert "+33.3" in row
    money = page[page.index('data-key="W211"') :]
    assert "6,845.0万元" in money[: money.index("</tr>")]


def test_table_edit_prefills_from_the_register(world: Province, filing: Filing, acting: Acting):
    page = acting(world.filer_a).get(address("table-edit", filing, "JC01-2")).content.decode()
    assert page.count('class="zb-record"') == 2
    assert 'value="测试路2号"' in page


def test_table_edit_hides_lines_that_do_not_apply(world: Province, filing: Filing, acting: Acting):
    """A106 is asked only of a unit that is no legal person itself."""
    fill(filing, world.filer_a)
    page = acting(world.filer_a).get(address("table-edit", filing, "JC01")).content.decode()
    assert _opening(page, "A106").endswith("hidden>")
    assert not _opening(page, "A107").endswith("hidden>")


def _opening(page: str, key: str) -> str:
    start = page.index(f'data-key="{key}"')
    return page[start : page.index(">", start) + 1]


def test_table_edit_is_for_reading_after_submission(world: Province, round: Round, acting: Acting):
    """W6: no fields, and how to have it returned."""
    filing = submitted_filing(round, world.a)
    page = acting(world.filer_a).get(address("table-edit", filing, "JC05")).content.decode()
    assert '<input id="c-' not in page
    assert "撤回" in page or "Recall it" in page


def test_computed_cells_cannot_be_typed(world: Province, filing: Filing, acting: Acting):
    fill(filing, world.filer_a)
    page = acting(world.filer_a).get(address("table-edit", filing, "JC01")).content.decode()
    row = page[page.index('data-key="A218"') :]
    row = row[: row.index("</tr>")]
    assert "<input" not in row
    assert "<select" not in row
    assert "zb-computed" in row


def test_texts_of_people_are_escaped(world: Province, filing: Filing, acting: Acting):
    """S9: markup in a cell is text everywhere."""
    cells = valid_cells(world.a)
    cells["JC01"]["A107"] = '"><img src=x onerror=alert(1)>{{7*7}}'
    fill(filing, world.filer_a, cells)
    client = acting(world.filer_a)
    for where in (address("table-edit", filing, "JC01"), address("filing-preview", filing)):
        page = client.get(where).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in page


def test_filing_detail_says_what_to_do_next(world: Province, round: Round, acting: Acting):
    filing = a_filing(round, world.a)
    client = acting(world.filer_a)
    page = client.get(address("filing-detail", filing)).content.decode()
    assert address("table-edit", filing, "JC01") in page
    cells = valid_cells(world.a)
    del cells["JC05"]["W101"], cells["JC05"]["W301"]
    fill(filing, world.filer_a, cells)
    step = client.get(address("filing-detail", filing)).context["next"]
    assert (step.words, step.url) == (
        "请继续填报JC05 检验检测业务情况：还有2个必填项未填。",
        address("table-edit", filing, "JC05"),
    )
    cells = valid_cells(world.a)
    cells["JC01"]["A315"] = "3"
    fill(filing, world.filer_a, cells)
    step = client.get(address("filing-detail", filing)).context["next"]
    assert step.words == "JC01 检验检测机构基本情况已填完，审核问题中须改正1处。"
    assert step.left == "全部报表在报送前共须改正1处。"
    fill(filing, world.filer_a)
    ready = client.get(address("filing-detail", filing))
    assert address("filing-preview", filing) in ready.content.decode()
    assert ready.context["next"].url == address("filing-preview", filing)


def test_filing_detail_shows_remarks_of_the_return(world: Province, round: Round, acting: Acting):
    filing = submitted_filing(round, world.a)
    returned(filing)
    page = acting(world.filer_a).get(address("filing-detail", filing)).content.decode()
    assert "请核对期末从业人员数。" in page
    assert "请按批注核对后重报。" in page


def test_receipt_shows_number_digest_and_code(world: Province, round: Round, acting: Acting):
    filing = submitted_filing(round, world.a)
    revision = filing.revisions.get()
    page = acting(world.filer_a).get(address("receipt-detail", filing, 1)).content.decode()
    assert revision.receipt_number in page
    assert all(revision.digest[at : at + 8] in page for at in range(0, 64, 8))
    assert "<svg" in page
    assert " style=" not in page
    assert acting(world.filer_a).get(address("receipt-detail", filing, 2)).status_code == 404


def test_revision_list_compares_cell_by_cell(world: Province, round: Round, acting: Acting):
    filing = submitted_filing(round, world.a)
    returned(filing)
    cells = valid_cells(world.a)
    cells["JC05"]["W312"] = "3001"
    _answer_remarks(filing, world.signer_a)
    fill(filing, world.filer_a, cells)
    sign_and_submit(filing, world.signer_a)
    page = acting(world.filer_a).get(address("revision-list", filing))
    assert [(one.code, one.before, one.after) for one in page.context["changes"]] == [("W312", "3,000", "3,001")]
    assert acting(world.filer_a).get(address("revision-detail", filing, 1)).status_code == 200


def _answer_remarks(filing: Filing, by: Membership) -> None:
    for remark in filing.remarks.all():
        answer_remark(remark=remark, resolution="explained", answer=EXPLANATION, by=by)


def test_finding_list_answers_a_fragment_or_a_page(world: Province, filing: Filing, acting: Acting):
    client = acting(world.filer_a)
    whole = client.get(address("finding-list", filing))
    part = client.get(address("finding-list", filing) + "?at=JC05", headers={"HX-Request": "true"})
    assert "<!doctype html" in whole.content.decode()
    assert part.content.decode().lstrip().startswith('<aside class="zb-find" id="findings"')
    assert "HX-Request" in part.headers["Vary"]


def test_quarterly_numbers_are_worked_on_in_their_own_room(world: Province, acting: Acting):
    filing = a_filing(open_round(world, kind="numbers", period="2023Q4"), world.a)
    client = acting(world.filer_a)
    room = reverse("numbers:quarter-detail", args=[filing.public_id])
    assert client.get(address("filing-detail", filing)).headers["Location"] == room
    assert room in client.get(reverse("filings:filing-list")).content.decode()
    assert client.get(address("table-edit", filing, "JC01")).status_code == 404
