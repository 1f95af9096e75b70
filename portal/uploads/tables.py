"""csv and text files: encoding, separator, records. A record's number is the row a spreadsheet would show it in."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.uploads.headings import LOOKED_AT, Headings
from portal.uploads.trouble import Unreadable

SEPARATORS = (",", "\t", ";", "|", "，", "；")
BLOCK = 20_000
LONGEST_CELL = 40_000  # a spreadsheet's cell holds 32,767 characters; more is a quotation mark that never closes
CHUNK = 2**20
csv.field_size_limit(LONGEST_CELL)
#: From numbered rows to their headings.
Finder = Callable[[Sequence[tuple[int, Sequence[Any]]]], Headings | None]


def encoding_of(path: Path) -> str:
    """By its mark, else UTF-8 if the whole file is that, else GB18030. Raises Unreadable."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if b"\x00" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) * 5 > len(head):
            return "utf-16-le" if odd > even else "utf-16-be"
    for name in ("utf-8", "gb18030"):
        if _decodes(path, name):
            return name
    raise Unreadable("encoding")


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                if not (name == "utf-8" and chunk.isascii() and decoder.getstate()[0] == b""):
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


@dataclass
class Table:
    path: Path
    encoding: str
    separator: str
    headings: Headings | None
    first: list[list[str]]

    @classmethod
    def look(cls, path: Path, find: Finder) -> Table:
        """Decide encoding, separator and headings from the beginning of the file."""
        encoding = encoding_of(path)
        try:
            with path.open(encoding=encoding, newline="") as file:
                head = file.read(2**18)
        except UnicodeError:
            raise Unreadable("encoding") from None
        return cls(path, encoding, *taken_apart(head, find))

    def records(self, first: int) -> Iterator[tuple[int, list[list[str]], int]]:
        """(number of the first record, records, bytes read so far) from record `first` on, numbered from 1."""
        with self.path.open("rb") as raw, io.TextIOWrapper(raw, encoding=self.encoding, newline="") as text:
            reader = csv.reader(text, delimiter=self.separator)
            number = 1
            try:
                number += sum(1 for _ in itertools.islice(reader, first - 1))
                while block := list(itertools.islice(reader, BLOCK)):
                    yield number, block, raw.tell()
                    number += len(block)
            except csv.Error:
                raise Unreadable("quotes", row=number) from None
            except UnicodeError:
                raise Unreadable("encoding") from None


def taken_apart(head: str, find: Finder) -> tuple[str, Headings | None, list[list[str]]]:
    """The separator under which most headings are found, else the most frequent one; the headings; the first rows."""
    found: tuple[str, Headings | None, list[list[str]]] | None = None
    for separator in SEPARATORS:
        rows = _first_rows(head, separator)
        headings = find(list(enumerate(rows, start=1)))
        if headings is None:
            continue
        if found is None or found[1] is None or len(headings.columns) > len(found[1].columns):
            found = separator, headings, rows
    if found is None:
        separator = max(SEPARATORS, key=lambda mark: head[:4096].count(mark)) if head else ","
        found = separator, None, _first_rows(head, separator)
    return found


def _first_rows(head: str, separator: str) -> list[list[str]]:
    """As far as they can be told apart; what follows is told when the file is read."""
    rows: list[list[str]] = []
    try:
        for row in itertools.islice(csv.reader(io.StringIO(head, newline=""), delimiter=separator), LOOKED_AT):
            rows.append(row)
    except csv.Error:
        pass
    return rows


def preview(rows: Sequence[Sequence[object]], most: int = 5) -> list[list[str]]:
    return [[str(cell)[:60] for cell in row[:12]] for row in rows[:most]]
