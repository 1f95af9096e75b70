"""A real server for requests a second: gunicorn as the Procfile starts it, and as many browsers as it has threads."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

from benchmarks.client import Visitor
from benchmarks.databases import ROOT

WORKERS, THREADS, BROWSERS = 2, 4, 4
START_SECONDS = 30

Ask = Callable[[http.client.HTTPConnection], None]


@contextlib.contextmanager
def server() -> Iterator[int]:
    """gunicorn on a free port until the block ends; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "benchmarks.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS),
               "--threads", str(THREADS), "--keep-alive", "30", "--log-level", "error", "--no-control-socket"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ)
    try:
        _await(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _await(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/hello/")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError("gunicorn did not start")


def asking(visitor: Visitor, method: str, path: str, fields: Callable[[], dict[str, str]] | None = None) -> Ask:
    """One request of the visitor over a kept connection; any answer but 200 is an error."""

    def ask(connection: http.client.HTTPConnection) -> None:
        body, headers = visitor.message(fields() if fields else None)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{method} {path} answered {answer.status}: {content[:300]!r}")

    return ask


def rates(port: int, asks: dict[str, Ask], *, turns: int = 5, seconds: float = 2.0) -> dict[str, float]:
    """Requests a second of each, asked for in turns so that a busy moment of the machine meets all; the best turn counts."""
    found = dict.fromkeys(asks, 0.0)
    for turn in range(turns + 1):
        for name, ask in asks.items():
            rate = _rate(port, ask, seconds if turn else 1.0)
            if turn:  # the first turn warms up
                found[name] = max(found[name], rate)
    return found


def _rate(port: int, ask: Ask, seconds: float) -> float:
    counts, faults = [0] * BROWSERS, []
    end = time.perf_counter() + seconds

    def browse(at: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            while time.perf_counter() < end:
                ask(connection)
                counts[at] += 1
        except Exception as fault:  # told by the thread that waits for this one
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=browse, args=(at,)) for at in range(BROWSERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return sum(counts) / (time.perf_counter() - began)
