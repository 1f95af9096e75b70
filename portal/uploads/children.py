"""Starting a bounded program that opens a stranger's file, and taking its report.

The program gets its task as JSON on standard input, with `memory` (bytes) and `seconds` (processor time) that it sets for
itself before it opens anything, and none of our environment: neither secrets nor the address of the database.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import Any

from django.conf import settings


class ChildRefused(Exception):
    """The child said why, or died of its limits; `told` is {"code": …, "values": {…}}."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["code"])
        self.told = told


def start(module: str, task: dict[str, Any], *, memory_mb: int, seconds: int) -> subprocess.Popen[bytes]:
    """`python -m module`, its task sent; output and errors are pipes."""
    process = begin(module)
    hand_over(process, task, memory_mb=memory_mb, seconds=seconds)
    return process


def begin(module: str) -> subprocess.Popen[bytes]:
    """The program without its task, which it awaits: it loads its modules while the task is made up."""
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=settings.BASE_DIR,
        env=environment | {"PYTHONIOENCODING": "utf-8", "MALLOC_ARENA_MAX": "2"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def hand_over(process: subprocess.Popen[bytes], task: dict[str, Any], *, memory_mb: int, seconds: int) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(task | {"memory": memory_mb * 2**20, "seconds": seconds}).encode())
        process.stdin.close()
        process.stdin = None


def run(module: str, task: dict[str, Any], *, memory_mb: int, seconds: int) -> dict[str, Any]:
    """Run a child to its end; its one report. Raises ChildRefused, also when it takes longer by the clock than allowed."""
    process = start(module, task, memory_mb=memory_mb, seconds=seconds)
    try:
        output, errors = process.communicate(timeout=seconds * 4 + 10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise ChildRefused({"code": "slow", "values": {}}) from None
    if errors:
        os.write(2, errors[-2000:])
    if process.returncode != 0 or not output:
        raise ChildRefused(died(process.returncode))
    report: dict[str, Any] = json.loads(output)
    if "code" in report:
        raise ChildRefused(report)
    return report


def died(code: int | None) -> dict[str, Any]:
    """A child that ended without a report: by its limit of time, or of memory, where native code cannot say so."""
    slow = code is not None and -code in (24, 9)  # SIGXCPU, then SIGKILL by the hard limit
    return {"code": "slow" if slow else "heavy", "values": {}}
