"""The small province with jc2023 published and jc2024 as a draft made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from institutions.models import Membership
from reports.schemes.models import Scheme
from tests.factories.filings import a_scheme
from tests.factories.institutions import Province, build_province
from tests.factories.schemes import next_scheme


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "files")


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


@pytest.fixture
def published(world: Province) -> Scheme:
    return a_scheme()


@pytest.fixture
def draft(published: Scheme) -> Scheme:
    return next_scheme(base=published)


def client_of(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user, backend="institutions.accounts.backends.NameBackend")
    return client


@pytest.fixture
def province(world: Province) -> Client:
    return client_of(world.statistician)
