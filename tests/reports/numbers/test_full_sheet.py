"""As many rows as a sheet can hold: read, stored and marked whole, by programs whose memory does not follow the file."""

from __future__ import annotations

import itertools
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.jobs.progress import Silent
from portal.uploads.sheets import PARTS
from reports.filings.models import Filing
from reports.numbers import children, pipeline
from reports.numbers.actions import receive, upload_chunks
from reports.numbers.models import NumberBatch, QuarterReturn, ReportNumber
from reports.numbers.reading.child import peak_mb
from tests.factories.institutions import Province
from tests.reports.numbers.conftest import HEADINGS, loaded
from tests.reports.numbers.test_fixtures import read

#: Below the row of headings.
ROWS = 1_048_575
#: Megabytes: of a program that opens the file (the hashes of a million numbers are 70 of them), and of the blocks that wait
#: in the worker. The sheet alone is 110 when unpacked, its cells as Python's objects more than 300.
MOST_OF_CHILD, MOST_WAITING = 200, 60
STRINGS = [*HEADINGS.split(","), "2023-11-05", "2023-09-30"]


def line_of(at: int) -> tuple[int, int]:
    """(number, date as an index of STRINGS): two lines repeat the one before, the last is of another quarter."""
    return at - (at in (500_000, 1_000_000)), 3 if at == ROWS - 1 else 2


def write_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write(f"{HEADINGS}\n")
        out.writelines(f"FJ-2023-{number:07d},{STRINGS[day]}\n" for number, day in map(line_of, range(ROWS)))


def write_sheet(path: Path, rows: Iterator[bytes]) -> None:
    """A workbook as programs write it, its dates and headings as shared strings."""
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        strings = "".join(f"<si><t>{text}</t></si>" for text in STRINGS)
        archive.writestr("xl/sharedStrings.xml", f"<sst {namespace}>{strings}</sst>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f"<worksheet {namespace}><sheetData>".encode())
            sheet.write(b'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>')
            for block in rows:
                sheet.write(block)
            sheet.write(b"</sheetData></worksheet>")


def write_xlsx(path: Path) -> None:
    def blocks() -> Iterator[bytes]:
        for start in range(0, ROWS, 50_000):
            made = (
                f'<row r="{at + 2}"><c r="A{at + 2}" t="inlineStr"><is><t>FJ-2023-{number:07d}</t></is></c>'
                f'<c r="B{at + 2}" t="s"><v>{day}</v></c></row>'
                for at, (number, day) in ((at, line_of(at)) for at in range(start, min(start + 50_000, ROWS)))
            )
            yield "".join(made).encode()

    write_sheet(path, blocks())


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Most megabytes that each program held."""
    found: dict[str, int] = {}
    read, run = pipeline._read, children.run

    def reading(*args: Any) -> dict[str, Any]:
        report = read(*args)
        found["reading"] = report["peak_mb"]
        return report

    def running(module: str, task: dict[str, Any]) -> dict[str, Any]:
        report = run(module, task)
        found[module] = report["peak_mb"]
        return report

    monkeypatch.setattr(pipeline, "_read", reading)
    monkeypatch.setattr(children, "run", running)
    return found


@pytest.mark.parametrize(("name", "write"), [("满.xlsx", write_xlsx), ("满.csv", write_csv)])
def test_x18_a_full_sheet_is_stored_to_the_last_row_in_bounded_memory(
    name: str,
    write: Callable[[Path], None],
    filing: Filing,
    world: Province,
    tmp_path: Path,
    held: dict[str, int],
) -> None:
    write(tmp_path / name)
    with (tmp_path / name).open("rb") as file:
        batch = receive(filing=filing, chunks=upload_chunks(file), name=name, by=world.filer_a).batch
    Path("/proc/self/clear_refs").write_text("5")  # the most this process held is counted from here on
    before = peak_mb()
    batch = pipeline.run(loaded(batch), Silent())
    grown = peak_mb() - before
    assert batch.state == NumberBatch.State.DONE
    assert (batch.read, batch.stored, batch.already, batch.repeated, batch.refused) == (ROWS, ROWS - 3, 0, 2, 1)
    numbers = ReportNumber.objects.of(world.a.pk)
    assert numbers.count() == QuarterReturn.objects.get(filing=filing).valid == ROWS - 3
    assert [line for line, *_ in batch.samples] == [500_002, 1_000_002, ROWS + 1]
    assert set(held) == {"reading", "marking"}
    assert max(held.values()) <= MOST_OF_CHILD
    assert grown <= MOST_WAITING


def test_rows_that_are_only_formatted_are_not_gone_through(tmp_path: Path) -> None:
    """Two numbers above a million rows with a border and nothing else."""
    good = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>FJ-{0}</t></is></c><c r="B{0}" t="s"><v>2</v></c></row>'
    empty = ("".join(f'<row r="{at}"><c r="A{at}" s="1"/><c r="B{at}" s="1"/></row>' for at in range(start, start + 50_000))
             for start in range(4, 1_000_000, 50_000))  # fmt: skip
    write_sheet(
        tmp_path / "a.xlsx", (rows.encode() for rows in itertools.chain([good.format(2), good.format(3)], empty))
    )
    began = time.process_time()
    found = read(tmp_path / "a.xlsx")
    assert (found.keys, found.told["read"], found.told["cut_off"]) == (["FJ-2", "FJ-3"], 2, True)
    assert time.process_time() - began < 1
