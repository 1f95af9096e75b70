"""The user's own file back, with a column of reasons: `python -m portal.uploads.marking`, the task on stdin.

A csv keeps every line as it was and gains a last cell where there is something to say; it comes out as UTF-8 with a mark,
which every spreadsheet program opens correctly. Lines of JSON stay lines of JSON: an object gains a member "reason". A
workbook is copied member by member, and the cell of the reason is put into the XML of its row: formats, formulas, further
sheets and further columns stay as they are.

The reasons are lines "row, tab, fault", and perhaps more after another tab, in the order of the file; `templates` turns
faults into sentences, by the whole fault, by its code and the count of its values ("code/2"), or by its code.
"""

from __future__ import annotations

import codecs
import csv
import gc
import html
import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from portal.uploads import container
from portal.uploads.ahead import ahead
from portal.uploads.answering import answer
from portal.uploads.jsonlines import value_of
from portal.uploads.limits import peak_mb, take_task
from portal.uploads.sheets import Piece, Workbook, column_index, column_letters, pieces
from portal.uploads.tables import LONGEST_CELL
from portal.uploads.trouble import Unreadable

LINES = 4 * 2**20  # bytes or characters of a block
_DIMENSION = re.compile(rb'(<(?:\w+:)?dimension\s+ref="[A-Z]{1,3}[0-9]+)(?::([A-Z]{1,3})([0-9]+))?"')
_SPANS = re.compile(rb'\s+spans="[^"]*"')
_REF = re.compile(rb'\br="([A-Z]{1,3})[0-9]+"')
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def main() -> int:
    os.nice(5)
    gc.disable()
    task = take_task()
    return answer(lambda: {"marked": mark(task), "peak_mb": peak_mb()})


def mark(task: dict[str, Any]) -> int:
    reasons = Reasons(Path(task["reasons"]), task["templates"])
    source, out, report = Path(task["path"]), Path(task["out"]), task["report"]
    if report["format"] == "xlsx":
        _mark_workbook(source, out, report, task["heading"], reasons)
    else:
        _mark_text(source, out, report, task["heading"], reasons)
    return reasons.taken


class Reasons:
    """The reasons in the order of the file, several of one row as one text."""

    def __init__(self, path: Path, templates: dict[str, str]) -> None:
        self._lines = self._read(path)
        self._templates = templates
        self._spelled: dict[str, str] = {}
        self._next = next(self._lines, None)
        self.taken = 0

    @staticmethod
    def _read(path: Path) -> Iterator[tuple[int, str]]:
        with path.open(encoding="utf-8") as file:
            for line in file:
                number, fault = line.rstrip("\n").split("\t", 2)[:2]
                yield int(number), fault

    def below(self, row: int) -> Iterator[tuple[int, str]]:
        """The rows before `row` that were not taken yet."""
        while self._next is not None and self._next[0] < row:
            number, fault = self._next
            words = self._sentence(fault)
            self._next = next(self._lines, None)
            while self._next is not None and self._next[0] == number:
                words += " " + self._sentence(self._next[1])
                self._next = next(self._lines, None)
            self.taken += 1
            yield number, words

    def _sentence(self, fault: str) -> str:
        known = self._spelled.get(fault)
        if known is not None:
            return known
        text = self._templates.get(fault)
        if text is None:
            code, *values = fault.split("|")
            text = self._templates.get(f"{code}/{len(values)}") or self._templates.get(code, code)
            for position, value in enumerate(values):
                text = text.replace(f"{{{position}}}", value)
        if len(self._spelled) < 50_000:
            self._spelled[fault] = text
        return text


# -- csv ------------------------------------------------------------------------------------------


def _mark_text(source: Path, out: Path, report: dict[str, Any], heading: str, reasons: Reasons) -> None:
    encoding = report.get("encoding", "utf-8")
    separator = report.get("separator", ",")
    if report["format"] == "jsonl":
        _mark_json(source, out, reasons)
    elif _has(source, re.compile(b'"')):  # a record may span lines; in UTF-16 the byte may be half of something else
        _mark_quoted(source, out, encoding, separator, report["heading_row"], heading, reasons)
    else:
        _mark_plain(source, out, encoding, separator, report["heading_row"], heading, reasons)


