"""What every test may use. The servers start in `tests/settings.py`; browsers, workers and mail are in the plugins below."""

import os
from collections.abc import Iterator

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
