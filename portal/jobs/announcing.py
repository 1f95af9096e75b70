"""Telling the asker, who may have left the page, that long work is finished or that any work failed."""

from __future__ import annotations

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from portal.inbox.actions import notify
from portal.inbox.models import Notice
from portal.jobs.models import Job
from portal.jobs.registry import UnknownKind, find


def announce(job: Job, *, failed: bool) -> None:
    """Once for each job, however often it is called. A job of the system tells nobody."""
    if job.asker is None:
        return
    subject_zh, subject_en = _in("zh-hans", job, failed), _in("en", job, failed)
    notify(
        recipients=[job.asker.user],
        kind=Notice.Kind.INFORMATION,
        subject_zh=subject_zh,
        subject_en=subject_en,
        link=reverse("jobs:job-detail", args=[job.pk]),
        once_key=f"job:{job.pk}",
    )


def _in(language: str, job: Job, failed: bool) -> str:
    with translation.override(language):
        title = _title(job)
        if failed:
            return _("Stopped: %(work)s") % {"work": title}
        return _("Ready: %(work)s") % {"work": title}


def _title(job: Job) -> str:
    try:
        return str(find(job.kind).title)
    except UnknownKind:
        return job.kind
