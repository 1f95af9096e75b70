"""`/healthz` with the real database and broker, and with each of them away."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.db import connections
from django.db.utils import ConnectionHandler
from django.test import Client

from portal import health
from tests.fixtures_worker import Worker


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is ours and on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def broker(settings: Any) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(health.WORKER_KEY)
        yield client
        client.delete(health.WORKER_KEY)


def test_healthz_is_200_while_a_worker_beats(client: Client, db: None, broker: redis.Redis) -> None:
    health.note_worker()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-cache" in answer["Cache-Control"]
    assert 0 < broker.ttl(health.WORKER_KEY) <= health.WORKER_SECONDS


def test_healthz_names_the_worker_that_no_longer_beats(client: Client, db: None, broker: redis.Redis) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "missing": ["worker"]})


def test_healthz_names_the_broker(client: Client, db: None, settings: Any, closed_port: int) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port}/0"
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["broker", "worker"])


def test_healthz_names_the_database(
    client: Client, db: None, broker: redis.Redis, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    health.note_worker()
    away = connections.settings["default"] | {"HOST": "127.0.0.1", "PORT": closed_port}
    monkeypatch.setattr(health, "connection", ConnectionHandler({"default": away})["default"])
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["database"])


def test_healthz_takes_no_posts(client: Client, db: None) -> None:
    assert client.post("/healthz").status_code == 405


def test_healthz_asks_the_database_once(client: Client, db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        client.get("/healthz")


def test_a_lost_broker_does_not_stop_the_heartbeat(
    settings: Any, closed_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port}/0"
    health.note_worker()
    assert "Heartbeat not written" in caplog.text


def test_healthz_sees_a_real_worker(client: Client, worker: Worker) -> None:
    assert client.get("/healthz").status_code == 200
