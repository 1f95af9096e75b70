"""Looking writes nothing: no page or download of report numbers changes a row, for the institution or its bureau."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reports.filings.models import Filing
from reports.numbers import submitting
from reports.numbers.models import NumberBatch
from tests.factories.filings import fresh
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of
from tests.reports.numbers.conftest import lines
from tests.reports.numbers.test_issues import sign

WRITES = ("INSERT", "UPDATE", "DELETE", "COPY", "TRUNCATE", "MERGE")
#: The session keeps when its owner was last there, and an export leaves an event.
ALLOWED = re.compile(r'UPDATE "django_session"|INSERT INTO "trail_event"|COPY \(\s*SELECT[^;]*TO STDOUT', re.DOTALL)


@pytest.fixture
def batch(filing: Filing, world: Province, sent: Callable[..., NumberBatch]) -> NumberBatch:
    """Sent with a good and a bad line; the quarter was signed after it."""
    made = sent(lines("FJ-1") + "FJ-2,2023-09-28\n")
    submitting.declare(filing=fresh(filing), count=1, by=world.filer_a)
    assert sign(filing, world) == 302
    return made


def test_no_page_writes(batch: NumberBatch, filing: Filing, world: Province) -> None:
    quarter, one = [filing.public_id], [batch.public_id]
    shared = {
        "number-list": (quarter, {}),
        "number-detail": (quarter, {"number": "FJ-1"}),
        "revision-detail": ([*quarter, 1], {}),
        "batch-detail": (one, {}),
        "batch-reasons": (one, {}),
        "extract": (quarter, {"format": "csv"}),
        "lookup-code": ([world.a.public_id], {}),
    }
    own = {
        "quarter-detail": (quarter, {}),
        "batch-marked": (one, {}),
        "template": (quarter, {}),
        "token-list": ([], {}),
    }
    bureau = {"coverage": ([], {}), "coverage-workbook": ([], {}), "shared-list": ([], {})}
    for person, pages in ((world.signer_a, shared | own), (world.gulou_reviewer, shared | bureau)):
        client = client_of(person)
        for name, (args, asked) in pages.items():
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(reverse(f"numbers:{name}", args=args), asked)
                b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert answer.status_code == 200, (name, person)
            written = [query["sql"] for query in queries if query["sql"].lstrip().startswith(WRITES)]
            assert [sql for sql in written if not ALLOWED.match(sql.lstrip())] == [], (name, person)
