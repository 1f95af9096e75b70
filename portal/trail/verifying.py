"""The verification asked for on a page: done in the background, its outcome kept in the trail itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.jobs.actions import create
from portal.jobs.models import Job
from portal.jobs.registry import Progress, Result
from portal.trail.actions import record
from portal.trail.models import Event
from portal.trail.queries import verification_by
from portal.trail.rules import NotOpen, can_read
from portal.trail.verify import verify

if TYPE_CHECKING:
    from institutions.models import Membership


def ask_for_verification(*, by: Membership, anchor: str) -> Job:
    """`anchor` is a digest or empty."""
    verdict = can_read(by)
    if not verdict:
        raise NotOpen(verdict.reason)
    with transaction.atomic():
        return create(kind="trail.verify", by=by, params={"anchor": anchor})


def work(job: Job, progress: Progress) -> Result:
    """Verify once, whatever becomes of the worker, and offer the outcome as a text to keep."""
    verdict = can_read(job.asker)
    if not verdict:
        raise NotOpen(verdict.reason)
    path = progress.scratch(".txt")
    _write(path, verification_by(job) or _verified(job, progress))
    return Result(path=path, name=f"{_('Verification of the trail')}-{timezone.localdate().isoformat()}.txt")


def _verified(job: Job, progress: Progress) -> Event:
    progress("verify")
    anchor: str = job.params["anchor"]
    found = verify(anchor=anchor, tell=lambda done, total: progress(done=done, total=total))
    fault = str(found.broken or "")
    details = {"count": found.count, "head": found.head, "anchor": anchor, "fault": fault, "job": str(job.pk)}
    return record("trail.verified", by=job.asker, details=details, succeeded=found.broken is None)


def _write(path: Path, event: Event) -> None:
    said = _("The trail holds: %(count)s events.") % event.details if event.succeeded else event.details["fault"]
    lines = [timezone.localtime(event.at).isoformat(sep=" ", timespec="seconds"), said, event.details["head"]]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
