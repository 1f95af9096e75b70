"""Prepared databases of several sizes on one server of our own, kept below PORTAL_STATE/bench and used again.

A database is made anew when what it was made from has changed: migrations, scheme or generator.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
SEED = "2023"
_MADE_FROM = (
    "*/migrations/*.py",
    "reports/*/migrations/*.py",
    "portal/*/migrations/*.py",
    "reports/schemes/data/*/*",
    "demo/**/*.py",
    "demo/data/*",
)


def start_server() -> str:
    """Start (or find) the benchmarks' PostgreSQL and broker and put them into the environment; returns the database's address."""
    state = Path(os.environ.get("PORTAL_STATE") or ROOT / ".local").absolute() / "bench"
    os.environ.update(
        PORTAL_STATE=str(state),
        PORTAL_DEMO="1",
        PORTAL_INSECURE_HTTP="1",
        PORTAL_FAST_DB="1",
        DJANGO_SETTINGS_MODULE="portal.settings",
        LOG_LEVEL="ERROR",
    )
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    from portal import embedded

    embedded.ensure()
    return os.environ["DATABASE_URL"]


def name_of(institutions: int) -> str:
    return f"bench_{institutions}"


def address_of(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def prepare(server: str, institutions: int) -> float | None:
    """Make the database of that size unless it stands; returns the seconds that loading took, None when it stood."""
    name, mark = name_of(institutions), Path(os.environ["PORTAL_STATE"]) / f"{name_of(institutions)}.made"
    wanted = _fingerprint()
    if mark.exists() and mark.read_text() == wanted and _exists(server, name):
        return None
    _recreate(server, name)
    environment = os.environ | {"DATABASE_URL": address_of(server, name)}
    _manage(environment, "migrate", "--verbosity=0")
    began = time.monotonic()
    _manage(environment, "simulate", f"--institutions={institutions}", f"--seed={SEED}", "--verbosity=0")
    seconds = time.monotonic() - began
    mark.write_text(wanted)
    return seconds


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in _MADE_FROM:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(ROOT)}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
    )


def _exists(server: str, name: str) -> bool:
    return bool(_execute(server, "SELECT 1 FROM pg_database WHERE datname = %s", [name]))


def _recreate(server: str, name: str) -> None:
    _execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _execute(server, f'CREATE DATABASE "{name}"')


def _execute(server: str, statement: str, values: list[str] | None = None) -> list[tuple]:
    connection = psycopg2.connect(address_of(server, "postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
