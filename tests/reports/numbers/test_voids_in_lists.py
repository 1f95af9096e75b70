"""A list does not void what is filed: whoever tries is told so, row by row, and where it is done (N108)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reports.filings.models import Filing
from reports.numbers import amending, files
from reports.numbers.models import NumberBatch, NumberChange, QuarterReturn, ReportNumber
from reports.numbers.reasons import rows_after
from tests.factories.filings import a_filing, open_round
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of, text_of
from tests.reports.numbers.conftest import lines, send

Sent = Callable[..., NumberBatch]


def with_states(*rows: tuple[str, str]) -> str:
    return "报告编号,签发日期,报告状态\n" + "".join(f"{number},2023-11-05,{state}\n" for number, state in rows)


def counts(batch: NumberBatch) -> tuple[int, int, int, int, int]:
    return batch.read, batch.stored, batch.already, batch.repeated, batch.refused


def states(world: Province) -> dict[str, int]:
    return dict(ReportNumber.objects.of(world.a.pk).values_list("key", "state"))


@pytest.mark.parametrize("word", ["作废", "2", "被替换"])
def test_a_filed_number_is_not_voided_and_its_row_says_so(
    sent: Sent, filing: Filing, world: Province, word: str
) -> None:
    sent(lines("FJ-1", "FJ-2"))
    batch = sent(with_states(("fj-1", word), ("FJ-2", "有效"), ("FJ-3", "作废")))
    assert counts(batch) == (3, 1, 1, 0, 1)
    assert batch.causes == {"not_voided": 1}
    assert [one[:2] for one in batch.samples] == [[2, "fj-1"], [3, "FJ-2"]]
    assert batch.samples[0][2] == "not_voided|2023Q4"
    assert [(row.line, row.number) for row in rows_after(batch, 0, 10, cause="not_voided").rows] == [(2, "fj-1")]
    assert [row.line for row in rows_after(batch, 0, 10).rows] == [2, 3]
    marked = files.path_of(batch.marked_file).read_text(encoding="utf-8-sig").splitlines()
    assert rows_after(batch, 0, 1).rows[0].words in marked[1]
    assert "2023Q4" in marked[1]
    assert states(world) == {"FJ-1": 1, "FJ-2": 1, "FJ-3": 2}
    assert QuarterReturn.objects.get(filing=filing).valid == 2
    assert NumberChange.objects.count() == 0


def test_the_page_counts_the_rows_and_leads_to_them(sent: Sent, world: Province) -> None:
    sent(lines("FJ-1"))
    batch = sent(with_states(("FJ-1", "作废")))
    page = client_of(world.filer_a).get(f"/numbers/batches/{batch.public_id}/")
    assert "?cause=not_voided" in page.content.decode()
    assert rows_after(batch, 0, 1).rows[0].words in text_of(page)


def test_two_rows_of_one_file_that_contradict_each_other(sent: Sent, world: Province) -> None:
    """Whether the file is small or goes straight to the table: the first row counts."""
    batch = sent(with_states(("FJ-1", "有效"), ("FJ-1", "作废"), ("FJ-2", "作废"), ("FJ-2", "有效"), ("FJ-1", "")))
    assert counts(batch) == (5, 2, 0, 2, 1)
    assert batch.causes == {"not_voided": 1}
    assert states(world) == {"FJ-1": 1, "FJ-2": 2}


def test_a_number_that_was_voided_on_its_page_is_only_filed_already(sent: Sent, world: Province) -> None:
    sent(lines("FJ-1"))
    text = with_states(("FJ-1", "作废"))
    assert sent(text).refused == 1
    amending.void_number(institution=world.a, number="FJ-1", reason="报告作废重做", by=world.filer_a)
    assert counts(sent(text + "\n")) == (1, 0, 1, 0, 0)


def test_a_number_that_the_same_list_replaces_is_not_told_of(sent: Sent, world: Province) -> None:
    sent(lines("FJ-1", "FJ-2"))
    text = (
        "报告编号,签发日期,报告状态,原编号\n"
        "FJ-1,2023-11-05,被替换,\nFJ-2,2023-11-05,作废,\nFJ-1A,2023-11-06,有效,FJ-1\n"
    )
    batch = sent(text)
    assert counts(batch) == (3, 1, 1, 0, 1)
    assert batch.samples[1] == [3, "FJ-2", "not_voided|2023Q4"]
    assert states(world) == {"FJ-1": 3, "FJ-1A": 1, "FJ-2": 1}


def test_a_number_of_another_quarter_is_told_with_that_quarter(filing: Filing, world: Province, sent: Sent) -> None:
    later = a_filing(open_round(world, period="2024Q1", kind=filing.round.kind), world.a)
    send(later, lines("FJ-1", day="2024-02-01"), world.filer_a)
    assert sent(with_states(("FJ-1", "作废"))).samples == [[2, "FJ-1", "not_voided|2024Q1"]]


def test_rows_of_many_blocks(sent: Sent, world: Province) -> None:
    """More than are looked up one by one: the way over the missing lines."""
    many = [(f"FJ-{at}", "有效") for at in range(150_000)]
    batch = sent(with_states(*many, ("FJ-3", "作废"), ("FJ-4", "")))
    assert counts(batch) == (150_002, 150_000, 0, 1, 1)
    assert batch.causes == {"not_voided": 1}
