"""The small province, and clients that are signed in."""

from collections.abc import Callable

import pytest
from django.test import Client

from institutions.models import Membership
from tests.factories.institutions import Province, build_province

BACKEND = "institutions.accounts.backends.NameBackend"


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


@pytest.fixture
def sign_in(db: None) -> Callable[[Membership], Client]:
    """A new browser signed in as the membership's person."""

    def sign_in(membership: Membership) -> Client:
        client = Client()
        client.force_login(membership.user, backend=BACKEND)
        return client

    return sign_in
