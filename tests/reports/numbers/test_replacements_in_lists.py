"""A list does not change what is filed: a row that says so late what its number replaces is told where that is done (N109)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from reports.filings.models import Filing
from reports.numbers import amending, files
from reports.numbers.models import NumberBatch, NumberChange, QuarterReturn, ReportNumber
from reports.numbers.reasons import rows_after
from tests.factories.filings import a_filing, open_round
from tests.factories.institutions import Province
from tests.reports.numbers.conftest import lines, send

Sent = Callable[..., NumberBatch]


def replacing(*rows: tuple[str, str]) -> str:
    return "报告编号,签发日期,原编号\n" + "".join(f"{number},2023-11-05,{original}\n" for number, original in rows)


def counts(batch: NumberBatch) -> tuple[int, int, int, int, int]:
    return batch.read, batch.stored, batch.already, batch.repeated, batch.refused


def states(world: Province) -> dict[str, int]:
    return dict(ReportNumber.objects.of(world.a.pk).values_list("key", "state"))


def test_a_row_that_says_late_what_it_replaces_is_refused_and_told_where(
    sent: Sent, filing: Filing, world: Province
) -> None:
    sent(lines("FJ-1", "FJ-2", "FJ-3"))
    batch = sent(replacing(("fj-2", "FJ-1"), ("FJ-3", ""), ("FJ-4", "")))
    assert counts(batch) == (3, 1, 1, 0, 1)
    assert (batch.causes, batch.findings) == ({"not_replaced": 1}, {})
    assert batch.samples[0] == [2, "fj-2", "not_replaced|2023Q4"]
    assert [(row.line, row.number) for row in rows_after(batch, 0, 10, cause="not_replaced").rows] == [(2, "fj-2")]
    marked = files.path_of(batch.marked_file).read_text(encoding="utf-8-sig").splitlines()
    assert rows_after(batch, 0, 1).rows[0].words in marked[1]
    assert states(world) == dict.fromkeys(("FJ-1", "FJ-2", "FJ-3", "FJ-4"), 1)
    assert QuarterReturn.objects.get(filing=filing).valid == 4
    assert NumberChange.objects.count() == 0


def test_what_the_row_asks_for_is_done_on_the_page_and_then_the_row_is_only_filed_already(
    sent: Sent, world: Province
) -> None:
    sent(lines("FJ-1", "FJ-2"))
    text = replacing(("FJ-2", "FJ-1"))
    assert sent(text).refused == 1
    amending.replace_number(
        institution=world.a, number="FJ-1", replacement="FJ-2", issued_on=dt.date(2023, 11, 5), reason="样品名称有误",
        by=world.filer_a,
    )  # fmt: skip
    assert states(world) == {"FJ-1": 3, "FJ-2": 1}
    assert counts(sent(text + "\n")) == (1, 0, 1, 0, 0)


def test_a_list_that_said_it_is_only_repeated(sent: Sent, world: Province) -> None:
    sent(lines("FJ-1"))
    text = replacing(("FJ-2", "FJ-1"), ("FJ-3", "FJ-X"))
    assert counts(sent(text)) == (2, 2, 0, 0, 0)
    assert counts(sent(text + "\n")) == (2, 0, 2, 0, 0)


@pytest.mark.parametrize("original", ["FJ-9", "FJ-2", "FJ-3"])
def test_nothing_is_to_be_replaced_where_the_other_is_not_valid_or_the_same(
    sent: Sent, world: Province, original: str
) -> None:
    """Not filed; the number itself; void."""
    sent(lines("FJ-2", "FJ-3"))
    amending.void_number(institution=world.a, number="FJ-3", reason="报告作废重做", by=world.filer_a)
    assert counts(sent(replacing(("FJ-2", original)))) == (1, 0, 1, 0, 0)


def test_two_rows_of_one_file(sent: Sent, world: Province) -> None:
    batch = sent(replacing(("FJ-1", ""), ("FJ-2", ""), ("FJ-2", "FJ-1"), ("FJ-2", "")))
    assert counts(batch) == (4, 2, 0, 1, 1)
    assert batch.causes == {"not_replaced": 1}


def test_an_original_of_another_quarter_is_told_with_that_quarter(filing: Filing, world: Province, sent: Sent) -> None:
    before = a_filing(open_round(world, period="2023Q3", kind=filing.round.kind), world.a)
    send(before, lines("FJ-1", day="2023-08-01"), world.filer_a)
    sent(lines("FJ-2"))
    assert sent(replacing(("FJ-2", "FJ-1"))).samples == [[2, "FJ-2", "not_replaced|2023Q3"]]


def test_rows_of_many_blocks(sent: Sent, world: Province) -> None:
    """More than are looked up one by one: the way over the missing lines."""
    many = [(f"FJ-{at}", "") for at in range(120_000)]
    batch = sent(replacing(*many, ("FJ-3", "FJ-4"), ("FJ-4", "")))
    assert counts(batch) == (120_002, 120_000, 0, 1, 1)
    assert batch.causes == {"not_replaced": 1}
