"""What the two servers share: private files, passwords, ports and processes of one state directory."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import time
from pathlib import Path

START_SECONDS = 60


class EmbeddedError(RuntimeError):
    """A server could not be started or stopped; the message says which, and where its log is."""


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step; readable by the owner alone from its first byte."""
    new = path.with_suffix(f".{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def passwords(state: Path) -> dict[str, str]:
    path = state / "secrets.json"
    if not path.exists():
        write_private(path, json.dumps({name: secrets.token_hex(24) for name in ("postgres", "portal", "valkey")}))
    found: dict[str, str] = json.loads(path.read_text())
    return found


def free_port(preferred: int | None = None) -> int:
    """The preferred port if nobody listens there (so that clients can reconnect after a restart), else any free one."""
    for port in (preferred or 0, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EmbeddedError("No free port on 127.0.0.1.")


def stored_port(state: Path, service: str) -> int | None:
    try:
        return int((state / f"{service}.port").read_text())
    except (OSError, ValueError):
        return None


def tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    except OSError:
        return ""


def alive(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(pid: int, *signals: signal.Signals, seconds: float) -> None:
    """Send the signals one after the other, each with its time to work, until the process is gone."""
    for number in signals:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            if not alive(pid):
                return
            time.sleep(0.02)
    raise EmbeddedError(f"Process {pid} does not end.")


def running_on(data: Path) -> int | None:
    """The postmaster of exactly this data directory; a stale or reused id does not count."""
    import psutil

    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        command = psutil.Process(pid).cmdline()
    except (OSError, ValueError, psutil.Error):
        return None
    return pid if str(data) in command else None
