"""What every test may use. The servers start in `tests/settings.py`; browsers, workers and mail are in the plugins below."""

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache

# On the build server the same examples each time; at the desk new ones.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")

pytest_plugins = ["tests.fixtures_worker", "tests.fixtures_browser", "tests.fixtures_mail", "tests.fixtures_trail"]


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """The cache lives as long as the process; what one test put there is not for the next."""
    yield
    cache.clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Persistent connections would keep the test database from being dropped."""
    from django.conf import settings

    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database is dropped at the end, whatever a killed worker's last statement is still doing in it."""
    yield
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
