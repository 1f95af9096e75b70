"""Long work on the trail."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.jobs.models import Job
from portal.jobs.registry import Progress, Result, handler
from portal.trail.exports import write
from portal.trail.keeping import forget
from portal.trail.queries import Filters, matching, visible_to
from portal.trail.rules import NotOpen, can_read
from portal.trail.verifying import work


@shared_task(name="portal.trail.tasks.forget_refusals", ignore_result=True)
def forget_refusals() -> None:
    """What was refused long ago is looked up no more. Safe to run at any time, also twice at once."""
    forget()


@handler(
    "trail.export",
    title=gettext_lazy("Export of the trail"),
    phases={"write": gettext_lazy("Writing the file")},
)
def export(job: Job, progress: Progress) -> Result:
    """The asker's rights are those of now, not of when it was asked."""
    verdict = can_read(job.asker)
    if not verdict:
        raise NotOpen(verdict.reason)
    kind: str = job.params["format"]
    events = matching(visible_to(job.asker), Filters.read(job.params["filters"]))
    path = write(events, kind=kind, progress=progress)
    day = timezone.localdate().isoformat()
    return Result(path=path, name=f"{_('Trail')}-{day}.{kind}")


@handler(
    "trail.verify",
    title=gettext_lazy("Verification of the trail"),
    phases={"verify": gettext_lazy("Verify the chain")},
)
def verification(job: Job, progress: Progress) -> Result:
    return work(job, progress)
