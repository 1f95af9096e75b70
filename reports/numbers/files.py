"""Where uploads and marked copies lie: MEDIA_ROOT/numbers/<institution>/<random>, never under a name from outside."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from portal.uploads import storage
from portal.uploads.storage import TooBig

__all__ = ["TooBig", "below_root", "keep", "new_path", "path_of"]

FOLDER = "numbers"


def new_path(institution_id: int, suffix: str = "") -> Path:
    return storage.new_path(f"{FOLDER}/{institution_id}", suffix)


def path_of(stored: str) -> Path:
    """The file of a stored name; ValueError for a name that leads outside."""
    return storage.path_of(stored, FOLDER)


def below_root(path: Path) -> str:
    return str(path.relative_to(settings.MEDIA_ROOT))


def keep(institution_id: int, chunks: Iterable[bytes], most: int) -> tuple[Path, int, str]:
    """Write the bytes aside, flushed to the disk: (path, size, SHA-256). Nothing is left behind on an error."""
    kept = storage.keep(f"{FOLDER}/{institution_id}", chunks, most)
    return kept.path, kept.size, kept.sha256
