"""Keeping what people send: under a name of our own, counted while it is written, and shown under a harmless form of theirs."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from portal.errors import NoRoom, disk_is_full

_NAME_NOISE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff/\\\\]+")
LONGEST_NAME = 200


class TooBig(Exception):
    """More bytes than allowed; what was written is gone."""


@dataclass(frozen=True, slots=True)
class Kept:
    """`stored_as` is the path below MEDIA_ROOT."""

    path: Path
    stored_as: str
    size: int
    sha256: str


def keep(folder: str, chunks: Iterable[bytes], most: int) -> Kept:
    """Write the bytes to a new file below MEDIA_ROOT/folder, flushed to the disk. Nothing is left behind on an error.

    Raises TooBig, and NoRoom when the disk is full.
    """
    try:
        return _written(new_path(folder, ".upload"), chunks, most)
    except OSError as error:
        if disk_is_full(error):
            raise NoRoom from error
        raise


def _written(path: Path, chunks: Iterable[bytes], most: int) -> Kept:
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
    return Kept(path, str(path.relative_to(settings.MEDIA_ROOT)), size, digest.hexdigest())


def new_path(folder: str, suffix: str) -> Path:
    """A name nobody can guess; the folder is made where it is missing."""
    place = Path(settings.MEDIA_ROOT) / folder
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place / f"{secrets.token_hex(12)}{suffix}"


def path_of(stored_as: str, folder: str) -> Path:
    """The file of a stored name; ValueError for a name that leads outside the folder."""
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / stored_as).resolve()
    if not stored_as or not path.is_relative_to(root / folder):
        raise ValueError(f"{stored_as!r} is no stored file of {folder}.")
    return path


def content_of(path: Path, sha256: str) -> bytes | None:
    """The file as it was kept; None when it is missing or another."""
    content = path.read_bytes() if path.is_file() else None
    if content is None or hashlib.sha256(content).hexdigest() != sha256:
        return None
    return content


def clean_name(name: str) -> str:
    """The name as it is shown: the last part of a path, printable, at most 200 characters with its ending kept."""
    plain = _NAME_NOISE.sub(" ", re.split(r"[/\\]", name)[-1]).strip() or "—"
    if len(plain) <= LONGEST_NAME:
        return plain
    suffix = Path(plain).suffix[:10]
    return plain[: LONGEST_NAME - 1 - len(suffix)] + "…" + suffix
