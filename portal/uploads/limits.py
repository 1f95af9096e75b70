"""The first thing a program does that opens a stranger's file. Nothing here imports Django."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

NEARLY = 8 * 2**20  # bytes: what is left of the limit when the next piece of memory is refused


def take_task() -> dict[str, Any]:
    """The task from standard input, with its own limits of memory and processor time already in force.

    The program ends with the one that started it, also where that one was killed while this one stood still.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    task: dict[str, Any] = json.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_AS, (task["memory"], task["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (task["seconds"], task["seconds"] + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return task


def give_way() -> None:
    """To run where nobody else wants the core. For a program that holds nothing anybody could wait for."""
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(19)


def memory_is_used_up() -> bool:
    """Whether this program came near its limit. Libraries then fail in many ways that look like a damaged file."""
    limit, _hard = resource.getrlimit(resource.RLIMIT_AS)
    asked_for = _kilobytes("VmPeak") or 0
    return limit != resource.RLIM_INFINITY and asked_for * 1024 > limit - NEARLY


def peak_mb() -> int:
    """Most memory this program has held. The system's own count still has the parent's from before the start in it."""
    held = _kilobytes("VmHWM")
    return held // 1024 if held is not None else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _kilobytes(name: str) -> int | None:
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), None)
