"""What every test may use. The servers start in `tests/settings.py`; browsers, workers and mail are in the plugins below."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

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
