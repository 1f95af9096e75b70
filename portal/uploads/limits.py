"""The first thing a program does that opens a stranger's file. Nothing here imports Django."""

from __future__ import annotations

import json
import resource
import sys
from typing import Any


def take_task() -> dict[str, Any]:
    """The task from standard input, with its own limits of memory and processor time already in force."""
    task: dict[str, Any] = json.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_AS, (task["memory"], task["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (task["seconds"], task["seconds"] + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return task
