"""The embedded servers, each test with real ones of its own in processes of their own."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from portal.servers.state import alive

ROOT = Path(__file__).resolve().parents[2]
# Answers the process ids of the servers and, from the database, the number of runs that came before.
USE = """
import os, sys, psycopg2, redis
from portal import embedded
embedded.ensure()
with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
    cursor.execute("SELECT pg_advisory_xact_lock(1)")
    cursor.execute("CREATE TABLE IF NOT EXISTS visit (at timestamptz DEFAULT now())")
    cursor.execute("INSERT INTO visit DEFAULT VALUES")
    cursor.execute("SELECT count(*) FROM visit")
    visits = cursor.fetchone()[0]
connection.close()
with redis.Redis.from_url(os.environ["REDIS_URL"]) as broker:
    messages = broker.incr("visits")
    config = broker.config_get("maxmemory-policy") | broker.config_get("appendonly")
running = embedded.status()
print(visits, messages, config["maxmemory-policy"], config["appendonly"], running["postgres"], running["valkey"], flush=True)
sys.stdin.read()
"""


def environment(state: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")}
    return kept | {"PORTAL_STATE": str(state), "PYTHONPATH": str(ROOT), "PORTAL_FAST_DB": "1"}


def begin(state: Path, folder: Path = ROOT) -> subprocess.Popen[str]:
    """A process that uses the servers until its input ends."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", USE], cwd=folder, env=environment(state), text=True, **pipes)


def end(process: subprocess.Popen[str]) -> list[str]:
    out, err = process.communicate("", timeout=60)
    assert (process.returncode, err) == (0, "")
    return out.split()


def use(state: Path, folder: Path = ROOT) -> list[str]:
    return end(begin(state, folder))


def command(state: Path, verb: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "portal.embedded", verb]
    return subprocess.run(
        line, cwd=ROOT, env=environment(state), capture_output=True, text=True, timeout=90, check=False
    )


def remove(state: Path) -> None:
    """Nothing may run on; root's cluster behind the closed door of `tmp_path` is swept once its state directory is gone."""
    command(state, "stop")
    shutil.rmtree(state, ignore_errors=True)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    where = tmp_path / "state"
    yield where
    remove(where)


def test_ensure_starts_both_and_the_last_user_stops_both(state: Path) -> None:
    visits, messages, policy, append_only, postgres, valkey = use(state)
    assert (visits, messages, policy, append_only) == ("1", "1", "noeviction", "yes")
    assert not alive(int(postgres))
    assert not alive(int(valkey))
    assert use(state)[:2] == ["2", "2"]


def test_ensure_works_from_any_folder_with_a_long_path_behind_a_closed_door(tmp_path: Path) -> None:
    door = tmp_path / "closed"
    door.mkdir(mode=0o700)
    state = door / ("long name 直报 " * 7) / "state"
    try:
        assert use(state, folder=Path("/"))[:2] == ["1", "1"]
        assert use(state, folder=tmp_path)[:2] == ["2", "2"]
        assert stat.S_IMODE(door.stat().st_mode) == 0o700
    finally:
        remove(state)


def test_ensure_in_four_processes_at_once_shares_one_pair_of_servers(state: Path) -> None:
    processes = [begin(state) for _ in range(4)]
    answers = [process.stdout.readline().split() for process in processes if process.stdout]
    assert sorted(answer[0] for answer in answers) == ["1", "2", "3", "4"]
    assert len({tuple(answer[4:]) for answer in answers}) == 1
    for process in processes[1:]:
        end(process)
    assert alive(int(answers[0][4]))
    end(processes[0])
    assert not alive(int(answers[0][4]))


def test_ensure_after_everything_was_killed_finds_the_data(state: Path) -> None:
    process = begin(state)
    assert process.stdout
    answer = process.stdout.readline().split()
    for pid in (process.pid, int(answer[4]), int(answer[5])):
        os.kill(pid, signal.SIGKILL)
    process.communicate()
    assert use(state)[0] == "2"


