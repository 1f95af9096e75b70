"""xlsx in bounded memory. The sheet's XML is unpacked as a stream and cut into blocks of whole rows; calamine reads each
block as a small workbook of its own. A sheet of a million rows then costs no more memory than one of twenty thousand.

The same pass sees what calamine hides: error values and uncomputed formulas (it makes blanks of both), hidden rows, and
rows far below the data.
"""

from __future__ import annotations

import io
import itertools
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import python_calamine

from portal.uploads import container
from portal.uploads.ahead import Item, ahead
from portal.uploads.trouble import Unreadable

#: Small blocks stay in the processor's cache. Each brings the shared strings along, so many of those make it larger.
BLOCK_BYTES, LARGEST_BLOCK = 2 * 2**20, 6 * 2**20
#: Bytes of shared strings that several blocks at a time may each have a copy of.
MOST_CARRIED = 32 * 2**20
MOST_BLANKS = 1_000
LONGEST_HEAD = 8 * 2**20
LONGEST_ROW = 32 * 2**20
_SHEET_DATA = re.compile(rb"<((?:\w+:)?)sheetData\s*(/?)>")
_REF = re.compile(rb'\br="([A-Z]{1,3})([0-9]+)"')
_ROW_NUMBER = re.compile(rb'\br="([0-9]+)"')
_ERROR_OR_TRUTH = re.compile(rb't="[eb]"')
_COMPUTED_TEXT = re.compile(rb'\bt="str"')
_META = re.compile(r"^zhibao:(?P<form>[A-Z0-9-]+):(?P<version>[0-9]+)(?::(?P<uscc>[0-9A-Z]{18}))?$")
META_NAME = "zhibao_template"


@dataclass
class Sheet:
    name: str
    member: str
    hidden: bool


@dataclass
class Block:
    """Rows `first` … as lists of cells, whose first column is `column` (0 is A). `marks`: (position, column) → fault."""

    first: int
    column: int
    rows: list[list[Any]]
    numbers: list[int]
    marks: dict[tuple[int, int], str]
    has_bools: bool
    hidden: int


