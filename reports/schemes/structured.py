"""Answers that are lists: the lines of a cell of rows, and the files behind a cell of files. Stored as JSON, shown as text."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

KINDS = frozenset(("rows", "file"))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as the answer keeps it: the digest makes it part of what is signed. `of` is the digest of the answers that
    stood when it was sent."""

    id: str
    name: str
    sha256: str
    size: int
    kind: str
    of: str = ""


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _list(stored: str | None) -> list[dict[str, Any]]:
    """What is no list of objects counts as one line of text, so that nothing typed is hidden."""
    if not stored:
        return []
    try:
        found = json.loads(stored)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, list) and all(isinstance(one, dict) for one in found):
        return found
    return [{"": stored}]


def rows_of(stored: str | None) -> list[dict[str, str]]:
    return [{str(name): str(value) for name, value in row.items()} for row in _list(stored)]


def files_of(stored: str | None) -> list[StoredFile]:
    return [StoredFile(**one) for one in _list(stored) if one.keys() >= {"id", "name", "sha256", "size", "kind"}]


def store_files(files: list[StoredFile]) -> str | None:
    return dump([asdict(file) for file in files]) if files else None


def words(stored: str) -> str:
    """Lines, their parts parted by commas; files by name, with the beginning of their digest."""
    files = files_of(stored)
    if files:
        return "\n".join(f"{file.name} ({file.sha256[:8]})" for file in files)
    return "\n".join(" · ".join(value for value in row.values() if value) for row in rows_of(stored))
