"""The program that looks at a PDF, PNG or JPEG, or a workbook where one is taken, that somebody sent as an attachment:
is it that, whole, and nothing beside?

What it refuses: other kinds, broken or encrypted documents, documents with programs, forms that run programs, other files
inside, and pictures too large to be opened. It runs as a bounded child: `python -m portal.uploads.documents`.
"""

from __future__ import annotations

import re
import sys
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.uploads.answering import answer
from portal.uploads.container import open_workbook
from portal.uploads.limits import take_task
from portal.uploads.trouble import Unreadable

MOST_PIXELS = 100_000_000
#: Unpacked bytes of the object streams of one PDF; they hold its structure, not its pictures.
MOST_UNPACKED = 64 * 2**20
#: Unpacked bytes of all members of a workbook.
MOST_WORKBOOK = 256 * 2**20
TAIL = 2048
_PICTURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}
_STREAM = re.compile(rb"<<(?P<head>(?:(?!endobj).){0,4000}?)>>\s*stream\r?\n", re.DOTALL)
_NAME = re.compile(rb"/((?:[^\x00-\x20()<>\[\]{}/%#]|#[0-9A-Fa-f]{2})+)")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
#: Names of a PDF's own language that make it more than pages.
PROGRAMS = frozenset(
    (b"JavaScript", b"JS", b"Launch", b"SubmitForm", b"ImportData", b"XFA", b"RichMedia", b"Movie", b"3D")
)
FILES = frozenset((b"EmbeddedFile", b"EmbeddedFiles", b"FileAttachment", b"Collection"))


def inspect(path: Path, workbooks: bool = False) -> dict[str, Any]:
    """{"kind": "pdf"|"png"|"jpeg", "pages": …}, with `workbooks` also "xlsx"; Unreadable says why not."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise Unreadable("empty")
    if head.startswith(b"%PDF-"):
        return {"kind": "pdf", "pages": _pages(path.read_bytes())}
    kind = next((kind for magic, kind in _PICTURES.items() if head.startswith(magic)), None)
    if workbooks and head.startswith(b"PK\x03\x04"):
        _look_at_workbook(path)
        return {"kind": "xlsx", "pages": 1}
    if kind is None:
        raise Unreadable("foreign")
    _look_at_picture(path, kind)
    return {"kind": kind, "pages": 1}


def _look_at_workbook(path: Path) -> None:
    with open_workbook(path, MOST_WORKBOOK) as archive:
        try:
            bad = archive.testzip()
        except MemoryError:
            raise
        except Exception as error:  # as for pictures
            raise Unreadable("broken", why=type(error).__name__) from None
    if bad is not None:
        raise Unreadable("broken", why="member")


def _look_at_picture(path: Path, kind: str) -> None:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(path, formats=(kind.upper(),)) as picture:
            picture.verify()
        with Image.open(path, formats=(kind.upper(),)) as picture:
            picture.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Unreadable("pixels") from None
    except MemoryError:
        raise
    except Exception as error:  # a broken picture fails in as many ways as there are decoders
        raise Unreadable("broken", why=type(error).__name__) from None


def _pages(content: bytes) -> int:
    if b"%%EOF" not in content[-TAIL:] or b"startxref" not in content[-TAIL:]:
        raise Unreadable("truncated")
    names: dict[bytes, int] = {}
    pages = 0
    for part in _structure(content):
        for found in _NAME.finditer(part):
            name = _ESCAPE.sub(lambda hexed: bytes((int(hexed[1], 16),)), found[1])
            names[name] = names.get(name, 0) + 1
        pages += len(re.findall(rb"/Type\s*/Page(?![A-Za-z#])", part))
    if b"Encrypt" in names:
        raise Unreadable("encrypted")
    if PROGRAMS & names.keys():
        raise Unreadable("programs")
    if FILES & names.keys():
        raise Unreadable("files_inside")
    if not pages:
        raise Unreadable("no_page")
    return pages


def _structure(content: bytes) -> Iterator[bytes]:
    """Everything outside streams, and the objects packed into object streams."""
    at, unpacked = 0, 0
    for found in _STREAM.finditer(content):
        if found.start() < at:
            continue
        yield content[at : found.end()]
        end = content.find(b"endstream", found.end())
        end = len(content) if end < 0 else end
        at = end
        if b"ObjStm" not in found["head"]:
            continue
        packed, reader = content[found.end() : end], zlib.decompressobj()
        try:
            plain = reader.decompress(packed, MOST_UNPACKED - unpacked) if b"Flate" in found["head"] else packed
        except zlib.error:
            raise Unreadable("broken", why="stream") from None
        unpacked += len(plain)
        if unpacked >= MOST_UNPACKED:
            raise Unreadable("bomb")
        yield plain
    yield content[at:]


def main() -> int:
    task = take_task()
    return answer(lambda: inspect(Path(task["path"]), bool(task.get("workbooks"))))


if __name__ == "__main__":
    sys.exit(main())
