"""Telling the broker that work is waiting. It may be down: the row stays, and the sweeper tells it again."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import Task

log = logging.getLogger(__name__)

PAUSE = 10.0  # seconds without another try after a failed one, so that many acts do not each wait for a dead broker

_silent_until = 0.0


def hint(task: Task, *args: Any) -> bool:
    """Send a message; False, within about a second and without an error, when the broker does not take it."""
    global _silent_until
    if seems_down():
        return False
    try:
        task.apply_async(args, retry=False, ignore_result=True)
    except Exception as error:  # kombu lets errors of every layer through; none may undo the act that was committed
        _silent_until = time.monotonic() + PAUSE
        log.warning("The broker does not take work, the sweeper will tell it again: %s", error)
        return False
    return True


def seems_down() -> bool:
    """Whether this process failed to reach the broker a moment ago."""
    return time.monotonic() < _silent_until