@dataclass
class Workbook:
    archive: zipfile.ZipFile
    sheets: list[Sheet]
    dates_1904: bool
    meta: re.Match[str] | None
    shared: bytes
    styles: bytes
    cut_off: bool = False
    merged: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path) -> Workbook:
        archive = container.open_workbook(path)
        try:
            return cls._open(archive)
        except ElementTree.ParseError:
            raise Unreadable("truncated") from None

    @classmethod
    def _open(cls, archive: zipfile.ZipFile) -> Workbook:
        name = _workbook_member(archive)
        book = ElementTree.fromstring(container.content(archive, name))  # noqa: S314 -- entities were refused
        folder, base = posixpath.split(name)
        targets = _targets(container.content(archive, f"{folder}/_rels/{base}.rels"), folder)
        sheets, dates_1904, meta = [], False, None
        for item in book.iter():
            tag = _local(item.tag)
            if tag == "workbookPr":
                dates_1904 = item.get("date1904") in ("1", "true")
            elif tag == "sheet":
                key = next((value for attribute, value in item.attrib.items() if _local(attribute) == "id"), "")
                kind, target = targets.get(key, ("", ""))
                if kind.endswith("/worksheet") and target in archive.NameToInfo:
                    sheets.append(Sheet(item.get("name", ""), target, item.get("state", "visible") != "visible"))
            elif tag == "definedName" and item.get("name") == META_NAME:
                meta = _META.match((item.text or "").strip('"'))
        by_kind = {kind.rpartition("/")[2]: target for kind, target in targets.values()}
        shared = by_kind.get("sharedStrings", "")
        return cls(
            archive, sheets, dates_1904, meta,
            shared=container.content(archive, shared, container.MOST_SHARED_TEXT),
            styles=container.content(archive, by_kind.get("styles", "")),
        )  # fmt: skip

    def blocks(self, sheet: Sheet) -> Iterator[Block]:
        """The rows of the sheet, blank ones included; ends at the end, or where a thousand rows in a row are blank."""
        last, blanks = 0, 0
        for piece, table in self._ahead(self._tables(sheet)):
            if piece.rows is None or table is None:
                self.merged = [
                    ref.decode("ascii", "replace")
                    for ref in re.findall(rb'<(?:\w+:)?mergeCell\s+ref="([^"]+)"', piece.tail)
                ]
                return
            block = self._block(table, last)
            if block is None:
                blanks += piece.rows.count(b"<" + piece.prefix + b"row")
                if blanks > MOST_BLANKS:
                    self.cut_off = True
                    return
                continue
            if last and block.first - last > MOST_BLANKS:
                self.cut_off = True
                return
            kept = _until_blank(block)
            yield block
            last, blanks = block.numbers[-1] if block.numbers else last, 0
            if not kept:
                self.cut_off = True
                return

    def _ahead(self, items: Iterator[Item]) -> Iterator[Item]:
        """By a thread, unless several blocks at a time, each with all the shared strings, would take much memory."""
        return items if len(self.shared) > MOST_CARRIED else ahead(items)

    def _tables(self, sheet: Sheet) -> Iterator[tuple[Piece, Table | None]]:
        """Every piece with what calamine found in it; None with the last, which has no rows. Runs ahead of its user."""
        for piece, rows, small in self._ahead(self._small_books(sheet)):
            if piece.rows is None:
                yield piece, None
                continue
            try:
                with python_calamine.CalamineWorkbook.from_filelike(small) as book:
                    quick = book.get_sheet_by_index(0)
            except python_calamine.CalamineError:
                raise Unreadable("damaged") from None
            yield piece, Table(rows, piece.prefix, len(rows) < len(piece.rows), quick)

    def _small_books(self, sheet: Sheet) -> Iterator[tuple[Piece, bytes, io.BytesIO]]:
        """Every piece, those of its rows that are read, and a workbook of them alone. Runs ahead of calamine."""
        size = min(max(BLOCK_BYTES, len(self.shared)), LARGEST_BLOCK)
        for piece in pieces(self.archive, sheet.member, size):
            rows = _before_gap(piece.rows, piece.prefix) if piece.rows else b""
            yield piece, rows, io.BytesIO() if piece.rows is None else self._small_book(piece, rows)

    def _block(self, table: Table, last: int) -> Block | None:
        self.cut_off = self.cut_off or table.cut_off
        if table.quick.start is None:
            return None
        rows, prefix = table.rows, table.prefix
        bare = re.search(rb"<" + prefix + rb"row\b([^>]*)>", rows)
        numbered = bare is not None and _ROW_NUMBER.search(bare[1])
        top, left = table.quick.start
        cells = table.quick.to_python(skip_empty_area=True)
        first = top + 1 if numbered else last + top + 1
        marks: dict[tuple[int, int], str] = {}
        special = _ERROR_OR_TRUTH.search(rows) is not None
        _find_hidden_faults(rows, prefix, first, marks, errors=special)
        hidden = len(re.findall(rb"<" + prefix + rb'row\b[^>]*\bhidden="(?:1|true)"', rows)) if _hides(rows) else 0
        numbers = list(range(first, first + len(cells)))
        return Block(first, left, cells, numbers, marks, special and b't="b"' in rows, hidden)

    def _small_book(self, piece: Piece, rows: bytes) -> io.BytesIO:
        small = io.BytesIO()
        with zipfile.ZipFile(small, "w", zipfile.ZIP_STORED) as made:
            for name, text in PARTS.items():
                made.writestr(
                    name, text.replace("<sheets>", '<workbookPr date1904="1"/><sheets>') if self.dates_1904 else text
                )
            if self.styles:
                made.writestr("xl/styles.xml", self.styles)
            if self.shared:
                made.writestr("xl/sharedStrings.xml", self.shared)
            with made.open("xl/worksheets/sheet1.xml", "w") as member:
                member.write(piece.head)
                member.write(rows)
                member.write(b"</" + piece.prefix + b"sheetData></" + piece.root + b">")
        small.seek(0)
        return small


@dataclass
class Piece:
    """A run of whole rows of a sheet's XML with what stands before it; the last has no rows and the rest in `tail`."""

    head: bytes
    prefix: bytes
    root: bytes
    rows: bytes | None
    tail: bytes = b""


@dataclass
class Table:
    """What calamine found in the rows of a piece; `cut_off` when they are not all of its rows."""

    rows: bytes
    prefix: bytes
    cut_off: bool
    quick: python_calamine.CalamineSheet


def pieces(archive: zipfile.ZipFile, member: str, size: int = BLOCK_BYTES) -> Iterator[Piece]:
    """The sheet's XML, cut after rows; the last piece has no rows. Raises Unreadable where there is no sheet in it."""
    source = container.stream(archive, member)
    start, prefix, root, buffer, over = _head(source)
    close, end, searched = b"</" + prefix + b"row>", b"</" + prefix + b"sheetData>", 0
    while not over:
        found = buffer.find(end, max(0, searched - len(end)))
        searched = len(buffer)
        if found >= 0:
            rows = _taken(buffer, found)
            del buffer[: len(end)]
            if rows.strip():
                yield Piece(start, prefix, root, rows)
            break
        if searched >= size and (cut := buffer.rfind(close)) >= 0:
            rows = _taken(buffer, cut + len(close))
            searched = len(buffer)
            yield Piece(start, prefix, root, rows)
        chunk = next(source, None)
        if chunk is None or searched > LONGEST_ROW:
            raise Unreadable("damaged")
        buffer += chunk
    yield Piece(start, prefix, root, None, bytes(buffer) + b"".join(source))


def _taken(buffer: bytearray, count: int) -> bytes:
    """The first bytes of the buffer, which loses them."""
    with memoryview(buffer) as view:
        taken = bytes(view[:count])
    del buffer[:count]
    return taken


