from __future__ import annotations

from celery import shared_task

from reports.filings.spreadsheet.actions import clear_old


@shared_task(name="reports.filings.spreadsheet.tasks.clear", ignore_result=True)
def clear() -> None:
    """Uploaded workbooks are kept for a while and then removed. Safe to run at any time, also twice at once."""
    clear_old()
