"""Taking from a bounded program without waiting for one another: it reads ahead while its frames are stored."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Any

from portal.uploads import children, frames

AHEAD = 20  # frames read while the database stores; about 1.4 MB each


class Reading:
    """The frames of the reading child, which works ahead of whoever takes them."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._waiting: queue.Queue[tuple[bytes, bytes] | None] = queue.Queue(AHEAD)
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._take, name="reading-child", daemon=True)
        self._thread.start()

    def frames(self) -> Iterator[tuple[bytes, bytes]]:
        return iter(self._waiting.get, None)

    def wait(self) -> int:
        """The return code, once the frames have ended."""
        return self._process.wait()

    def end(self) -> None:
        """Whatever the child is doing."""
        self._gone.set()
        self._process.kill()
        if self._process.stdin is not None:  # its task could not be made
            self._process.stdin.close()
        self._thread.join(5)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._process.stdout.close()
        errors = self._process.stderr.read()[-2000:]
        self._process.stderr.close()
        self._process.wait()
        if errors:
            os.write(2, errors)

    def _take(self) -> None:
        assert self._process.stdout is not None
        for frame in frames.receive(self._process.stdout):
            if not self._put(frame):
                return
        self._put(None)

    def _put(self, frame: tuple[bytes, bytes] | None) -> bool:
        while not self._gone.is_set():
            with contextlib.suppress(queue.Full):
                self._waiting.put(frame, timeout=0.2)
                return True
        return False


@contextlib.contextmanager
def reading(module: str, make_task: Callable[[], dict[str, Any]], *, memory_mb: int, seconds: int) -> Iterator[Reading]:
    """The task is made while the child starts. Ends the child with the block, whatever happens in it."""
    process = children.begin(module)
    child = Reading(process)
    try:
        children.hand_over(process, make_task(), memory_mb=memory_mb, seconds=seconds)
        yield child
    finally:
        child.end()
