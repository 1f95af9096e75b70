"""A province with a round this year and the accepted one before, and clients of its people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from institutions.models import Membership
from reports.rounds.models import Round
from tests.factories.filings import open_round
from tests.factories.institutions import Province, build_province

BACKEND = "institutions.accounts.backends.NameBackend"
Acting = Callable[[Membership], Client]


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


@pytest.fixture
def this_year(world: Province) -> Round:
    return open_round(world)


@pytest.fixture
def acting() -> Acting:
    """A client signed in as the person of the membership."""

    def client_of(membership: Membership) -> Client:
        client = Client()
        client.force_login(membership.user, backend=BACKEND)
        return client

    return client_of
