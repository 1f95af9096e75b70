"""Every row that has a reason can be read page by page, on the page and through the interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from reports.numbers import files, tokens
from reports.numbers.models import NumberBatch
from reports.numbers.reasons import rows_after
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of
from tests.reports.numbers.conftest import lines

Sent = Callable[..., NumberBatch]
WRONG = 450


@pytest.fixture
def batch(sent: Sent) -> NumberBatch:
    """One good line in row 2, one filed before in row 3, then lines outside the quarter up to row 453, then one in doubt."""
    sent(lines("FJ-0"), name="十月.csv")
    text = lines("FJ-1", "FJ-0") + "".join(f"甲\\乙{at},2023-09-30\n" for at in range(WRONG))
    return sent(text)


def test_pages_follow_each_other_without_a_gap(batch: NumberBatch) -> None:
    after, seen = 0, []
    while True:
        found = rows_after(batch, after, 100)
        seen += [row.line for row in found.rows]
        if found.next_after is None:
            break
        after = found.next_after
    assert seen == list(range(3, WRONG + 4))


@pytest.mark.parametrize("after", [0, 1, 2, 3, 4, 99, 250, WRONG + 2, WRONG + 3, WRONG + 4, 10**9])
def test_a_page_begins_behind_the_row_asked_for(batch: NumberBatch, after: int) -> None:
    rows = rows_after(batch, after, 2).rows
    assert [row.line for row in rows] == list(range(max(after + 1, 3), WRONG + 4))[:2]


def test_a_number_comes_as_it_was_sent_and_says_where_it_was_filed(batch: NumberBatch) -> None:
    first, second = rows_after(batch, 0, 2).rows
    assert (first.number, first.code) == ("FJ-0", "already")
    assert "十月.csv" in first.words
    assert (second.number, second.code) == ("甲\\乙0", "date_outside")


def test_one_cause_alone(batch: NumberBatch) -> None:
    assert [row.line for row in rows_after(batch, 0, 10, cause="already").rows] == [3]
    assert rows_after(batch, 0, 10, cause="blank").rows == []


def test_numbers_stored_with_a_finding_are_listed_by_that_finding_alone(sent: Sent, world: Province) -> None:
    sent(lines("000001", "000002", "000003"))
    doubtful = sent(lines("4", "000005"), name="b.csv")
    assert doubtful.findings == {"zeros": 1}
    assert rows_after(doubtful, 0, 10).rows == []
    assert [(row.line, row.number) for row in rows_after(doubtful, 0, 10, cause="zeros").rows] == [(2, "4")]


def test_the_page_walks_all_rows(batch: NumberBatch, world: Province) -> None:
    client, address = client_of(world.filer_a), reverse("numbers:batch-reasons", args=[batch.public_id])
    first = client.get(address)
    assert [row.line for row in first.context["listed"].rows] == list(range(3, 203))
    assert "after=202" in first.content.decode()
    last = client.get(address, {"after": "402"})
    assert [row.line for row in last.context["listed"].rows] == list(range(403, WRONG + 4))
    assert last.context["listed"].next_after is None
    chosen = client.get(address, {"cause": "already", "after": "x٣"})
    assert [row.line for row in chosen.context["listed"].rows] == [3]
    assert (
        reverse("numbers:batch-reasons", args=[batch.public_id])
        in client.get(reverse("numbers:batch-detail", args=[batch.public_id])).content.decode()
    )


@pytest.mark.parametrize("wrong", [3, 300])
def test_a_page_costs_the_same_whatever_the_size(
    wrong: int, sent: Sent, world: Province, django_assert_num_queries: Any
) -> None:
    made = sent(lines(*(f"FJ-{at}" for at in range(wrong)), day="2023-09-30"))
    client, address = client_of(world.filer_a), reverse("numbers:batch-reasons", args=[made.public_id])
    client.get(address)
    with django_assert_num_queries(4):
        client.get(address)


def test_without_its_file_a_batch_has_its_samples(batch: NumberBatch) -> None:
    files.path_of(batch.reasons_file).unlink()
    rows = rows_after(batch, 0, 1_000).rows
    assert [row.line for row in rows] == list(range(3, 103))
    assert "十月.csv" in rows[0].words


def test_the_interface_gives_all_rows(batch: NumberBatch, world: Province, client: Any) -> None:
    headers = {"Authorization": f"Bearer {tokens.make(name='LIMS', by=world.filer_a)[1]}", "Accept-Language": "en"}
    address = f"/api/v1/batches/{batch.public_id}/errors"
    seen, after = [], 0
    while after is not None:
        told = client.get(address, {"after": after, "limit": 200}, headers=headers).json()
        seen += [row["row"] for row in told["errors"]]
        after = told["next_after"]
    assert seen == list(range(3, WRONG + 4))
    assert client.get(address, {"limit": 1_001}, headers=headers).status_code == 422
    other = {"Authorization": f"Bearer {tokens.make(name='LIMS', by=world.filer_b)[1]}"}
    assert client.get(address, headers=other).status_code == 404
