"""What befalls a list of report numbers on its way (docs/faults.md)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.urls import reverse

from reports.filings.models import Filing
from reports.numbers.models import NumberBatch
from reports.rounds.models import Kind
from reports.rounds.quarters import Quarter
from tests.factories.filings import a_filing, open_round
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of, text_of
from tests.reports.numbers.conftest import lines, send


def test_f27_an_upload_cut_off_on_its_way_is_no_batch_and_the_next_try_works(
    filing: Filing, world: Province, settings: Any
) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
    body = head + lines(*(f"FJ-{number}" for number in range(1000))).encode() + b"\r\n--x--\r\n"
    client, address = client_of(world.filer_a), reverse("numbers:batch-upload", args=[filing.public_id])
    sent = {"content_type": "multipart/form-data; boundary=x"}
    answer = client.generic("POST", address, body[: len(body) * 6 // 10], **sent)
    assert answer.status_code == 422
    assert "未选择文件" in text_of(answer)
    assert NumberBatch.objects.count() == 0
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []
    assert client.generic("POST", address, body, **sent).status_code == 302
    assert NumberBatch.objects.count() == 1


def test_f42_a_quarter_ends_at_midnight_in_shanghai_and_has_its_leap_day(world: Province) -> None:
    quarter = Quarter(2023, 4)
    assert quarter.opens_at == dt.datetime(2023, 12, 31, 16, tzinfo=dt.UTC)
    assert quarter.due_at == dt.datetime(2024, 1, 31, 15, 59, 59, tzinfo=dt.UTC)
    assert quarter.next == Quarter(2024, 1)
    first = a_filing(open_round(world, period="2024Q1", kind=Kind.QUARTERLY_NUMBERS), world.a)
    batch = send(first, lines("FJ-1", day="2024-02-29") + "FJ-2,2023-02-29\nFJ-3,2023-12-31\n", world.filer_a)
    assert (batch.stored, batch.causes) == (1, {"date_impossible": 1, "date_outside": 1})
