"""A filing of institution A, last year's accepted one before it, and clients that act for its people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from institutions.models import Membership
from reports.filings.models import Filing
from reports.rounds.models import Round
from tests.factories.filings import a_filing, open_round
from tests.factories.institutions import Province, a_certificate, a_site, build_province

BACKEND = "institutions.accounts.backends.NameBackend"


@pytest.fixture
def world(db: None) -> Province:
    """The small province; A holds a certificate and two sites."""
    province = build_province()
    a_certificate(province.a)
    a_site(province.a)
    a_site(province.a)
    return province


@pytest.fixture
def round(world: Province) -> Round:
    return open_round(world)


@pytest.fixture
def filing(world: Province, round: Round) -> Filing:
    """Due, nobody has touched it."""
    return a_filing(round, world.a)


@pytest.fixture
def acting(client: Client) -> Callable[[Membership], Client]:
    """A client signed in as the person of the membership."""

    def sign_in(membership: Membership) -> Client:
        someone = Client()
        someone.force_login(membership.user, backend=BACKEND)
        return someone

    return sign_in
