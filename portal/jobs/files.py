"""Where result files lie. One is offered only when it is whole: written aside, flushed to the disk, then renamed.

MEDIA_ROOT/jobs/<job id>/<random>.part…   in the making
MEDIA_ROOT/jobs/<job id>/<random>…        finished; `Job.result_file` names it
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from pathlib import Path

from django.conf import settings

from portal.jobs.models import Job

PART = ".part"


def _folder(job_id: object) -> Path:
    return Path(settings.MEDIA_ROOT) / "jobs" / str(job_id)


def scratch_path(job: Job, suffix: str = "") -> Path:
    """A new name for a file in the making; `suffix` such as ".xlsx" is kept for libraries that look at it."""
    if suffix and not re.fullmatch(r"\.[A-Za-z0-9.]{1,10}", suffix):
        raise ValueError(f"{suffix!r} is not a file suffix.")
    folder = _folder(job.pk)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{secrets.token_hex(8)}{PART}{suffix}"


def publish(job: Job, made: Path) -> str:
    """Make a file from `scratch_path` the finished one; returns its path below MEDIA_ROOT. Safe against a power cut."""
    folder = _folder(job.pk)
    if made.parent != folder or PART not in made.name:
        raise ValueError(f"{made} did not come from progress.scratch().")
    with made.open("rb") as file:
        os.fsync(file.fileno())
    final = made.with_name(made.name.replace(PART, "", 1))
    made.rename(final)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return str(final.relative_to(settings.MEDIA_ROOT))


def result_path(job: Job) -> Path | None:
    """The finished file, or None when there is none (any more)."""
    if not job.result_file:
        return None
    path = (Path(settings.MEDIA_ROOT) / job.result_file).resolve()
    inside = path.is_relative_to(_folder(job.pk).resolve())
    return path if inside and path.is_file() else None


def remove(path: str) -> None:
    """A published file that is not offered after all; `path` is below MEDIA_ROOT."""
    (Path(settings.MEDIA_ROOT) / path).unlink(missing_ok=True)


def discard(job: Job, *, keep: str = "") -> None:
    """Remove the files of a job; `keep` is the path below MEDIA_ROOT of the one to leave."""
    folder = _folder(job.pk)
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.glob("*"):
        if path != Path(settings.MEDIA_ROOT) / keep:
            path.unlink(missing_ok=True)
