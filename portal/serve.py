"""`make run`: a demonstration on this machine, from an empty folder to an open page.

Starts the servers that the environment does not name, brings the database up to date, fills it when it is empty, then runs the
Procfile until Ctrl-C or until one of its processes ends. Nothing it started survives it.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import psutil
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from portal import catalogue, embedded
from portal.servers.state import EmbeddedError

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 90
STOP_SECONDS = 20


class Stop(Exception):
    """A signal asked us to end."""


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_stop)
    os.chdir(ROOT)
    try:
        address = _settle_environment()
        _step("Database and broker", embedded.ensure)
        _prepare()
        return _run(address)
    except Stop:
        return 0
    except (EmbeddedError, CommandError, DatabaseError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def _raise_stop(number: int, frame: FrameType | None) -> None:
    # Once is enough: a second Ctrl-C while stopping must not leave servers behind.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stop


def _settle_environment() -> str:
    """Demo mode and the address, for this process and its children; returns the address."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    _refuse_taken_port(host, int(port))
    os.environ.update(HOST=host, PORT=port, DJANGO_SETTINGS_MODULE="portal.settings")
    os.environ.setdefault("PORTAL_DEMO", "1")
    address = os.environ.setdefault("PORTAL_BASE_URL", f"http://127.0.0.1:{port}")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    os.environ["PYTHONUNBUFFERED"] = "1"
    return address


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise EmbeddedError(
                f"Cannot listen on {host}:{port} ({error.strerror}). Another one: make run PORT=8001"
            ) from error


def _step(name: str, act: Callable[[], object]) -> None:
    began = time.monotonic()
    print(f"==> {name} ... ", end="", flush=True)
    act()
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def _prepare() -> None:
    import django

    _step("Messages", catalogue.compile_stale)
    django.setup()
    _step("Tables", lambda: call_command("migrate", interactive=False, verbosity=0))
    _step("Scheme", lambda: call_command("loadscheme", stdout=io.StringIO()))
    _demo_province()
    _step("Static files", lambda: call_command("collectstatic", interactive=False, verbosity=0))
    connections.close_all()


def _demo_province() -> None:
    """Fill an empty database; in one that is filled already the command gives the accounts the password that is asked for."""
    from django.contrib.auth import get_user_model

    if _shows_demo() or not get_user_model().objects.exists():
        _step("Demonstration province", lambda: call_command("demo", stdout=io.StringIO()))


def _shows_demo() -> bool:
    from django.contrib.auth import get_user_model

    return bool(os.environ["PORTAL_DEMO"] == "1" and get_user_model().objects.filter(is_demo=True).exists())


def _run(address: str) -> int:
    honcho = [sys.executable, "-m", "honcho", "start", "-f", "Procfile", "-e", os.devnull]
    # A session of its own: Ctrl-C reaches this process alone, which then stops the others in order.
    portal = psutil.Popen(honcho, start_new_session=True, preexec_fn=_end_with_parent)
    started: set[psutil.Process] = set()
    try:
        if _wait_ready(portal, int(os.environ["PORT"])):
            _announce(address)
            connections.close_all()
        started.update(portal.children(recursive=True))
        return int(portal.wait())
    finally:
        _stop(portal, started)


def _end_with_parent() -> None:
    """If this process is killed outright, Linux ends honcho, and honcho ends the rest."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _wait_ready(portal: psutil.Popen, port: int) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while portal.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def _announce(address: str) -> None:
    lines = [f"直报 is ready:  {address}", "Stop:           Ctrl-C"]
    if _shows_demo():
        from demo.accounts import USERNAMES, settle_password

        lines[1:1] = [f"Accounts:       {', '.join(USERNAMES)}", f"Password:       {settle_password()}"]
    print("\n" + "".join(f"  {line}\n" for line in lines), flush=True)


def _stop(portal: psutil.Popen, started: set[psutil.Process]) -> None:
    """End honcho, which ends its own; then make sure of each process that was ever seen."""
    if portal.poll() is None:
        started.update(portal.children(recursive=True))
        portal.terminate()
    _, alive = psutil.wait_procs([portal, *started], timeout=STOP_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


if __name__ == "__main__":
    sys.exit(main())
