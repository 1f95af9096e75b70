"""Grants by the clock."""

from __future__ import annotations

from celery import shared_task

from institutions.grants import close_run_out


@shared_task(name="institutions.tasks.close_grants", ignore_result=True)
def close_grants() -> int:
    """Runs every hour; returns how many ran out. They have counted no more since their last day, whether or not this ran."""
    return close_run_out()