def test_ensure_ignores_ids_that_now_belong_to_other_programs(state: Path) -> None:
    process = begin(state)
    assert process.stdout
    answer = process.stdout.readline().split()
    data = Path(psutil.Process(int(answer[4])).cmdline()[-1])
    for pid in (process.pid, int(answer[4]), int(answer[5])):
        os.kill(pid, signal.SIGKILL)
    process.communicate()
    pid_file = data / "postmaster.pid"
    pid_file.write_text("\n".join([str(os.getpid()), *pid_file.read_text().split("\n")[1:]]))
    (state / "valkey" / "process").write_text(f"{os.getpid()} 1.0")
    assert use(state)[0] == "2"
    assert alive(os.getpid())


def test_ensure_takes_other_ports_when_its_own_are_taken(state: Path) -> None:
    use(state)
    taken = [int((state / f"{name}.port").read_text()) for name in ("postgres", "valkey")]
    with socket.create_server(("127.0.0.1", taken[0])), socket.create_server(("127.0.0.1", taken[1])):
        assert use(state)[:2] == ["2", "2"]
    assert taken != [int((state / f"{name}.port").read_text()) for name in ("postgres", "valkey")]


def test_start_keeps_the_servers_until_stop(state: Path) -> None:
    assert command(state, "status").returncode == 1
    assert command(state, "start").returncode == 0
    postgres = use(state)[4]
    assert alive(int(postgres))
    assert command(state, "stop").returncode == 0
    assert not alive(int(postgres))


def test_the_cluster_asks_for_a_password_and_speaks_chinese(state: Path) -> None:
    command(state, "start")
    url = dict(line.split("=", 1) for line in command(state, "urls").stdout.splitlines())["DATABASE_URL"]
    password = url.split(":")[2].split("@")[0]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url.replace(password, "wrong"))
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION pg_trgm")
            cursor.execute(
                "SELECT similarity('福州市计量所', '福州计量所') > 0.2, current_setting('server_encoding'), rolsuper "
                "FROM pg_roles WHERE rolname = current_user"
            )
            assert cursor.fetchone() == (True, "UTF8", False)
    finally:
        connection.close()


def test_secrets_are_the_owners_alone_and_never_printed(state: Path) -> None:
    shown = command(state, "start")
    shown_again = command(state, "status")
    secrets_file = state / "secrets.json"
    words = secrets_file.read_text().replace('"', " ").split()
    passwords = [word for word in words if len(word) == 48]
    assert len(passwords) == 3
    assert not [
        word for word in passwords if word in shown.stdout + shown.stderr + shown_again.stdout + shown_again.stderr
    ]
    for path in (secrets_file, state / "valkey" / "valkey.conf"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for process in psutil.process_iter(["cmdline"]):
        assert not [word for word in passwords if word in " ".join(process.info["cmdline"] or [])]


def test_ensure_starts_nothing_when_both_are_named(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal import embedded

    monkeypatch.setenv("PORTAL_STATE", str(state))
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/portal")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    monkeypatch.setenv("PORTAL_DEMO", "0")
    embedded.ensure()
    assert os.environ["DATABASE_URL"] == "postgres://elsewhere/portal"
    assert not state.exists()


def test_ensure_makes_a_secret_key_in_demo_mode_only(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal import embedded

    monkeypatch.setenv("PORTAL_STATE", str(state))
    monkeypatch.delenv("SECRET_KEY")
    embedded.ensure()
    assert "SECRET_KEY" not in os.environ
    monkeypatch.setenv("PORTAL_DEMO", "1")
    embedded.ensure()
    made = os.environ["SECRET_KEY"]
    assert len(made) >= 50
    monkeypatch.delenv("SECRET_KEY")
    embedded.ensure()
    assert os.environ["SECRET_KEY"] == made


def test_a_state_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shown = command(tmp_path / "file" / "state", "start")
    assert shown.returncode == 1
    assert f"The state directory {tmp_path}/file/state cannot be written" in shown.stderr
