"""A broker that is down delays work and fails nothing; a worker that is killed is replaced."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery
from django.conf import settings as live
from django.db import connection, transaction

from portal.jobs import broker, files
from portal.jobs.actions import create
from portal.jobs.models import Job
from portal.jobs.tasks import sweep

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_worker")]


def messages() -> int:
    with redis.Redis.from_url(live.REDIS_URL) as client:
        return int(client.llen("celery"))


@pytest.fixture
def broker_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Have jobs told to another broker, by an application configured like ours."""
    apps: list[Celery] = []

    def point(url: str) -> None:
        other = Celery("other", broker=url, set_as_current=False)
        other.conf.update(broker_transport_options=live.CELERY_BROKER_TRANSPORT_OPTIONS, task_publish_retry=False)
        apps.append(other)

        @other.task(name="portal.jobs.tasks.run")
        def task(job_id: str) -> None:
            pytest.fail("Only the message counts here.")

        monkeypatch.setattr("portal.jobs.actions.run", task)
        monkeypatch.setattr("portal.jobs.tasks.run", task)

    yield point
    for other in apps:
        other.close()


def test_worker_hears_after_the_commit_and_not_before(empty_broker: None) -> None:
    with transaction.atomic():
        create(kind="test.nothing", by=None, params={})
        assert messages() == 0
    assert messages() == 1


def test_act_that_fails_asks_for_no_work(empty_broker: None) -> None:
    with transaction.atomic():
        create(kind="test.nothing", by=None, params={})
        transaction.set_rollback(True)
    assert (messages(), Job.objects.count()) == (0, 0)


def test_stopped_broker_fails_nothing(broker_at: Callable[[str], None], caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    broker_at(f"redis://127.0.0.1:{port}/0")
    before = time.monotonic()
    jobs = [create(kind="test.nothing", by=None, params={}) for _ in range(20)]
    assert time.monotonic() - before < 1
    assert broker.seems_down()
    assert "Connection refused" in caplog.text
    assert Job.objects.filter(state="queued", pk__in=[job.pk for job in jobs]).count() == 20
    sweep()
    assert Job.objects.filter(state="queued").count() == 20


def test_broker_that_hangs_fails_nothing(broker_at: Callable[[str], None], caplog: pytest.LogCaptureFixture) -> None:
    """It accepts the connection and never says a word."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(8)
        broker_at(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        before = time.monotonic()
        job = create(kind="test.nothing", by=None, params={})
        assert time.monotonic() - before < 7
        assert broker.seems_down()
    assert "imeout" in caplog.text or "imed out" in caplog.text
    assert Job.objects.get().pk == job.pk


class OwnWorker:
    """A real worker that knows the handlers of the tests, with its database, files and a short patience."""

    def __init__(self, log: Path, media: str) -> None:
        self.log = log
        database = connection.settings_dict["NAME"]
        self.environment = os.environ | {
            "DATABASE_URL": f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{database}",
            "MEDIA_ROOT": media,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": str(ROOT),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "portal",
            "worker",
            "-c",
            "1",
            "-I",
            "tests.portal.jobs.handlers",
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(15)


@pytest.fixture
def own_worker(tmp_path: Path, settings: Any, empty_broker: None) -> Iterator[OwnWorker]:
    worker = OwnWorker(tmp_path / "worker.log", settings.MEDIA_ROOT)
    yield worker
    worker.kill()


def until(true: Callable[[], bool], worker: OwnWorker, seconds: int = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            pytest.fail(worker.log.read_text(errors="replace")[-3000:])
        time.sleep(0.1)


def test_killed_worker_is_replaced_and_leaves_no_half_file(
    own_worker: OwnWorker, settings: Any, tmp_path: Path
) -> None:
    job = create(kind="test.file", by=None, params={"text": "whole", "hold": True})
    own_worker.start()
    until(lambda: Job.objects.filter(pk=job.pk, state="running", done=3).exists(), own_worker)
    own_worker.kill()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result_file) == ("running", 1, "")
    assert files.result_path(job) is None

    settings.JOB_STALE_SECONDS = 1
    with redis.Redis.from_url(live.REDIS_URL) as client:
        client.flushdb()  # and the broker forgot everything
    until(lambda: bool(sweep() or Job.objects.filter(pk=job.pk, state="queued").exists()), own_worker, 10)
    own_worker.start()
    until(lambda: Job.objects.filter(pk=job.pk, state="done").exists(), own_worker)
    job.refresh_from_db()
    path = files.result_path(job)
    assert path is not None
    assert (job.attempts, path.read_text()) == (2, "whole")
    assert [one.name for one in path.parent.iterdir()] == [path.name]
