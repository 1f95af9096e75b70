"""Every row of a list that has a reason, page by page, from the file the pipeline leaves beside the marked copy.

The file holds lines "row, tab, fault, tab, number" in the order of the list, written by COPY. A page costs a search by
halves and the lines of the page, whatever the size; with a cause chosen it costs the lines up to the end of the page.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from portal.ui.spreadsheet import csv_text
from reports.numbers import causes, files
from reports.numbers.models import NumberBatch

#: Rows read from the file at once for a list of all of them.
AT_ONCE = 5_000
_ESCAPED = re.compile(r"\\(.)")
_MEANT = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Row:
    """`line` counts from 1; `words` are in the reader's language."""

    line: int
    number: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows in the order of the list. `next_after` asks for those that follow; None at the end."""

    rows: list[Row]
    next_after: int | None


def rows_after(batch: NumberBatch, after: int, most: int, *, cause: str = "") -> Slice:
    """The rows below line `after`: those that were not stored, or those of one cause or finding.

    One query for where numbers were filed before. A batch without its file (the first of demo data) has its samples.
    """
    found = list(islice(_of_cause(_faults(batch, after), cause), most + 1))
    told = _rows(found[:most])
    return Slice(told, told[-1].line if len(found) > most else None)


def _rows(found: list[list[Any]]) -> list[Row]:
    return [
        Row(line, number or "", causes.split(fault)[0], causes.sentence(fault))
        for line, number, fault in spelled(found)
    ]


def csv_of(batch: NumberBatch) -> IO[bytes]:
    """Every row that has a reason, as the marked copy tells them: an open file in UTF-8 with a mark, at its beginning."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- the answer closes it when it is sent
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([pgettext("file", "Row"), pgettext("report", "Number"), _("Why, and how to mend it")])
    writer.writerows([row.line, csv_text(row.number), csv_text(row.words)] for row in _every_row(batch))
    text.detach()
    file.seek(0)
    return file


def _every_row(batch: NumberBatch) -> Iterator[Row]:
    faults = _faults(batch, 0)
    while found := list(islice(faults, AT_ONCE)):
        yield from _rows(found)


def _of_cause(faults: Iterator[list[Any]], cause: str) -> Iterator[list[Any]]:
    for line, number, fault in faults:
        code = causes.split(fault)[0]
        if code == cause if cause else code not in causes.FINDINGS:
            yield [line, number, fault]


def _faults(batch: NumberBatch, after: int) -> Iterator[list[Any]]:
    path = files.path_of(batch.reasons_file) if batch.reasons_file else None
    if path is None or not path.exists():
        yield from (list(one) for one in batch.samples if one[0] > after)
        return
    yield from _lines(path, after)


def _lines(path: Path, after: int) -> Iterator[list[Any]]:
    with path.open("rb") as file:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            line = _line_from(file, middle)
            if line and int(line.split(b"\t", 1)[0]) <= after:
                low = middle + 1
            else:
                high = middle
        line = _line_from(file, low)
        while line:
            row, fault, number = line.decode().rstrip("\n").split("\t")
            yield [int(row), _meant(number), _meant(fault)]
            line = file.readline()


def _line_from(file: BinaryIO, place: int) -> bytes:
    """The first line that begins at the place or after it; empty at the end."""
    file.seek(max(place - 1, 0))
    if place:
        file.readline()
    return file.readline()


def _meant(text: str) -> str:
    """What COPY wrote, without its escapes; its NULL as nothing."""
    return "" if text == "\\N" else _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), text)


def spelled(found: list[list[Any]]) -> list[list[Any]]:
    """The reasons, [[line, number, fault], …], with "already" telling when and where, so that they read alone."""
    others = {batch for _line, _raw, fault in found if (batch := _batch_of(fault))}
    batches = NumberBatch.objects.filter(pk__in=others).select_related("filing__round").in_bulk()
    told = []
    for line, raw, fault in found:
        if other := batches.get(_batch_of(fault)):
            with override("zh-hans"):
                day = date_format(localtime(other.created_at), "Y-m-d")
            fault = f"already|{day}|{other.filing.round.period}|{other.name.replace('|', '¦')}"
        told.append([line, raw, fault])
    return told


def _batch_of(fault: str) -> int:
    """The batch that the number came in before; 0 for other faults, and where it was told already."""
    code, values = causes.split(fault)
    return int(values[0]) if code == "already" and values[0].isdecimal() else 0
