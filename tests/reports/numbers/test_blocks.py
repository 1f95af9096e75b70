"""A file of many blocks comes to the same counts as one of few; a child that gets no task is ended."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable

import pytest
import xlsxwriter

from portal.uploads import children as programs
from reports.filings.models import Filing
from reports.numbers import children, files, staging
from reports.numbers.models import NumberBatch, ReportNumber
from tests.factories.institutions import Province
from tests.reports.numbers.conftest import HEADINGS, lines

ROWS = 40_000


@pytest.fixture
def book() -> bytes:
    """Every hundredth row repeats the one before, every hundredth lies outside the quarter; several blocks of XML."""
    made = io.BytesIO()
    workbook = xlsxwriter.Workbook(made, {"constant_memory": True, "in_memory": True})
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, HEADINGS.split(","))
    for at in range(ROWS):
        sheet.write_string(at + 1, 0, f"FJ-2023-{at - 1 if at % 100 == 99 else at:06d}")
        sheet.write_string(at + 1, 1, "2023-09-30" if at % 100 == 50 else "2023-11-05")
        sheet.write_string(at + 1, 2, "x" * 160)
    workbook.close()
    return made.getvalue()


@pytest.mark.parametrize("held", [0, 2_000, 2**20])
def test_repeats_and_refusals_across_blocks_are_told_with_their_rows(
    held: int,
    book: bytes,
    sent: Callable[..., NumberBatch],
    filing: Filing,
    world: Province,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(staging, "HELD", held)
    batch = sent(book, name="编号.xlsx")
    assert batch.state == NumberBatch.State.DONE
    assert (batch.read, batch.stored, batch.already, batch.repeated, batch.refused) == (40_000, 39_200, 0, 400, 400)
    assert batch.causes == {"date_outside": 400}
    numbers = ReportNumber.objects.of(world.a.pk)
    assert list(numbers.filter(key__in=["FJ-2023-000000", "FJ-2023-039998"]).order_by("key").values_list("line")) == [
        (2,),
        (40_000,),
    ]
    assert [sample[0] for sample in batch.samples[:4]] == [52, 101, 152, 201]
    assert batch.samples[1][2] == "repeated|100"


def test_twenty_thousand_wrong_rows_are_summed_up_and_all_marked(sent: Callable[..., NumberBatch]) -> None:
    batch = sent(lines(*(f"FJ-{number}" for number in range(20_000)), day="2023-09-30"), name="错.csv")
    assert (batch.read, batch.stored, batch.refused, batch.causes) == (20_000, 0, 20_000, {"date_outside": 20_000})
    assert [line for line, *_ in batch.samples] == list(range(2, 102))
    marked = files.path_of(batch.marked_file).read_text(encoding="utf-8-sig").splitlines()
    assert len(marked) == 20_001
    assert all("属于2023Q3" in line for line in marked[1:])


def test_a_child_is_ended_whose_task_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def begin(module: str) -> subprocess.Popen[bytes]:
        begun.append(plain(module))
        return begun[0]

    plain = programs.begin
    monkeypatch.setattr(programs, "begin", begin)
    with pytest.raises(ZeroDivisionError), children.reading(lambda: {"path": str(1 // 0)}):
        pytest.fail("There is nothing to read.")
    assert begun[0].returncode == -9
    assert begun[0].stdin is not None
    assert begun[0].stdin.closed
