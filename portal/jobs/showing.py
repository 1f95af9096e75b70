"""What a reader is told about a job: step, share, time left, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.jobs.broker import seems_down
from portal.jobs.models import Job
from portal.jobs.registry import Kind, UnknownKind, find
from portal.ui.figures import figure

LATE = timedelta(seconds=10)  # a worker that is free takes a job at once
FIRST_GUESS = timedelta(seconds=3)

STATES = {
    Job.State.QUEUED: "waiting",
    Job.State.RUNNING: "running",
    Job.State.DONE: "done",
    Job.State.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """`state` is a code of `portal.ui.states`. `share` is whole per cent, None while the end is not known."""

    job: Job
    title: str
    state: str
    step: str
    count: str
    share: int | None
    left: str
    late: bool

    @property
    def has_file(self) -> bool:
        return bool(self.job.result_file)

    @property
    def expired(self) -> bool:
        return bool(self.job.result_name) and not self.job.result_file


def shown(job: Any) -> Shown:
    """`job` comes from `queries.visible_to`, which gives it the database's time."""
    kind = _kind(job.kind)
    running = job.state == Job.State.RUNNING
    waiting = job.state == Job.State.QUEUED
    return Shown(
        job=job,
        title=title_of(job.kind),
        state=STATES[job.state],
        step=_step(kind, job.phase) if running else "",
        count=_count(job) if running else "",
        share=min(100, job.done * 100 // job.total) if running and job.total else None,
        left=_left(job, job.now) if running else "",
        late=waiting and (seems_down() or job.now - job.created_at > LATE),
    )


def title_of(code: str) -> str:
    """What this kind of work is called; its code where it is not known any more."""
    kind = _kind(code)
    return str(kind.title) if kind else code


def _kind(code: str) -> Kind | None:
    try:
        return find(code)
    except UnknownKind:
        return None


def _step(kind: Kind | None, phase: str) -> str:
    if kind is None or phase not in kind.phases:
        return ""
    names = list(kind.phases)
    if len(names) == 1:
        return str(kind.phases[phase])
    return _("Step %(number)s of %(steps)s: %(name)s") % {
        "number": names.index(phase) + 1,
        "steps": len(names),
        "name": kind.phases[phase],
    }


def _count(job: Job) -> str:
    if not job.done:
        return ""
    if job.total is None:
        return _("%(done)s done") % {"done": figure(job.done)}
    return _("%(done)s of %(total)s") % {"done": figure(job.done), "total": figure(job.total)}


def _left(job: Job, now: datetime) -> str:
    """The rest of this step at the pace so far; nothing before there is a pace to speak of."""
    if not (job.started_at and job.total and 0 < job.done < job.total):
        return ""
    spent = now - job.started_at
    if spent < FIRST_GUESS or job.done * 50 < job.total:
        return ""
    seconds = max(1, int((spent * (job.total - job.done) // job.done).total_seconds()))
    if seconds < 60:
        return ngettext("about %(count)s second left", "about %(count)s seconds left", seconds) % {"count": seconds}
    minutes = -(-seconds // 60)
    if minutes < 120:
        return ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes) % {"count": minutes}
    hours = -(-minutes // 60)
    return ngettext("about %(count)s hour left", "about %(count)s hours left", hours) % {"count": hours}
