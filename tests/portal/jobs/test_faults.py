"""A broker that is full, emptied or started anew, messages that make no sense, and a worker that is told to stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery
from django.test import Client

from portal.jobs import broker
from portal.jobs.actions import create
from portal.jobs.models import Job
from portal.jobs.tasks import sweep
from portal.servers.state import stored_port
from portal.servers.valkey import Valkey
from tests.factories.institutions import build_province
from tests.portal.jobs.test_broker import OwnWorker, broker_at, until

__all__ = ["broker_at"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_worker")]
BACKEND = "institutions.accounts.backends.NameBackend"


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A broker of this test's own."""
    state = tmp_path / "state"
    state.mkdir()
    server = Valkey(state)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_worker(tmp_path: Path, settings: Any, valkey: Valkey) -> Iterator[OwnWorker]:
    worker = OwnWorker(tmp_path / "worker.log", settings.MEDIA_ROOT)
    worker.environment["REDIS_URL"] = valkey.url()
    worker.environment.pop("PYTEST_XDIST_WORKER", None)  # would lead it to another database of the broker
    yield worker
    worker.kill()


def done(job: Job) -> bool:
    return Job.objects.filter(pk=job.pk, state="done").exists()


def test_a_worker_outlives_nonsense_a_new_broker_and_finishes_before_it_stops(
    own_worker: OwnWorker, valkey: Valkey, broker_at: Callable[[str], None]
) -> None:
    """F40, F7, F4, in the life of one worker."""
    with Celery("old", broker=valkey.url(), set_as_current=False) as old:  # tasks as an earlier version sent them
        old.send_task("portal.no.such.task")
        old.send_task("portal.jobs.tasks.run", args=["one", "too", "many"])
        old.send_task("portal.jobs.tasks.run", args=["no job"])
    broker_at(valkey.url())
    own_worker.start()
    first = create(kind="test.nothing", by=None, params={})
    until(lambda: done(first), own_worker)

    pid = valkey.pid()
    assert pid is not None
    port = stored_port(valkey.state, "valkey")
    os.kill(pid, signal.SIGKILL)
    assert valkey._launch(port)  # where the worker looks for it, whatever of the old connections lingers there
    second = create(kind="test.nothing", by=None, params={})
    until(lambda: bool(sweep() or done(second)), own_worker)

    assert own_worker.process is not None
    last = create(kind="test.file", by=None, params={"text": "whole", "pause": 2})
    until(lambda: Job.objects.filter(pk=last.pk, state="running").exists(), own_worker)
    own_worker.process.send_signal(signal.SIGTERM)
    assert own_worker.process.wait(30) == 0
    assert done(last)
    assert Job.objects.get(pk=last.pk).attempts == 1


def test_a_full_broker_fails_nothing_and_gets_the_work_later(
    valkey: Valkey, broker_at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """F8."""
    with redis.Redis.from_url(valkey.url()) as client:
        client.config_set("maxmemory", "1")
        broker_at(valkey.url())
        job = create(kind="test.nothing", by=None, params={})
        assert broker.seems_down()
        assert (Job.objects.get(pk=job.pk).state, client.llen("celery")) == ("queued", 0)
        client.config_set("maxmemory", "0")
        monkeypatch.setattr(broker, "_silent_until", 0.0)
        settings.JOB_QUEUED_SECONDS = 0
        sweep()
        assert client.llen("celery") == 1


def test_an_emptied_broker_signs_nobody_out(empty_broker: None) -> None:
    """F9: sessions and drafts are in the database."""
    world = build_province()
    client = Client()
    client.force_login(world.filer_a.user, backend=BACKEND)
    assert client.get("/filings/").status_code == 200
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as server:
        server.flushall()
    assert client.get("/filings/").status_code == 200
