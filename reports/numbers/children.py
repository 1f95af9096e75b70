"""Starting the bounded programs of `reports.numbers.reading`, and taking from them without waiting for one another."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from portal.uploads import children
from reports.numbers.reading import frames

AHEAD = 4  # blocks read while the database takes one


def _start(module: str, task: dict[str, Any]) -> subprocess.Popen[bytes]:
    return children.start(f"reports.numbers.reading.{module}", task, **_limits())


def _limits() -> dict[str, int]:
    return {"memory_mb": settings.NUMBERS_CHILD_MB, "seconds": settings.NUMBERS_CHILD_SECONDS}


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
    return children.run(f"reports.numbers.reading.{module}", task, **_limits())
