"""One batch of an institution at a time: a large filer on the last night takes one worker, not all of them."""

from __future__ import annotations

from django.db import connection, transaction

from portal.jobs.actions import create
from portal.jobs.models import Job
from reports.numbers import pipeline, staging
from reports.numbers.models import NumberBatch

LOCK_OF_QUEUE = 7_302


def start_next(institution_id: int) -> NumberBatch | None:
    """Give the oldest waiting batch of the institution a job, unless one is at work. Safe to call at any time."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_OF_QUEUE, institution_id % 2**31])
        unfinished = NumberBatch.objects.of_institution(institution_id).unfinished()
        if unfinished.filter(job__isnull=False).exists():
            return None
        batch = unfinished.select_related("by__user").order_by("id").first()
        if batch is None:
            return None
        batch.job = create(kind="numbers.import", by=batch.by, params={"batch": batch.pk})
        batch.save(update_fields=["job"])
    return batch


def settle_lost() -> None:
    """Close batches whose job was given up, let the next ones begin, and drop staging tables nobody needs."""
    for batch in NumberBatch.objects.unfinished().filter(job__state=Job.State.FAILED).select_related("filing"):
        pipeline.fail(batch)
    waiting = NumberBatch.objects.unfinished().filter(job=None).values_list("filing__institution", flat=True)
    for institution_id in set(waiting):
        start_next(institution_id)
    left = set(staging.left_behind())
    for batch_id in left - set(NumberBatch.objects.unfinished().filter(pk__in=left).values_list("pk", flat=True)):
        staging.drop_tables(batch_id)