def _head(source: Iterator[bytes]) -> tuple[bytes, bytes, bytes, bytearray, bool]:
    """What stands before the rows, ending with the opened element; its prefix, the root's name, the rest, and whether
    there are no rows at all."""
    head, match = b"", None
    while match is None:
        chunk = next(source, None)
        if chunk is None or len(head) > LONGEST_HEAD:
            raise Unreadable("damaged")
        head += chunk
        match = _SHEET_DATA.search(head)
    prefix = match[1]
    start = head[: match.start()] + b"<" + prefix + b"sheetData>"
    root = re.search(rb"<((?:\w+:)?worksheet)\b", start)
    if root is None:
        raise Unreadable("damaged")
    return start, prefix, root[1], bytearray(head[match.end() :]), bool(match[2])


def _before_gap(rows: bytes, prefix: bytes) -> bytes:
    """The rows up to the first jump of more than a thousand: a dense table of what follows could fill the memory."""
    opening = b"<" + prefix + b"row"
    ends = [
        _ROW_NUMBER.search(rows, at, rows.find(b">", at)) for at in (rows.find(opening), rows.rfind(opening)) if at >= 0
    ]
    if len(ends) < 2 or not (ends[0] and ends[1]):
        return rows
    if (span := int(ends[1][1]) - int(ends[0][1])) < MOST_BLANKS or span < rows.count(opening) + MOST_BLANKS:
        return rows
    numbers = [int(number) for number in re.findall(rb"<" + prefix + rb'row\b[^>]*?\br="([0-9]{1,9})"', rows)]
    for before, after in itertools.pairwise(numbers):
        if after - before > MOST_BLANKS:
            match = re.search(rb"<" + prefix + rb'row\b[^>]*?\br="%d"' % after, rows)
            return rows[: match.start()] if match else rows
    return rows


def _until_blank(block: Block) -> bool:
    """Drop what follows more than a thousand blank rows within the block; False when something was dropped."""
    if all(map(any, block.rows)):
        return True
    run = 0
    for position, row in enumerate(block.rows):
        if any(cell not in ("", None) for cell in row):
            run = 0
            continue
        run += 1
        if run > MOST_BLANKS:
            del block.rows[position:], block.numbers[position:]
            return False
    return True


def _hides(rows: bytes) -> bool:
    """Whether a row may be hidden. A single letter is looked for ten times as fast as a word."""
    return b"d" in rows and b" hidden=" in rows


def _find_hidden_faults(
    rows: bytes, prefix: bytes, first: int, marks: dict[tuple[int, int], str], *, errors: bool
) -> None:
    """Error values, and formulas that no program has computed: calamine shows both as blanks. A formula whose type says
    text and that has no value was computed: its text is empty."""
    if errors:
        for cell in re.finditer(rb"<" + prefix + rb'c\b([^>]*\bt="e"[^>]*)>', rows):
            _mark(cell[1], first, marks, "error")
    if b"f" in rows and b"<" + prefix + b"f" in rows:
        pattern = rb"<" + prefix + rb"c\b([^>]*)>\s*<" + prefix + rb"f\b(?:[^>]*/>|[^>]*>[^<]*</" + prefix + rb"f>)\s*"
        pattern += rb"(?:</" + prefix + rb"c>|<" + prefix + rb"v\s*/>|<" + prefix + rb"v></)"
        for cell in re.finditer(pattern, rows):
            if not _COMPUTED_TEXT.search(cell[1]):
                _mark(cell[1], first, marks, "formula")


def _mark(attributes: bytes, first: int, marks: dict[tuple[int, int], str], code: str) -> None:
    ref = _REF.search(attributes)
    if ref is not None:
        marks[int(ref[2]) - first, column_index(ref[1].decode())] = code


def column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def column_letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _workbook_member(archive: zipfile.ZipFile) -> str:
    targets = _targets(container.content(archive, "_rels/.rels"), "")
    for kind, target in targets.values():
        if kind.endswith("/officeDocument") and target in archive.NameToInfo:
            return target
    if "xl/workbook.xml" in archive.NameToInfo:
        return "xl/workbook.xml"
    raise Unreadable("damaged")


def _targets(rels: bytes, folder: str) -> dict[str, tuple[str, str]]:
    if not rels:
        return {}
    found = {}
    for item in ElementTree.fromstring(rels):  # noqa: S314 -- entities were refused
        target = item.get("Target", "")
        path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[item.get("Id", "")] = item.get("Type", ""), path
    return found


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
#: Everything of the small workbook but its sheet.
PARTS = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<?xml version="1.0"?><Relationships xmlns="{_RELS}"><Relationship Id="r1" Type="{_DOC}/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>'
    '<sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<?xml version="1.0"?><Relationships xmlns="{_RELS}">'
    f'<Relationship Id="r1" Type="{_DOC}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_DOC}/styles" Target="styles.xml"/>'
    f'<Relationship Id="r3" Type="{_DOC}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}
