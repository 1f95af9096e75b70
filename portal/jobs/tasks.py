"""Running the jobs, and sweeping up after workers that died, brokers that forgot and files that expired."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError, close_old_connections
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from portal.errors import Refused, new_reference
from portal.jobs import files, holding
from portal.jobs.announcing import announce
from portal.jobs.broker import hint
from portal.jobs.models import Job
from portal.jobs.progress import Heartbeat, JobLost
from portal.jobs.registry import Result, UnknownKind, find
from portal.trail.context import Origin, origin

log = logging.getLogger(__name__)

RETOLD_AT_ONCE = 100  # a broker that lost everything fills up again over a few sweeps, the longest waiting first


@shared_task(name="portal.jobs.tasks.run")
def run(job_id: str) -> None:
    """Do the job if it is free. A second message for it, or one for a job that is over or gone, does nothing."""
    job = holding.claim(job_id)
    if job is None:
        return
    reference = new_reference()
    token = origin.set(Origin(reference=reference))
    try:
        with translation.override(job.language):
            _work(job, reference)
    finally:
        origin.reset(token)


def _work(job: Job, reference: str) -> None:
    try:
        with Heartbeat(job) as progress:
            result = find(job.kind).run(job, progress)
        _keep(job, result)
    except JobLost:
        log.warning("Job %s went on elsewhere after attempt %s.", job.pk, job.attempts)
    except (OperationalError, InterfaceError) as error:
        log.warning("Job %s lost the database in attempt %s, reference %s: %s", job.pk, job.attempts, reference, error)
        close_old_connections()
        if not holding.put_back(job):
            _give_up(job, reference)
    except Refused as refused:
        _fail(job, str(refused.reason), reference)
    except UnknownKind:
        log.error("No handler for jobs of the kind %r, reference %s", job.kind, reference)
        _fail(job, _("This version of the system does not know this kind of work."), reference)
    except Exception:
        log.exception("Job %s (%s) failed, reference %s", job.pk, job.kind, reference)
        reason = _(
            "An unexpected error stopped the work. Ask for it again; if it stops again, report the reference number."
        )
        _fail(job, reason, reference)


def _fail(job: Job, reason: str, reference: str) -> None:
    """In the job's language. What it had begun to write is removed, unless another worker is at it."""
    if holding.fail(job, reason=reason, reference=reference):
        files.discard(job)
        announce(job, failed=True)


def _keep(job: Job, result: Result | None) -> None:
    """Offer the file and close the job; a file nobody will be offered is removed, and so is scratch."""
    if result is None:
        kept = "" if holding.finish(job, result_file="", result_name="", days=None) else None
    else:
        path = files.publish(job, result.path)
        kept = path if holding.finish(job, result_file=path, result_name=result.name, days=result.days) else None
        if kept is None:
            files.remove(path)
    if kept is not None:
        files.discard(job, keep=kept)
        if holding.took_long(job):
            announce(job, failed=False)


def _give_up(job: Job, reference: str) -> None:
    with translation.override(job.language):
        reason = _("The work was interrupted %(times)s times and was given up. Ask for it again.") % {
            "times": job.attempts
        }
    _fail(job, reason, reference)


@shared_task(name="portal.jobs.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Safe to run at any time, also twice at once."""
    _revive()
    _tell_again()
    _expire()


def _revive() -> None:
    for job in Job.objects.filter(holding.silent()):
        if holding.put_back(job, only_silent=True):
            log.warning("Job %s was silent and waits again after attempt %s.", job.pk, job.attempts)
            hint(run, str(job.pk))
        elif holding.is_spent(job):
            _give_up(job, new_reference())


def _tell_again() -> None:
    for job in holding.untold()[:RETOLD_AT_ONCE]:
        if not hint(run, str(job.pk)):
            return
        Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(beat_at=Now())


def _expire() -> None:
    for job in Job.objects.filter(expires_at__lt=Now()).exclude(result_file=""):
        files.discard(job)
        Job.objects.filter(pk=job.pk).update(result_file="")
