"""PostgreSQL and Valkey from wheels, for every run that names no servers of its own.

`ensure()` is called by `manage.py`, the tests and `make run` before Django loads its settings. With no `DATABASE_URL` it
starts PostgreSQL, with no `REDIS_URL` Valkey, and sets the missing variables. Everything lies below `PORTAL_STATE` (default
`.local` in the repository). Servers listen on 127.0.0.1 alone and ask for a generated password.

Who stops them: each process holds a shared lock on `users.lock` for as long as it lives; the last one to leave stops the
servers. The kernel drops the lock of a killed process, so no list of process ids can go stale. `start` leaves a `keep` file,
and then only `stop` stops them.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from portal.servers.state import EmbeddedError, write_private

if TYPE_CHECKING:
    from portal.servers.postgres import Postgres
    from portal.servers.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
SERVICES = {"DATABASE_URL": "postgres", "REDIS_URL": "valkey"}

_held: dict[Path, IO[str]] = {}


def ensure() -> None:
    """Make sure a database and a broker are there and named in the environment; returns at once when both are named."""
    if os.environ.get("PORTAL_DEMO") == "1" and not os.environ.get("SECRET_KEY"):
        os.environ["SECRET_KEY"] = _demo_key(_prepare_state())
    missing = {variable: name for variable, name in SERVICES.items() if not os.environ.get(variable)}
    if not missing:
        return
    state = _prepare_state()
    with _control(state):
        _hold(state)
        for variable, name in missing.items():
            os.environ[variable] = _server(name, state).start()


def start() -> dict[str, str]:
    """Start both and leave them running after this process; returns their addresses by variable name."""
    state = _prepare_state()
    with _control(state):
        (state / "keep").touch()
        return {variable: _server(name, state).start() for variable, name in SERVICES.items()}


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
        return {name: _server(name, state).pid() for name in SERVICES.values()}


def urls() -> dict[str, str]:
    """The addresses by variable name, with the passwords, whether or not the servers run."""
    state = _prepare_state()
    with _control(state):
        return {variable: _server(name, state).url() for variable, name in SERVICES.items()}


def state_dir() -> Path:
    return Path(os.environ.get("PORTAL_STATE") or ROOT / ".local").expanduser().absolute()


def _prepare_state() -> Path:
    """Create the state directory and write its absolute path back, so that children in other folders agree on it."""
    state = state_dir()
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            # The database runs under another account, which must be able to pass through (not list) this directory.
            state.chmod(state.stat().st_mode | 0o111)
        (state / "control.lock").touch(mode=0o600)
    except OSError as error:
        raise EmbeddedError(f"The state directory {state} cannot be written ({error.strerror}).") from error
    os.environ["PORTAL_STATE"] = str(state)
    return state


def _demo_key(state: Path) -> str:
    """A demonstration may make its own secret key; real use must name one."""
    path = state / "secret.key"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(50))
    return path.read_text()


@contextlib.contextmanager
def _control(state: Path) -> Iterator[None]:
    """One process at a time starts or stops servers."""
    with (state / "control.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _server(name: str, state: Path) -> Postgres | Valkey:
    # Imported late: with both variables set this module must cost nothing.
    from portal.servers.postgres import Postgres
    from portal.servers.valkey import Valkey

    return Postgres(state) if name == "postgres" else Valkey(state)


def _stop_all(state: Path) -> None:
    # The broker first: a worker that loses it stops taking work before it loses the database.
    for name in reversed(SERVICES.values()):
        _server(name, state).stop()


def _hold(state: Path) -> None:
    """Count this process among the users until it ends."""
    if state not in _held:
        _held[state] = (state / "users.lock").open("w")
        fcntl.flock(_held[state], fcntl.LOCK_SH)
        atexit.register(_leave, state, os.getpid())


def _leave(state: Path, pid: int) -> None:
    """Stop the servers if nobody else uses them and nobody asked to keep them."""
    if os.getpid() != pid or not (state / "control.lock").exists():
        return  # a forked child runs its parent's exit handlers; a removed directory has no servers to stop
    with _control(state), _held.pop(state) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if not (state / "keep").exists():
            _stop_all(state)


def main(arguments: list[str]) -> int:
    """`start`, `stop`, `status` (1 when a server is down), `urls` (assignments with the passwords in them)."""
    verb = arguments[0] if len(arguments) == 1 else ""
    if verb == "stop":
        stop()
        return 0
    if verb == "urls":
        for variable, url in urls().items():
            print(f"{variable}={url}")
        return 0
    if verb not in ("start", "status"):
        print("usage: python -m portal.embedded start|stop|status|urls", file=sys.stderr)
        return 2
    if verb == "start":
        start()
    running = status()
    for name, pid in running.items():
        print(f"{name}: {f'running, process {pid}' if pid else 'not running'}")
    return 0 if all(running.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
