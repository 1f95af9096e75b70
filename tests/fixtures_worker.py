"""`worker`: a real `celery worker` on the test database and the test broker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

from portal.health import WORKER_KEY

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ["worker", "--pool", "prefork", "--concurrency", "1", "--loglevel", "INFO"]
READY_SECONDS = 60


class Worker:
    """A worker process that tests may also kill: `ensure()` brings a new one up."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def ensure(self, app: str = "portal", **more: str) -> None:
        """Start it if it does not run and wait until it takes work. The caller has emptied the broker.

        A test may name the module of an application of its own, with variables of the environment for it.
        """
        if self.process is None or self.process.poll() is not None:
            database = connection.settings_dict["NAME"]
            environment = (
                os.environ | {"DATABASE_URL": f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{database}"} | more
            )
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "celery", "-A", app, *OPTIONS],
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        deadline = time.monotonic() + READY_SECONDS
        with redis.Redis.from_url(settings.REDIS_URL) as broker:
            while not broker.exists(WORKER_KEY):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"The worker did not start:\n{self.log.read_text(errors='replace')[-3000:]}")
                time.sleep(0.05)

    def kill(self) -> None:
        """As a power cut would: the worker and the children it works with, at once."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.pid, number)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self.process.wait(15)
            with redis.Redis.from_url(settings.REDIS_URL) as broker:
                broker.delete(WORKER_KEY)
        self.process = None


@pytest.fixture(scope="session")
def _worker_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    worker = Worker(tmp_path_factory.mktemp("worker") / "worker.log")
    yield worker
    worker.stop()


@pytest.fixture
def no_worker(_worker_process: Worker) -> None:
    """Nobody takes messages: the worker that earlier tests started is stopped; `worker` brings it up again."""
    _worker_process.stop()


@pytest.fixture
def empty_broker() -> None:
    """Messages of earlier tests point at rows that are gone."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushdb()


@pytest.fixture
def worker(transactional_db: None, empty_broker: None, _worker_process: Worker) -> Iterator[Worker]:
    """A running worker; what a test commits is seen by it, and its work is seen by the test.

    It ends with the test: one left behind would take the work of tests that do it themselves.
    """
    _worker_process.ensure()
    yield _worker_process
    _worker_process.stop()
