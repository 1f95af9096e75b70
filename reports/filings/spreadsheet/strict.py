"""Workbooks saved as “Strict Open XML”. The library knows the ordinary names of the format alone, so it gets a copy with those."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import IO

from portal.uploads import container

MARK = b"http://purl.oclc.org/ooxml/"
NAMES = (
    (MARK + b"spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (MARK + b"officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (MARK + b"drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)


def opened(path: Path, archive: zipfile.ZipFile, most: int) -> IO[bytes]:
    """The file itself, or in memory the copy. `archive` was verified; `most` bounds a member of it."""
    if MARK not in container.content(archive, "xl/workbook.xml", most):
        return path.open("rb")
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as made:
        for name in archive.namelist():
            data = container.content(archive, name, most)
            if name.endswith((".xml", ".rels")):
                for strict, ordinary in NAMES:
                    data = data.replace(strict, ordinary)
            made.writestr(name, data)
    copy.seek(0)
    return copy
