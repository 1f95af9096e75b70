"""Work in the background gives way to people at their pages."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.fixtures_worker import Worker


def _niceness(worker: Worker) -> set[int]:
    """Of the processes that do the work, not of the one that hands it out."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    return {os.getpriority(os.PRIO_PROCESS, int(child)) for child in children}


def test_who_does_the_work_is_nicer_than_who_answers(worker: Worker) -> None:
    wanted = {min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)}
    until = time.monotonic() + 20
    while _niceness(worker) != wanted and time.monotonic() < until:
        time.sleep(0.05)  # a child may still be starting
    assert _niceness(worker) == wanted
