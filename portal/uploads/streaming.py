"""Taking from a bounded program: it reads ahead while its frames are stored, where a core is left for people at their pages."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from portal.uploads import children, frames
from portal.uploads.children import ChildRefused, died

AHEAD = 20  # frames read while the database stores; about 1.4 MB each
#: Reading and storing at the same time keep two cores busy. With no third one the child stands still while three of
#: four large frames are stored: always would cost the import half as much time again, never would cost people at their pages.
STANDS_STILL = (os.cpu_count() or 1) <= 2
LARGE = 2**16  # bytes of a frame that takes the database some time
SOON_DONE = 2**23  # bytes of frames, some 100,000 lines: stored in a second or two, for which nothing stands still


class Reading:
    """The frames of the reading child, which works ahead of whoever takes them."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._waiting: queue.Queue[tuple[bytes, bytes] | None] = queue.Queue(AHEAD)
        self._gone = threading.Event()
        self._turns = itertools.cycle((True, True, True, False))
        self._taken = 0
        self._thread = threading.Thread(target=self._take, name="reading-child", daemon=True)
        self._thread.start()

    def report(self, take: Mapping[bytes, Callable[[bytes], object]]) -> dict[str, Any]:
        """Hand each frame to the taker of its kind, up to the report, which is the last. Raises ChildRefused.

        RuntimeError when the child stopped by a mistake of ours; what a taker raises comes through.
        """
        for kind, payload in iter(self._waiting.get, None):
            if kind == frames.REFUSED:
                raise ChildRefused(json.loads(payload))
            if kind == frames.END:
                report: dict[str, Any] = json.loads(payload)
                return report
            with self._standing_still(len(payload)):
                take[kind](payload)
        code = self._process.wait()
        if code == 1:
            raise RuntimeError(f"The reading program stopped by an error of its own: {self._process.args!r}.")
        raise ChildRefused(died(code))

    @contextlib.contextmanager
    def _standing_still(self, size: int) -> Iterator[None]:
        self._taken += size
        if not (STANDS_STILL and self._taken > SOON_DONE and size >= LARGE and next(self._turns)):
            yield
            return
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

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
