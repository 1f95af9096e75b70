"""Starting the bounded programs of `reports.numbers.reading`, and taking from them without waiting for one another."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from reports.numbers.reading import frames

AHEAD = 4  # blocks read while the database takes one


class ChildRefused(Exception):
    """The child said why, or died of its limits; `told` goes into `NumberBatch.refusal`."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["code"])
        self.told = told


def _start(module: str, task: dict[str, Any]) -> subprocess.Popen[bytes]:
    limits = {"memory": settings.NUMBERS_CHILD_MB * 2**20, "seconds": settings.NUMBERS_CHILD_SECONDS}
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", f"reports.numbers.reading.{module}"],
        cwd=settings.BASE_DIR,
        env=environment | {"PYTHONIOENCODING": "utf-8", "MALLOC_ARENA_MAX": "2"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(task | limits).encode())
        process.stdin.close()
        process.stdin = None
    return process


@contextlib.contextmanager
def reading(task: dict[str, Any]) -> Iterator[Iterator[tuple[bytes, bytes]]]:
    """The frames of the reading child, which works ahead. Ends the child with the block, whatever happens in it."""
    process = _start("child", task)
    assert process.stdout is not None
    assert process.stderr is not None
    source = process.stdout
    waiting: queue.Queue[tuple[bytes, bytes] | None] = queue.Queue(AHEAD)
    gone = threading.Event()

    def take() -> None:
        try:
            for frame in frames.receive(source):
                while not gone.is_set():
                    with contextlib.suppress(queue.Full):
                        waiting.put(frame, timeout=0.2)
                        break
                else:
                    return
        finally:
            while not gone.is_set():
                with contextlib.suppress(queue.Full):
                    waiting.put(None, timeout=0.2)
                    return

    thread = threading.Thread(target=take, name="numbers-child", daemon=True)
    thread.start()
    try:
        yield iter(waiting.get, None)
    finally:
        gone.set()
        process.kill()
        thread.join(5)
        process.stdout.close()
        errors = process.stderr.read()[-2000:]
        process.stderr.close()
        process.wait()
        if errors:
            os.write(2, errors)


def run(module: str, task: dict[str, Any]) -> dict[str, Any]:
    """Run a child to its end; its one report. Raises ChildRefused."""
    process = _start(module, task)
    output, errors = process.communicate()
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
