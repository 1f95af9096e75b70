"""Reading ahead, with pauses where two cores have to do for everybody; and nothing left behind by a worker that was killed."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest
from django.conf import settings

from portal.uploads import frames, streaming
from portal.uploads.streaming import Reading

SAYS = """
import json, sys, time
from portal.uploads import frames
for number in range(5):
    frames.send(sys.stdout.buffer, frames.ROWS, b"%d" % number)
    time.sleep(0.3)
frames.send_json(sys.stdout.buffer, frames.END, {"read": 5})
"""
#: Starts the sleeping program as a worker starts its reader, lets it stand still, and says its number.
WORKER = """
import os, signal, sys, time
from django.conf import settings
settings.configure(BASE_DIR={folder!r})
from portal.uploads import children
child = children.start("tests.portal.sleeper", {{}}, memory_mb=2000, seconds=30)
child.stdout.readline()
os.kill(child.pid, signal.SIGSTOP)
print(child.pid, flush=True)
time.sleep(600)
"""


def status(pid: int) -> str:
    time.sleep(0.1)
    return str(psutil.Process(pid).status())


@pytest.mark.parametrize(
    ("few", "large", "soon", "still"),
    [
        (True, 1, 0, [True, True, True, False, True]),
        (True, 1, 2, [False, False, True, True, True]),
        (True, 1, 5, [False] * 5),
        (True, 2, 0, [False] * 5),
        (False, 1, 0, [False] * 5),
    ],
)
def test_where_cores_are_few_the_reader_of_a_long_file_stands_still_while_three_of_four_large_frames_are_stored(
    monkeypatch: pytest.MonkeyPatch, few: bool, large: int, soon: int, still: list[bool]
) -> None:
    monkeypatch.setattr(streaming, "STANDS_STILL", few)
    monkeypatch.setattr(streaming, "LARGE", large)
    monkeypatch.setattr(streaming, "SOON_DONE", soon)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process: subprocess.Popen[bytes] = subprocess.Popen([sys.executable, "-c", SAYS], cwd=settings.BASE_DIR, **pipes)  # type: ignore[call-overload]
    taken: list[tuple[bytes, bool]] = []
    reading = Reading(process)
    try:
        report = reading.report(
            {frames.ROWS: lambda payload: taken.append((payload, status(process.pid) == psutil.STATUS_STOPPED))}
        )
    finally:
        reading.end()
    assert report == {"read": 5}
    assert taken == [(str(number).encode(), stood) for number, stood in enumerate(still)]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux ends the program")
def test_a_reader_that_stands_still_ends_with_a_killed_worker() -> None:
    command = [sys.executable, "-c", WORKER.format(folder=str(settings.BASE_DIR))]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        reader = psutil.Process(int(worker.stdout.readline()))
        worker.kill()
    reader.wait(10)
    assert not reader.is_running()
