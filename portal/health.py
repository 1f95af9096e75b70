"""`GET /healthz`: 200 while the database, the broker and a worker are there, else 503 with the names of what is not."""

import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

WORKER_KEY = "zhibao:worker"
WORKER_SECONDS = 10  # five missed heartbeats


def _broker() -> redis.Redis:
    """A client that answers or fails within a second; a health check must not wait for its patient."""
    limits = {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 0)}
    return redis.Redis.from_url(settings.REDIS_URL, **limits)


def note_worker() -> None:
    """Called by a worker: somebody takes work from this broker. A lost broker is the consumer's to report and mend."""
    try:
        with _broker() as broker:
            broker.set(WORKER_KEY, 1, ex=WORKER_SECONDS)
    except redis.RedisError as error:
        log.warning("Heartbeat not written: %s", error)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return False
    return True


def _broker_answers() -> bool:
    try:
        with _broker() as broker:
            return bool(broker.ping())
    except redis.RedisError:
        return False


def _worker_beats() -> bool:
    try:
        with _broker() as broker:
            return bool(broker.exists(WORKER_KEY))
    except redis.RedisError:
        return False


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "broker": _broker_answers,
    "worker": _worker_beats,
}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    missing = [name for name, check in CHECKS.items() if not check()]
    if missing:
        return JsonResponse({"status": "unavailable", "missing": missing}, status=503)
    return JsonResponse({"status": "ok"})