def _mark_plain(
    source: Path, out: Path, encoding: str, separator: str, heading_row: int, heading: str, reasons: Reasons
) -> None:
    """A line is a record: only the lines with a reason are touched, the others pass as the bytes they are."""
    first, width, mark = 1, 0, separator.encode()
    with out.open("wb") as made:
        made.write(codecs.BOM_UTF8)
        for block in _blocks(source, encoding):
            end = first + len(block)
            if first <= heading_row < end:
                position = heading_row - first
                width = block[position].count(mark)
                block[position] = _extended(block[position], mark, width, heading)
            elif not heading_row and first == 1:
                width = max(line.count(mark) for line in block[:100])
            for number, words in reasons.below(end):
                if number >= first:
                    block[number - first] = _extended(block[number - first], mark, width, words)
            made.write(b"".join(block))
            first = end


def _blocks(source: Path, encoding: str) -> Iterator[list[bytes]]:
    """Lines in UTF-8 without a mark. A lone carriage return ends a line only for the text reader, so it is left to that."""
    if encoding in ("utf-8", "utf-8-sig") and not _has(source, re.compile(rb"\r(?!\n)")):
        with source.open("rb") as file:
            if encoding == "utf-8-sig":
                file.seek(len(codecs.BOM_UTF8))
            while block := file.readlines(LINES):
                yield block
        return
    with source.open(encoding=encoding, newline="", errors="replace") as text:
        while lines := text.readlines(LINES):
            yield [line.encode() for line in lines]


def _has(source: Path, pattern: re.Pattern[bytes]) -> bool:
    with source.open("rb") as file:
        tail = b""
        while chunk := file.read(2**20):
            if pattern.search(tail + chunk[:-1]):
                return True
            tail = chunk[-1:]
        return pattern.search(tail) is not None


def _extended(line: bytes, separator: bytes, width: int, words: str) -> bytes:
    body = line.rstrip(b"\r\n")
    quoted = words.replace('"', '""').encode("utf-8", "replace")
    gap = separator * (max(0, width - body.count(separator)) + 1)
    return body + gap + b'"' + quoted + b'"' + (line[len(body) :] or b"\r\n")


def _mark_quoted(
    source: Path, out: Path, encoding: str, separator: str, heading_row: int, heading: str, reasons: Reasons
) -> None:
    """A record may span lines: every record is read and written again."""
    csv.field_size_limit(LONGEST_CELL)
    with source.open(encoding=encoding, newline="") as lines, out.open("w", encoding="utf-8-sig", newline="") as made:
        writer, width = csv.writer(made, delimiter=separator), 0
        wanted = reasons.below(2**31)
        number, words = next(wanted, (0, ""))
        for last, row in enumerate(csv.reader(lines, delimiter=separator), start=1):
            if last == heading_row:
                width = len(row)
                row.append(heading)
            while number and number < last:
                number, words = next(wanted, (0, ""))
            if number == last:
                row += [""] * (width - len(row))
                row.append(words)
            writer.writerow(row)


# -- JSON lines -----------------------------------------------------------------------------------


def _mark_json(source: Path, out: Path, reasons: Reasons) -> None:
    """Lines end where the reader ends them, at line feeds alone; those without a reason pass as the bytes they are."""
    first = 1
    with source.open("rb") as lines, out.open("wb") as made:
        while block := lines.readlines(LINES):
            for number, words in reasons.below(first + len(block)):
                block[number - first] = _with_reason(block[number - first], words)
            made.write(b"".join(block))
            first += len(block)


