"""An annual report of institution A beside its submitted statistics, files to attach, and clients of its people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from institutions.models import Membership
from reports.filings.models import Filing
from reports.rounds.models import Kind
from tests.factories.annual import a_picture, attach, valid_report
from tests.factories.filings import a_filing, fill, fresh, open_round, submitted_filing
from tests.factories.institutions import Province, a_certificate, a_site, build_province

BACKEND = "institutions.accounts.backends.NameBackend"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def world(db: None) -> Province:
    province = build_province()
    a_certificate(province.a)
    a_site(province.a)
    return province


@pytest.fixture
def statistics(world: Province) -> Filing:
    """Submitted, in review."""
    return submitted_filing(open_round(world), world.a, by=world.signer_a)


@pytest.fixture
def report(world: Province) -> Filing:
    """Due, nobody has touched it."""
    return a_filing(open_round(world, kind=Kind.ANNUAL_REPORT), world.a)


@pytest.fixture
def ready(world: Province, statistics: Filing, report: Filing) -> Filing:
    """Filled, with the summary drawn and both required files."""
    assert statistics.revision is not None
    cells = valid_report() | {"R401": statistics.revision.digest}
    fill(report, world.filer_a, {"AR": cells})
    attach(report, "R901", world.filer_a)
    attach(report, "R903", world.filer_a, a_picture(), "自我声明.png")
    return fresh(report)


@pytest.fixture
def acting(client: Client) -> Callable[[Membership], Client]:
    def sign_in(membership: Membership) -> Client:
        someone = Client()
        someone.force_login(membership.user, backend=BACKEND)
        return someone

    return sign_in


def upload(client: Client, filing: Filing, code: str, content: bytes, name: str = "扫描件.pdf") -> Any:
    file = SimpleUploadedFile(name, content, "application/pdf")
    return client.post(f"/annual/{filing.public_id}/files/{code}/", {"file": file})


def typed(values: Mapping[str, str], was: str = "{}", seen: str = "0", **more: str) -> dict[str, str]:
    return {"was": was, "seen": seen, **values, **more}
