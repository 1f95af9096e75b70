"""HTML of ours as a PDF: `pdf_of(html)`.

The press (`portal.paper.press`) is one program beside each process that prints. It has loaded WeasyPrint and the fonts once
and forks for every document, so a document costs what setting it costs, in a process of its own with limits of memory and
time. It has none of our environment: neither secrets nor the address of the database. What a document may refer to:
`own:…`, a file below `static/`, and `data:`; everything else gets nothing (`portal.paper.setting`).
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.errors import Unavailable
from portal.uploads import frames

AT_ONCE = 2  # documents that one process sets at the same time; the rest wait their turn
WAIT = 30  # seconds for one's turn
GRACE = 10  # seconds by the clock beyond four times the processor time

WHY: dict[str, str | Promise] = {
    "missing": _(
        "This machine cannot make PDF files: the library Pango is missing. "
        "Please tell the people who run the portal; the figures themselves are not affected."
    ),
    "large": _(
        "This document is too long to be made into one PDF. "
        "Download the workbook instead, or print the tables one by one from the screen."
    ),
    "slow": _(
        "Setting this document took longer than allowed, so it was given up. Try again in a few minutes; "
        "if it happens again, download the workbook instead."
    ),
    "heavy": _(
        "Setting this document took more memory than allowed, so it was given up. "
        "Download the workbook instead, or print the tables one by one from the screen."
    ),
    "busy": _("Many documents are being made just now. Wait a minute, then ask for yours again."),
}


class NotPrinted(Unavailable):
    """The PDF was not made. `code` says why, a key of `WHY`."""

    def __init__(self, code: str) -> None:
        super().__init__(WHY[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class _Press:
    process: subprocess.Popen[bytes]
    control: socket.socket
    owner: int

    @property
    def runs(self) -> bool:
        """A process that was forked from its owner must not speak to it."""
        return self.owner == os.getpid() and self.process.poll() is None


_lock = threading.Lock()
_turns = threading.BoundedSemaphore(AT_ONCE)
_press: _Press | None = None


def pdf_of(html: str) -> bytes:
    """The document set on pages. Raises NotPrinted; RuntimeError when the press stumbled over a mistake of ours."""
    document = html.encode()
    if len(document) > settings.PAPER_HTML_MB * 2**20:
        raise NotPrinted("large")
    if not _turns.acquire(timeout=WAIT):
        raise NotPrinted("busy")
    try:
        return _taken(*_asked(document))
    finally:
        _turns.release()


def _taken(kind: bytes, payload: bytes) -> bytes:
    if kind == frames.END:
        return payload
    report: dict[str, Any] = json.loads(payload)
    if report["code"] in WHY:
        raise NotPrinted(report["code"])
    raise RuntimeError(f"The press could not set a document: {report['values']}.")


def _asked(document: bytes) -> tuple[bytes, bytes]:
    """The one frame that a child of the press answers. A press that ended, also for want of work, is started again."""
    for _turn in range(2):
        press, began = _running(), time.monotonic()
        found = _said(press, document)
        if found is not None:
            return found
        if press.runs:
            # A child that dies of its limits leaves the line without a word; by its time one knows which limit.
            raise NotPrinted("slow" if time.monotonic() - began >= settings.PAPER_CHILD_SECONDS else "heavy")
        stop()
    raise NotPrinted("missing")


def _said(press: _Press, document: bytes) -> tuple[bytes, bytes] | None:
    seconds = settings.PAPER_CHILD_SECONDS
    task = {"size": len(document), "memory": settings.PAPER_CHILD_MB * 2**20, "seconds": seconds}
    ours, theirs = socket.socketpair()
    ours.settimeout(seconds * 4 + GRACE)
    with ours, contextlib.suppress(ConnectionError, TimeoutError):
        with theirs:
            socket.send_fds(press.control, [b"document"], [theirs.fileno()])
        ours.sendall(json.dumps(task).encode() + b"\n" + document)
        with ours.makefile("rb") as answer:
            return next(frames.receive(answer), None)
    return None


def _running() -> _Press:
    global _press
    with _lock:
        if _press is None or not _press.runs:
            if _press is not None:
                _press.control.close()
            _press = _started()
        return _press


def _started() -> _Press:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.paper.press", str(theirs.fileno())],
            cwd=settings.BASE_DIR,
            # Where fontconfig keeps what it knows of the fonts.
            env=environment | {"XDG_CACHE_HOME": str(settings.PORTAL_STATE / "cache"), "MALLOC_ARENA_MAX": "2"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    return _Press(process, ours, os.getpid())


def stop() -> None:
    """End this process's press; it ends by itself with the process, and is started again when there is work."""
    global _press
    with _lock:
        if _press is not None and _press.owner == os.getpid():
            _press.control.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                _press.process.wait(1)
            if _press.process.poll() is None:
                _press.process.kill()
                _press.process.wait()
        _press = None


atexit.register(stop)
