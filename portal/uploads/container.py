"""What kind of file it is by its first bytes, and whether a workbook may be opened. The name decides nothing."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from portal.uploads.trouble import Unreadable

MOST_MEMBERS = 1_000
MOST_UNPACKED = 2 * 2**30  # bytes of all members together; a million rows with nine columns unpack to about 0.6 GB
MOST_RATIO = 100
RATIO_FROM = 4 * 2**20  # small members may well pack 200:1 and do no harm
MOST_SHARED_TEXT = 256 * 2**20
CHUNK = 2**20

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
PICTURES = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
}
OTHERS = {b"Rar!": "RAR", b"7z\xbc\xaf": "7z", b"\x1f\x8b": "gzip", b"{\\rtf": "RTF"}
_HTML = re.compile(rb"\s*(?:<!doctype\s+html|<html|<head|<table|<meta)", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml")
_COMMENTS = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ENCRYPTED, _DOCUMENT = "EncryptedPackage".encode("utf-16-le"), "WordDocument".encode("utf-16-le")


def kind_of(path: Path) -> str:
    """ "xlsx" or "text"; anything else is refused by its name."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise Unreadable("empty")
    if head.startswith(OLE):
        if _contains(path, _DOCUMENT):
            raise Unreadable("foreign", kind="DOC/WPS")
        raise Unreadable("encrypted" if _contains(path, _ENCRYPTED) else "xls")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    if head.startswith(b"%PDF"):
        raise Unreadable("foreign", kind="PDF")
    for magic, name in (PICTURES | OTHERS).items():
        if head.startswith(magic):
            raise Unreadable("foreign", kind=name)
    if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise Unreadable("foreign", kind="HTML")
    if _XML.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise Unreadable("foreign", kind="XML")
    return "text"


def _contains(path: Path, words: bytes) -> bool:
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(CHUNK):
            if words in tail + chunk:
                return True
            tail = chunk[-len(words) :]
    return False


def open_workbook(path: Path, most: int = MOST_UNPACKED) -> zipfile.ZipFile:
    """The container, after the checks that need no unpacking; `most` bytes of all members together. Raises Unreadable."""
    try:
        archive = zipfile.ZipFile(path)
        members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Unreadable("truncated") from None
    if len(members) > MOST_MEMBERS:
        raise Unreadable("bomb")
    if sum(member.file_size for member in members) > most:
        raise Unreadable("bomb")
    for member in members:
        if member.flag_bits & 1:
            raise Unreadable("encrypted")
        if member.file_size > RATIO_FROM and member.file_size > MOST_RATIO * max(member.compress_size, 1):
            raise Unreadable("bomb")
    _must_be_workbook({member.filename for member in members})
    return archive


def _must_be_workbook(names: set[str]) -> None:
    if "[Content_Types].xml" not in names:
        raise Unreadable("foreign", kind=_kind_of_archive(names))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable("macros")
    if not any(name.startswith("xl/") for name in names):
        raise Unreadable("foreign", kind=_kind_of_archive(names))
    if "xl/workbook.bin" in names:
        raise Unreadable("foreign", kind="XLSB")


def _kind_of_archive(names: set[str]) -> str:
    if "content.xml" in names:
        return "ODS"
    if any(name.startswith("word/") for name in names):
        return "DOCX"
    if any(name.startswith("ppt/") for name in names):
        return "PPTX"
    return "ZIP"


def stream(archive: zipfile.ZipFile, name: str, most: int = MOST_UNPACKED) -> Iterator[bytes]:
    """A member piece by piece, counted while it unpacks: what the directory says may be a lie. Refuses entities."""
    read, prolog = 0, b""
    open_prolog = True
    try:
        with archive.open(name) as member:
            while chunk := _next(member):
                read += len(chunk)
                packed = archive.getinfo(name).compress_size
                if read > most or (read > RATIO_FROM and read > MOST_RATIO * max(packed, 1)):
                    raise Unreadable("bomb")
                if open_prolog:
                    prolog += chunk
                    open_prolog = _in_prolog(prolog)
                yield chunk
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise Unreadable("truncated") from error
    except (NotImplementedError, RuntimeError) as error:
        raise Unreadable("unusual") from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise Unreadable("truncated") from error
        raise


def _in_prolog(head: bytes) -> bool:
    """Whether the first element is still to come. A document type, which alone can bring entities, is refused."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable("unusual")
    bare = _COMMENTS.sub(b"", head)
    at = bare.find(b"<")
    if at < 0 or bare[at : at + 4] == b"<!--" or bare[at : at + 2] == b"<?" or len(bare) < at + 4:
        if len(head) > RATIO_FROM:
            raise Unreadable("unusual")
        return True
    if bare[at : at + 2] == b"<!":
        raise Unreadable("entities")
    return False


def _next(member: IO[bytes]) -> bytes:
    return member.read(CHUNK)


def content(archive: zipfile.ZipFile, name: str, most: int = 8 * 2**20) -> bytes:
    """A small member whole; empty when there is none."""
    if name not in archive.NameToInfo:
        return b""
    return b"".join(stream(archive, name, most))


def verified_workbook(path: Path, most: int) -> zipfile.ZipFile:
    """A workbook after every guard; a library may read the file now. Text is refused too."""
    if kind_of(path) == "text":
        raise Unreadable("foreign", kind="CSV")
    archive = open_workbook(path, most)
    verify(archive, most)
    return archive


def verify(archive: zipfile.ZipFile, most: int) -> None:
    """Unpack every part of a workbook that is XML once, counting and looking for entities, before a library reads them."""
    left = most
    for info in archive.infolist():
        if info.is_dir() or not info.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        for chunk in stream(archive, info.filename, left):
            left -= len(chunk)
