"""The jobs of this room: reading a batch, looking closer at what it brought, and tidying up after lost workers."""

from __future__ import annotations

import os
from pathlib import Path

from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Refused
from portal.jobs.models import Job
from portal.jobs.progress import JobLost
from portal.jobs.registry import Progress, Result, handler
from reports.filings.errors import NotAllowed
from reports.numbers import extracts, figures, files, limits, pipeline, queueing
from reports.numbers.models import NumberBatch
from reports.rounds.quarters import Quarter


@handler(
    "numbers.import",
    title=gettext_lazy("Reading report numbers"),
    phases={
        "read": gettext_lazy("Reading"),
        "store": gettext_lazy("Checking and storing"),
        "mark": gettext_lazy("Marking your file"),
    },
)
def import_batch(job: Job, progress: Progress) -> Result | None:
    """Bring the batch of `params["batch"]` to its end, then let the institution's next one begin."""
    batch = NumberBatch.objects.select_related("filing__round__scheme", "filing__institution", "by").get(
        pk=job.params["batch"]
    )
    try:
        pipeline.run(batch, progress, attempt=job.attempts)
    except (OperationalError, InterfaceError, JobLost, Refused):
        raise
    except Exception:
        progress()  # raises JobLost when another worker has the job: then the batch is not ours to close
        pipeline.fail(batch)
        queueing.start_next(batch.filing.institution_id)
        raise
    queueing.start_next(batch.filing.institution_id)
    return _offer(batch, progress)


def _offer(batch: NumberBatch, progress: Progress) -> Result | None:
    """The marked copy as the job's file too: another name of the same bytes."""
    if not batch.marked_file:
        return None
    marked = files.path_of(batch.marked_file)
    path = progress.scratch(marked.suffix)
    os.link(marked, path)
    return Result(path=path, name=marked_name(batch))


def marked_name(batch: NumberBatch) -> str:
    """What the marked copy is called when it is downloaded."""
    stem = Path(batch.name).stem or _("report numbers")
    return _("%(name)s, checked%(suffix)s") % {"name": stem, "suffix": Path(batch.marked_file).suffix}


@handler("numbers.look", title=gettext_lazy("Looking closer at report numbers"))
def look_closer(job: Job, progress: Progress) -> None:
    """Sequences, gaps, and numbers that another institution has too, for the filing of `params["filing"]`."""
    figures.look_closer(figures.filing_of(job.params["filing"]))


@handler("numbers.extract", title=gettext_lazy("Report numbers as a workbook"))
def extract(job: Job, progress: Progress) -> Result:
    """The quarters of `params` of its filing's institution, if the asker may read each of them now."""
    filing = figures.filing_of(job.params["filing"])
    quarters = [Quarter.parse(period) for period in job.params["quarters"]]
    if not set(quarters) <= set(extracts.quarters_of(filing.institution_id, job.asker)):
        raise NotAllowed(
            _("You may not read every quarter you asked for any more. Nothing was exported. Ask for the extract again.")
        )
    wanted = extracts.Wanted(filing, quarters)
    path = progress.scratch(".xlsx")
    extracts.write_workbook(wanted, path)
    return Result(path=path, name=f"{wanted.name}.xlsx")


@shared_task(name="reports.numbers.tasks.tidy", ignore_result=True)
def tidy() -> None:
    """Safe to run at any time, also twice at once."""
    queueing.settle_lost()
    limits.forget_old()
