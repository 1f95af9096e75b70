"""A small demonstration, loaded by its own loader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from demo.loading.province import load_province
from portal.clock import database_now

SIZE = 45
SEED = 8


@pytest.fixture(scope="module")
def _loaded(django_db_setup: None, django_db_blocker: Any, _flush_past_append_only: None) -> Iterator[None]:
    """Once for a module, for it takes seconds; nothing it would set going is sent."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            load_province(seed=SEED, institutions=SIZE, now=database_now())
            connection.run_on_commit.clear()
        connection.close()
    yield
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
        connection.close()


@pytest.fixture
def province(_loaded: None, db: None) -> None:
    """The loaded demonstration; what a test changes is taken back."""
