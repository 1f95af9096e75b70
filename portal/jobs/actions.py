"""Asking for work in the background."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.jobs.broker import hint
from portal.jobs.models import Job
from portal.jobs.tasks import run

if TYPE_CHECKING:
    from institutions.models import Membership


def create(*, kind: str, by: Membership | None, params: dict[str, Any], language: str = "") -> Job:
    """A waiting job in the caller's transaction; a worker hears of it after the commit.

    `params` is JSON with ids, never with rights: the handler looks them up again. `language` is that of the result and of
    the messages, the asker's own unless given. A broker that is down delays the work and fails nothing.
    """
    if not language:
        language = by.user.language if by is not None else "zh-hans"
    job = Job.objects.create(kind=kind, asker=by, params=params, language=language)
    transaction.on_commit(partial(hint, run, str(job.pk)))
    return job
