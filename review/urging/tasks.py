"""Reminders by the clock."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from portal.trail.actions import record
from review.urging.sending import send_reminders


@shared_task(name="review.urging.tasks.remind", ignore_result=True)
def remind() -> int:
    """Runs every few minutes; a day's reminders go out with its first run. Returns how many institutions were reminded."""
    with transaction.atomic():
        reached = send_reminders()
        if reached:
            record("round.reminded", by=None, details={"institutions": len(reached)})
    return len(reached)
