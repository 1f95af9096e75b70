"""Rounds by the clock."""

from __future__ import annotations

from celery import shared_task

from reports.rounds.closing import lock_those_due


@shared_task(name="reports.rounds.tasks.turn", ignore_result=True)
def turn() -> int:
    """Runs every minute; rules refuse from the very second of a lock, this writes it down. Returns how many rounds locked."""
    return lock_those_due()
