from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from institutions.models import Membership
from institutions.roles import Role
from reports.filings.models import Filing
from tests.factories.filings import fill
from tests.factories.institutions import Province, a_membership, a_user


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "files")


@pytest.fixture
def filled(world: Province, filing: Filing) -> Filing:
    """Every table is filled and saved once."""
    return fill(filing, world.filer_a)


@pytest.fixture
def clerk(world: Province, acting: Callable[[Membership], Client]) -> Client:
    return acting(world.filer_a)


@pytest.fixture
def colleague(world: Province) -> Membership:
    """Another clerk of the same institution."""
    return a_membership(Role.FILER, world.a, a_user("second", name="陈丽"))
