"""The bounded programs that read and mark lists of report numbers, with the limits of this room."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings

from portal.uploads import children, streaming
from portal.uploads.streaming import Reading


def _limits() -> dict[str, int]:
    return {"memory_mb": settings.NUMBERS_CHILD_MB, "seconds": settings.NUMBERS_CHILD_SECONDS}


def reading(make_task: Callable[[], dict[str, Any]]) -> AbstractContextManager[Reading]:
    """The task is made while the child starts. Ends the child with the block, whatever happens in it."""
    return streaming.reading("reports.numbers.reading.child", make_task, **_limits())


def run(module: str, task: dict[str, Any]) -> dict[str, Any]:
    """Run a child of `portal.uploads` to its end; its one report. Raises ChildRefused."""
    return children.run(f"portal.uploads.{module}", task, **_limits())
