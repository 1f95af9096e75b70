"""The Celery application: what it promises about lost workers and lost brokers."""

import socket
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from kombu.exceptions import OperationalError

from portal.celery import app, task_packages

ROOT = Path(__file__).resolve().parents[2]


def test_work_is_acknowledged_when_done_and_only_json_is_read() -> None:
    conf = app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert (conf.task_serializer, list(conf.accept_content)) == ("json", ["json"])
    assert conf.broker_connection_retry_on_startup is True
    assert conf.timezone == "Asia/Shanghai"


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled
    assert scheduled - set(app.tasks) == set()


def test_task_packages_are_found_at_any_depth(tmp_path: Path) -> None:
    for name in (
        "portal/jobs/tasks.py",
        "reports/filings/export/tasks.py",
        "reports/rounds/views.py",
        "elsewhere/tasks.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert task_packages(tmp_path) == ["portal.jobs", "reports.filings.export"]


def test_publishing_to_a_broker_that_is_down_fails_within_a_second() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{held.getsockname()[1]}/0"
        began = time.monotonic()
        with app.connection_for_write(url) as connection, pytest.raises(OperationalError):
            app.send_task("portal.jobs.tasks.sweep", connection=connection)
    assert time.monotonic() - began < 1


def test_publishing_through_the_pool_of_a_lost_broker_fails_within_a_second() -> None:
    """As a view does it: no connection named, the application's own pool."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{held.getsockname()[1]}/0"
        lost = type(app)("lost", broker=url, set_as_current=False)
        lost.conf.update({name: app.conf[name] for name in ("broker_transport_options", "task_publish_retry")})
        began = time.monotonic()
        with pytest.raises(OperationalError):
            lost.send_task("portal.jobs.tasks.sweep")
        spent = time.monotonic() - began
        lost.close()
    assert spent < 1


def test_shared_tasks_belong_to_the_portal() -> None:
    from celery import current_app

    assert current_app.main == "portal"
    options: dict[str, Any] = app.conf.broker_transport_options
    assert options["visibility_timeout"] >= 3600
