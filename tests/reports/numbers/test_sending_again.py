"""The same bytes sent again: nothing changes while nothing has changed, and what was refused is read anew once it may be good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from institutions.models import Institution
from portal.jobs.progress import Silent
from reports.filings.models import Filing
from reports.numbers import actions, pipeline
from reports.numbers.models import NumberBatch, QuarterReturn, ReportNumber
from tests.factories.institutions import Province, a_certificate, a_site
from tests.reports.numbers.clients import HTMX, client_of
from tests.reports.numbers.conftest import CERTIFICATE, lines, loaded, send

Sent = Callable[..., NumberBatch]
DAY, WRONG_DAY = dt.date(2023, 11, 5), dt.date(2023, 9, 30)
NEW = "231300000009"
WITH_NEW = f"报告编号,签发日期,证书编号\nFJ-1,2023-11-05,{CERTIFICATE}\nFJ-2,2023-11-05,{NEW}\n"


def counts(batch: NumberBatch) -> tuple[int, int, int, int, int]:
    return batch.read, batch.stored, batch.already, batch.repeated, batch.refused


def run(received: actions.Received) -> NumberBatch:
    assert not received.again
    return pipeline.run(loaded(received.batch), Silent())


def keys(institution_id: int) -> list[str]:
    return sorted(ReportNumber.objects.of(institution_id).values_list("key", flat=True))


def test_a_list_with_its_date_mended_is_read(filing: Filing, world: Province) -> None:
    text = "FJ-1\nFJ-2\n"
    wrong = run(actions.paste(filing=filing, text=text, by=world.filer_a, issued_on=WRONG_DAY))
    assert counts(wrong) == (2, 0, 0, 0, 2)
    assert actions.paste(filing=filing, text=text, by=world.filer_a, issued_on=WRONG_DAY).again
    assert counts(run(actions.paste(filing=filing, text=text, by=world.filer_a, issued_on=DAY))) == (2, 2, 0, 0, 0)
    assert actions.paste(filing=filing, text=text, by=world.filer_a, issued_on=DAY).again
    assert keys(world.a.pk) == ["FJ-1", "FJ-2"]


def test_a_list_with_its_certificate_chosen_is_read(filing: Filing, world: Province) -> None:
    a_certificate(world.a, number=NEW, kind="CMA-S")
    text = "FJ-1,2023-11-05\n"
    assert run(actions.paste(filing=filing, text=text, by=world.filer_a)).causes == {"certificate_missing": 1}
    mended = run(actions.paste(filing=filing, text=text, by=world.filer_a, certificate=NEW))
    assert (counts(mended), ReportNumber.objects.get().certificate) == ((1, 1, 0, 0, 0), NEW)


def test_a_file_refused_because_of_the_register_is_read_again_when_that_is_amended(
    sent: Sent, filing: Filing, world: Province
) -> None:
    first = sent(WITH_NEW)
    assert (counts(first), first.causes) == ((2, 1, 0, 0, 1), {"certificate_unknown": 1})
    assert sent(WITH_NEW, name="改名.csv") == first
    a_certificate(world.a, number=NEW, kind="CMA-S")
    second = sent(WITH_NEW, name="改名.csv")
    assert counts(second) == (2, 1, 1, 0, 0)
    assert sent(WITH_NEW) == second
    assert keys(world.a.pk) == ["FJ-1", "FJ-2"]
    assert QuarterReturn.objects.get(filing=filing).valid == 2
    assert NumberBatch.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda world: world.a.certificates.update(expires_on=dt.date(2027, 1, 1)),
        lambda world: a_site(world.a),
        lambda world: Institution.objects.filter(pk=world.a.pk).update(uscc="91350100MA00000000"),
    ],
)
def test_what_the_register_says_decides_whether_a_file_is_the_same(
    sent: Sent, world: Province, change: Callable[[Province], object]
) -> None:
    first = sent(lines("FJ-1"))
    change(world)
    second = sent(lines("FJ-1"))
    assert (second == first, counts(second)) == (False, (1, 0, 1, 0, 0))


def test_numbers_stored_since_and_passing_days_change_nothing(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader is told how long the institution's numbers are, to find lost zeros, and the day, for dates in the future."""
    first = sent(lines("0001", "0002", "0003"))
    later = pipeline.database_now() + dt.timedelta(days=3)
    monkeypatch.setattr(pipeline, "database_now", lambda: later)
    assert sent(lines("0001", "0002", "0003")) == first


def test_a_day_that_has_come_since_is_read(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    in_quarter = dt.datetime(2023, 12, 1, 12, tzinfo=dt.UTC)
    monkeypatch.setattr(pipeline, "database_now", lambda: in_quarter)
    assert sent(lines("FJ-1", day="2023-12-05")).causes == {"date_future": 1}
    monkeypatch.setattr(pipeline, "database_now", lambda: in_quarter + dt.timedelta(days=7))
    assert counts(sent(lines("FJ-1", day="2023-12-05"))) == (1, 1, 0, 0, 0)


def test_a_file_that_was_sent_as_lines_of_json_is_read_as_what_it_is(sent: Sent) -> None:
    assert sent(lines("FJ-1"), source="api").causes == {"json": 2}
    assert counts(sent(lines("FJ-1"))) == (1, 1, 0, 0, 0)


def test_an_idempotency_key_answers_its_batch_whatever_has_changed(filing: Filing, world: Province) -> None:
    def again() -> actions.Received:
        chunks = [WITH_NEW.encode()]
        return actions.receive(filing=filing, chunks=chunks, name="a.csv", by=world.filer_a, idempotency_key="night-1")

    first = run(again())
    a_certificate(world.a, number=NEW, kind="CMA-S")
    assert (again().batch, again().again) == (first, True)
    assert counts(send(filing, WITH_NEW, world.filer_a, idempotency_key="night-2")) == (2, 1, 1, 0, 0)


@pytest.mark.parametrize("state", ["done", "refused", "failed", "cancelled"])
def test_what_was_in_the_way_is_answered_whatever_became_of_it_meanwhile(
    filing: Filing, world: Province, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """It was at work when the same bytes met it, and over when it was looked up."""
    first = actions.receive(filing=filing, chunks=[b"x"], name="a.csv", by=world.filer_a).batch
    same = actions._same

    def later(batch: NumberBatch) -> NumberBatch | None:
        NumberBatch.objects.filter(pk=first.pk).update(state=state)
        return same(batch)

    monkeypatch.setattr(actions, "_same", later)
    assert actions.receive(filing=filing, chunks=[b"x"], name="b.csv", by=world.filer_a).batch == first
    assert NumberBatch.objects.count() == 1


def test_the_page_says_when_a_file_with_refused_rows_is_worth_sending_again(
    filing: Filing, world: Province, sent: Sent
) -> None:
    sent(WITH_NEW, name="十月.csv")
    client = client_of(world.filer_a)

    def told() -> Any:
        files = {"file": [SimpleUploadedFile("改名.csv", WITH_NEW.encode())]}
        address = reverse("numbers:batch-upload", args=[filing.public_id])
        return client.post(address, files, headers=HTMX).context["told"][0]

    assert told().state == "excused"
    assert told().batch.name == "十月.csv"
    a_certificate(world.a, number=NEW, kind="CMA-S")
    assert (told().state, told().batch.name) == ("running", "改名.csv")
