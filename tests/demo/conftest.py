"""A small demonstration, loaded by its own loader."""

from __future__ import annotations

import datetime as dt

import pytest

from demo.loading.province import load_province
from portal.clock import database_now

SIZE = 45
SEED = 8


@pytest.fixture
def now(db: None) -> dt.datetime:
    return database_now()


@pytest.fixture
def province(now: dt.datetime) -> None:
    load_province(seed=SEED, institutions=SIZE, now=now)
