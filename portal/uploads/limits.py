"""The first thing a program does that opens a stranger's file. Nothing here imports Django."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any


def take_task() -> dict[str, Any]:
    """The task from standard input, with its own limits of memory and processor time already in force."""
    task: dict[str, Any] = json.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_AS, (task["memory"], task["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (task["seconds"], task["seconds"] + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return task


def peak_mb() -> int:
    """Most memory this program has held. The system's own count still has the parent's from before the start in it."""
    for line in Path("/proc/self/status").read_text().splitlines() if Path("/proc/self/status").exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
