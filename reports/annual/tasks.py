from __future__ import annotations

from celery import shared_task

from reports.annual.sweeping import sweep


@shared_task(name="reports.annual.tasks.sweep_files", ignore_result=True)
def sweep_files() -> int:
    return sweep()
