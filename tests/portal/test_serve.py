"""`make run` without make: a whole portal from an empty state directory, and nothing left of it afterwards."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")


def environment(tmp_path: Path, port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    state = {"PORTAL_STATE": str(tmp_path / "state"), "STATIC_ROOT": str(tmp_path / "static"), "PORT": str(port)}
    return (
        kept
        | state
        | {"PORTAL_FAST_DB": "1", "WEB_WORKERS": "1", "JOB_WORKERS": "1", "DEMO_PASSWORD": "Only-for-tests-1"}
    )


def health(port: int) -> dict[str, str] | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            found: dict[str, str] = json.loads(answer.read())
            return found
    except OSError:
        return None


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def portal(tmp_path: Path, port: int) -> Iterator[psutil.Popen]:
    with (tmp_path / "log").open("wb") as log:
        process = psutil.Popen(
            [sys.executable, "-m", "portal.serve"], cwd=ROOT, env=environment(tmp_path, port), stdout=log, stderr=log
        )
    yield process
    if process.poll() is None:
        process.terminate()
        process.wait(60)


def test_run_serves_an_invented_province_and_leaves_nothing(tmp_path: Path, port: int, portal: psutil.Popen) -> None:
    deadline = time.monotonic() + 150
    while "Stop:" not in (tmp_path / "log").read_text(errors="replace"):
        assert portal.poll() is None, (tmp_path / "log").read_text(errors="replace")[-3000:]
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert health(port) == {"status": "ok"}
    told = (tmp_path / "log").read_text(errors="replace")
    assert re.search(rf"直报 is ready: +http://127\.0\.0\.1:{port}\n", told)
    assert re.search(r"Accounts: +province, fuzhou, gulou, pingtan, filer, signer,", told)
    assert re.search(r"Password: +Only-for-tests-1\n", told)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=20) as page:
        assert "登录" in page.read().decode()

    started = portal.children(recursive=True)
    assert {"gunicorn", "celery"} <= {process.name() for process in started}
    servers = [
        each for each in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(each.info["cmdline"] or [])
    ]
    portal.send_signal(signal.SIGINT)
    assert portal.wait(60) == 0
    assert [each for each in started + servers if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []
    assert health(port) is None


def test_run_says_that_the_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = [sys.executable, "-m", "portal.serve"]
        shown = subprocess.run(
            line, cwd=ROOT, env=environment(tmp_path, port), capture_output=True, text=True, timeout=60, check=False
        )
    assert shown.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in shown.stderr
    assert not (tmp_path / "state").exists()
