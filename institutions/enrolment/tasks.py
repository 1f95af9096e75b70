"""Accounts by the clock."""

from __future__ import annotations

from celery import shared_task

from institutions.enrolment.idle import sweep


@shared_task(name="institutions.enrolment.tasks.sweep_idle", ignore_result=True)
def sweep_idle() -> int:
    """Runs every few hours; returns how many accounts were warned or closed."""
    swept = sweep()
    return swept.warned + swept.closed
