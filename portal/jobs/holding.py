"""How a job changes hands. Every move is one conditional UPDATE, so that two workers never hold the same job.

`attempts` is also the fencing number: a worker that was silent too long finds it changed and its writes without effect.
Times are the database's.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now

from portal.jobs.models import Job

LONG = timedelta(seconds=60)


def _before(seconds: float) -> Combinable:
    return Now() - timedelta(seconds=seconds)


def silent() -> Q:
    """Running, but without a sign of life for so long that its worker counts as dead."""
    return Q(state=Job.State.RUNNING, beat_at__lt=_before(settings.JOB_STALE_SECONDS))


def claim(job_id: uuid.UUID | str) -> Job | None:
    """The job, now ours, or None when somebody else has it, it is over, or it was tried often enough."""
    free = Job.objects.filter(Q(state=Job.State.QUEUED) | silent(), pk=job_id, attempts__lt=settings.JOB_ATTEMPTS)
    taken = free.update(
        state=Job.State.RUNNING,
        attempts=F("attempts") + 1,
        started_at=Now(),
        beat_at=Now(),
        phase="",
        done=0,
        total=None,
    )
    return Job.objects.get(pk=job_id) if taken else None


def _held(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)


def finish(job: Job, *, result_file: str, result_name: str, days: int | None) -> bool:
    """False when the job is no longer ours."""
    expires = Now() + timedelta(days=settings.JOB_RESULT_DAYS if days is None else days)
    return bool(
        _held(job).update(
            state=Job.State.DONE,
            finished_at=Now(),
            result_file=result_file,
            result_name=result_name,
            expires_at=expires if result_file else None,
        )
    )


def fail(job: Job, *, reason: str, reference: str) -> bool:
    """False when the job is no longer ours."""
    failed = {"state": Job.State.FAILED, "finished_at": Now(), "reason": reason, "reference": reference}
    return bool(_held(job).update(**failed))


def put_back(job: Job, *, only_silent: bool = False) -> bool:
    """To be tried again later; False when it was tried often enough, is no longer ours, or (`only_silent`) beats again."""
    again = _held(job).filter(attempts__lt=settings.JOB_ATTEMPTS)
    if only_silent:
        again = again.filter(silent())
    return bool(again.update(state=Job.State.QUEUED, beat_at=Now()))


def is_spent(job: Job) -> bool:
    """Silent in its last attempt."""
    return _held(job).filter(silent(), attempts__gte=settings.JOB_ATTEMPTS).exists()


def took_long(job: Job) -> bool:
    """Longer than somebody stays on the page, counted from the asking."""
    return Job.objects.filter(pk=job.pk, finished_at__gt=F("created_at") + LONG).exists()


def untold() -> QuerySet[Job]:
    """Waiting jobs of which the broker may know nothing, longest untold first. `beat_at` of one is when it was last told."""
    told = Coalesce("beat_at", "created_at")
    waiting = Job.objects.filter(state=Job.State.QUEUED).annotate(told=told)
    return waiting.filter(told__lt=_before(settings.JOB_QUEUED_SECONDS)).order_by("told")
