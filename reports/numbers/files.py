"""Where uploads and marked copies lie: MEDIA_ROOT/numbers/<institution>/<random>, never under a name from outside."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings


def new_path(institution_id: int, suffix: str = "") -> Path:
    folder = Path(settings.MEDIA_ROOT) / "numbers" / str(institution_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{secrets.token_hex(12)}{suffix}"


def path_of(stored: str) -> Path:
    """The file of a stored name; ValueError for a name that leads outside."""
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / stored).resolve()
    if not stored or not path.is_relative_to(root / "numbers"):
        raise ValueError(f"{stored!r} is no stored file of numbers.")
    return path


def below_root(path: Path) -> str:
    return str(path.relative_to(settings.MEDIA_ROOT))


class TooBig(Exception):
    """More bytes than allowed; what was written is gone."""


def keep(institution_id: int, chunks: Iterable[bytes], most: int) -> tuple[Path, int, str]:
    """Write the bytes aside, flushed to the disk: (path, size, SHA-256). Nothing is left behind on an error."""
    path = new_path(institution_id, ".upload")
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise TooBig
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, size, digest.hexdigest()
