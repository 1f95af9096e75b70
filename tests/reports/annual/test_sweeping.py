"""What a server killed in the middle of an upload leaves behind is removed after a day; what a report names stays."""

from __future__ import annotations

import os
import time
from pathlib import Path

from django.conf import settings

from reports.annual.models import Attachment
from reports.annual.sweeping import sweep
from reports.annual.tasks import sweep_files
from reports.filings.models import Filing
from tests.factories.annual import attach
from tests.factories.institutions import Province


def older(path: Path, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def test_only_old_files_that_nothing_names_go(world: Province, report: Filing, tmp_path: Path) -> None:
    attach(report, "R901", world.filer_a)
    kept = tmp_path / Attachment.objects.get().stored_as
    left = kept.with_name("0123456789abcdef01234567.upload")
    young = kept.with_name("aaaaaaaaaaaaaaaaaaaaaaaa.upload")
    other = tmp_path / "numbers" / "elsewhere.upload"
    other.parent.mkdir()
    for path in (left, young, other):
        path.write_bytes(b"%PDF-1.4")
    for path in (kept, left, other):
        older(path, 25)
    older(young, 23)
    assert sweep() == 1
    assert [path.exists() for path in (kept, left, young, other)] == [True, False, True, True]
    assert sweep() == 0


def test_the_clock_runs_it_and_nothing_there_is_no_fault(db: None) -> None:
    assert "reports.annual.tasks.sweep_files" in {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    assert sweep_files() == 0