def _with_reason(line: bytes, words: str) -> bytes:
    """The object as it was written, with one member more at its end; of what is no object, an object with the line."""
    text = line.decode("utf-8-sig", "replace").strip()
    value = _object(line)
    if value is None:
        text = json.dumps({"line": text}, ensure_ascii=False)
    elif "reason" in value:  # it came from such a copy
        del value["reason"]
        text = json.dumps(value, ensure_ascii=False)
    head = text[:-1].rstrip()
    comma = "" if head == "{" else ", "
    marked = f'{head}{comma}"reason": {json.dumps(words, ensure_ascii=False)}}}\n'
    return marked.encode("utf-8", "replace")


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = value_of(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


# -- workbooks ------------------------------------------------------------------------------------


def _mark_workbook(source: Path, out: Path, report: dict[str, Any], heading: str, reasons: Reasons) -> None:
    book = Workbook.open(source)
    sheet = next(sheet for sheet in book.sheets if sheet.name == report["sheet"])
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for info in book.archive.infolist():
            if info.is_dir():
                continue
            with made.open(info.filename, "w") as target:  # by its name: a ZipInfo would be packed at another level
                if info.filename == sheet.member:
                    for chunk in ahead(_patched(book.archive, sheet.member, report, heading, reasons)):
                        target.write(chunk)
                else:
                    for chunk in _raw(book.archive, info.filename):
                        target.write(chunk)


def _raw(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A member as it is, counted while it unpacks; pictures may hold anything, so it is not searched for entities."""
    read = 0
    with archive.open(name) as member:
        while chunk := member.read(container.CHUNK):
            read += len(chunk)
            if read > container.MOST_UNPACKED:
                raise Unreadable("bomb")
            yield chunk


def _patched(
    archive: zipfile.ZipFile, member: str, report: dict[str, Any], heading: str, reasons: Reasons
) -> Iterator[bytes]:
    column = -1
    heading_row = report["heading_row"]
    last = 0
    for piece in pieces(archive, member):
        if column < 0:
            column = _free_column(piece.head, report)
            yield _DIMENSION.sub(partial(_wider, column), piece.head, count=1)
        if piece.rows is None:
            yield b"</" + piece.prefix + b"sheetData>" + piece.tail
            return
        close = b"</" + piece.prefix + b"row>"
        parts = piece.rows.split(close)
        rows = _Rows(parts, piece, last)
        if rows.first <= heading_row <= rows.last:
            rows.append(heading_row, column, heading)
        for number, words in reasons.below(rows.last + 1):
            rows.append(number, column, words)
        last = rows.last
        yield close.join(parts)


def _free_column(head: bytes, report: dict[str, Any]) -> int:
    """The first column right of everything: of the headings, and of what the sheet says it uses."""
    match = _DIMENSION.search(head)
    used = column_index(match[2].decode()) if match and match[2] else 0
    width: int = report["width"]
    return min(max(used + 1, width), 16_382)


def _wider(column: int, match: re.Match[bytes]) -> bytes:
    if match[2] is None:
        return match[0]
    return match[1] + b":" + column_letters(column).encode() + match[3] + b'"'


class _Rows:
    """The rows of a piece, split at their closing tags. A row's number is in its tag, or follows from the one before."""

    def __init__(self, parts: list[bytes], piece: Piece, before: int) -> None:
        self._parts, self._prefix = parts, piece.prefix
        self._open = b"<" + piece.prefix + b"row"
        self._places: dict[int, int] | None = None
        count = len(parts) - 1
        first = self._number(parts[0]) if count else None
        self._numbered = first is not None
        self.first = first if first is not None else before + 1
        final = self._number(parts[count - 1]) if count else None
        self.last = final if final is not None else before + count

    def _number(self, part: bytes) -> int | None:
        at = part.rfind(self._open)
        match = re.match(rb'[^>]*?\br="([0-9]{1,9})"', part[at:]) if at >= 0 else None
        return int(match[1]) if match else None

    def append(self, number: int, column: int, words: str) -> None:
        place = number - self.first
        if self._numbered and not (0 <= place < len(self._parts) - 1 and self._number(self._parts[place]) == number):
            if self._places is None:
                self._places = {
                    found: at for at, part in enumerate(self._parts[:-1]) if (found := self._number(part)) is not None
                }
            if number not in self._places:
                return
            place = self._places[number]
        if not 0 <= place < len(self._parts) - 1:
            return
        part = self._parts[place]
        at = part.rfind(self._open)
        end = part.find(b">", at)
        tag = _SPANS.sub(b"", part[at:end])
        cell = self._cell(number, max(column, self._right_of(part[end:])), words)
        self._parts[place] = part[:at] + tag + part[end:] + cell

    @staticmethod
    def _right_of(cells: bytes) -> int:
        at = cells.rfind(b' r="')
        match = _REF.match(cells, at + 1) if at >= 0 else None
        return column_index(match[1].decode()) + 1 if match else 0

    def _cell(self, number: int, column: int, words: str) -> bytes:
        prefix = self._prefix.decode()
        ref = f' r="{column_letters(column)}{number}"' if self._numbered else ""
        text = html.escape(_UNPRINTABLE.sub("\ufffd", words)[:32_767], quote=False)
        inner = f'<{prefix}is><{prefix}t xml:space="preserve">{text}</{prefix}t></{prefix}is>'
        return f'<{prefix}c{ref} t="inlineStr">{inner}</{prefix}c>'.encode()


if __name__ == "__main__":
    sys.exit(main())
