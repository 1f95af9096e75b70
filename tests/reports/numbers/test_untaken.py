"""Rows that were refused and have not come since are named before anybody signs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse

from reports.filings.models import Filing
from reports.numbers import amending, submitting, untaken
from reports.numbers.models import NumberBatch
from tests.factories.filings import fresh
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of, submit, text_of
from tests.reports.numbers.conftest import lines, nightly

Sent = Callable[..., NumberBatch]
DAY = dt.date(2023, 11, 5)
BAD = "报告编号,签发日期\nFJ-1,2023-11-05\nFJ-2,2023-02-30\nFJ-3,2023-02-30\n,2023-11-05\n"


def open_rows(filing: Filing) -> list[tuple[str, int]]:
    return [(one.batch.name, one.rows) for one in untaken.untaken_of(filing)]


def declared(filing: Filing, world: Province, count: int) -> None:
    submitting.declare(filing=fresh(filing), count=count, by=world.filer_a)


def test_next_step_and_preview_name_the_refused_rows_and_nothing_is_blocked(
    filing: Filing, world: Province, sent: Sent
) -> None:
    batch = sent(BAD, name="十一月.csv")
    declared(filing, world, 1)
    for by in (world.filer_a, world.signer_a):
        page = client_of(by).get(reverse("numbers:quarter-detail", args=[filing.public_id]))
        for part in ("3", "十一月.csv"):
            assert part in page.context["next"].words
        assert page.context["next"].url == reverse("numbers:quarter-preview", args=[filing.public_id])
    assert world.signer_a.user.name not in page.context["next"].words
    preview = client_of(world.signer_a).get(reverse("numbers:quarter-preview", args=[filing.public_id]))
    assert preview.context["untaken"] in text_of(preview)
    assert "3" in preview.context["untaken"]
    assert reverse("numbers:batch-reasons", args=[batch.public_id]) in preview.content.decode()
    assert submit(filing, world.signer_a).state == "in_review"


def test_a_row_is_closed_once_its_number_has_come(filing: Filing, world: Province, sent: Sent) -> None:
    sent(BAD, name="一.csv")
    assert open_rows(filing) == [("一.csv", 3)]
    sent(lines("fj-2"), name="二.csv")
    assert open_rows(filing) == [("一.csv", 2)]
    sent("报告编号,签发日期\nFJ-3,2023-02-30\n", name="三.csv")
    assert open_rows(filing) == [("三.csv", 1), ("一.csv", 1)]
    sent(lines("FJ-3"), name="四.csv")
    assert open_rows(filing) == [("一.csv", 1)]


def test_nothing_is_said_where_everything_was_taken_or_came_twice(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1", "FJ-1"))
    sent(lines("FJ-1", "FJ-2"))
    declared(filing, world, 2)
    assert (open_rows(filing), untaken.words([])) == ([], "")
    preview = client_of(world.signer_a).get(reverse("numbers:quarter-preview", args=[filing.public_id]))
    assert preview.context["untaken"] == ""
    assert "reasons" not in preview.content.decode()


def test_a_row_that_a_list_cannot_do_is_closed_when_it_is_done_on_the_page(
    filing: Filing, world: Province, sent: Sent
) -> None:
    sent(lines("FJ-1", "FJ-2"))
    sent("报告编号,签发日期,报告状态,原编号\nFJ-1,2023-11-05,作废,\nFJ-2,2023-11-05,,FJ-1\n", name="改.csv")
    assert open_rows(filing) == [("改.csv", 2)]
    amending.replace_number(
        institution=world.a, number="FJ-1", replacement="FJ-2", issued_on=DAY, reason="样品名称有误", by=world.filer_a
    )  # fmt: skip
    assert open_rows(filing) == []


def test_rows_beyond_the_samples_count_as_open(filing: Filing, world: Province, sent: Sent) -> None:
    sent("报告编号,签发日期\n" + "".join(f"FJ-{at},2023-02-30\n" for at in range(250)), name="多.csv")
    sent(lines(*(f"FJ-{at}" for at in range(100))))
    assert open_rows(filing) == [("多.csv", 150)]


@pytest.mark.parametrize("count", [1, 90])
def test_two_queries_however_many_lists(
    filing: Filing, world: Province, sent: Sent, django_assert_num_queries: Callable, count: int
) -> None:
    nightly(filing, count, world.filer_a)
    NumberBatch.objects.update(
        samples=[[2, "FJ-1", "date_missing"], [3, None, "blank"]], causes={"blank": 1, "date_missing": 1}
    )
    with django_assert_num_queries(2):
        found = untaken.untaken_of(filing)
    assert sum(one.rows for one in found) == 2 * count - (count - 1)
