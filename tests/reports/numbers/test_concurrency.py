"""Two files at once, two workers with one job, and a worker killed at any moment: the union is counted once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.urls import reverse

from institutions.models import Membership
from portal.jobs.models import Job
from portal.jobs.progress import Silent
from portal.jobs.tasks import sweep
from portal.trail.models import Event
from reports.filings.errors import NotAllowed
from reports.filings.models import Filing, Revision
from reports.numbers import actions, amending, files, pipeline, queueing, submitting
from reports.numbers.models import NumberBatch, NumberChange, QuarterReturn, ReportNumber
from reports.rounds.models import Kind
from tests.factories.filings import a_filing, fresh, open_round
from tests.factories.institutions import Province
from tests.fixtures_worker import Worker
from tests.reports.numbers.clients import client_of, look
from tests.reports.numbers.conftest import lines, loaded, make_world

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 100_000


@pytest.fixture(autouse=True)
def _only_wanted_workers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker of other tests may still be there; it hears of nothing unless the test asked for it."""
    if "worker" not in request.fixturenames:
        monkeypatch.setattr("portal.jobs.actions.hint", lambda *_: True)


@pytest.fixture
def province(transactional_db: None) -> Province:
    return make_world()


@pytest.fixture
def own(province: Province) -> Filing:
    return a_filing(open_round(province, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS), province.a)


def receive(filing: Filing, text: str, by) -> NumberBatch:
    return actions.receive(filing=filing, chunks=[text.encode()], name="编号.csv", by=by).batch


def in_thread(call: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            call()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def counts(batch: NumberBatch) -> tuple[int, int, int, int, int]:
    batch.refresh_from_db()
    return batch.read, batch.stored, batch.already, batch.repeated, batch.refused


def test_two_overlapping_files_at_once_count_the_union_once(province: Province, own: Filing) -> None:
    one = receive(own, lines(*(f"FJ-{n}" for n in range(3000))), province.filer_a)
    two = receive(own, lines(*(f"FJ-{n}" for n in reversed(range(2000, 5000)))), province.filer_a)
    threads = [in_thread(lambda batch=batch: pipeline.run(loaded(batch), Silent())) for batch in (one, two)]
    for thread in threads:
        thread.join(60)
    first, second = sorted((counts(one), counts(two)), key=lambda found: found[2])
    assert first == (3000, 3000, 0, 0, 0)
    assert second == (3000, 2000, 1000, 0, 0)
    assert ReportNumber.objects.of(province.a.pk).count() == 5000
    assert QuarterReturn.objects.get(filing=own).valid == 5000


def test_the_same_bytes_at_the_same_moment_make_one_batch(province: Province, own: Filing) -> None:
    found: list[tuple[int, bool]] = []
    text = lines("FJ-1", "FJ-2")

    def send() -> None:
        received = actions.receive(filing=own, chunks=[text.encode()], name="编号.csv", by=province.filer_a)
        found.append((received.batch.pk, received.again))

    for thread in [in_thread(send) for _ in range(4)]:
        thread.join(60)
    assert NumberBatch.objects.count() == 1
    assert sorted(again for _pk, again in found) == [False, True, True, True]
    assert len({pk for pk, _again in found}) == 1


def test_one_institution_takes_one_worker(province: Province, own: Filing) -> None:
    one = receive(own, lines("FJ-1"), province.filer_a)
    two = receive(own, lines("FJ-2"), province.filer_a)
    assert one.job is not None
    assert two.job is None
    pipeline.run(loaded(one), Silent())
    assert queueing.start_next(province.a.pk) == two
    two.refresh_from_db()
    assert two.job is not None


def test_a_batch_whose_job_was_given_up_is_closed_and_the_next_begins(province: Province, own: Filing) -> None:
    one = receive(own, lines("FJ-1"), province.filer_a)
    two = receive(own, lines("FJ-2"), province.filer_a)
    Job.objects.filter(pk=one.job_id).update(state=Job.State.FAILED)
    queueing.settle_lost()
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.job is not None) == (NumberBatch.State.FAILED, True)


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def job_of(batch: NumberBatch) -> Job:
    return Job.objects.get(pk=batch.job_id)


def phase_of(batch: NumberBatch) -> str:
    job = job_of(batch)
    return job.phase if job.state == Job.State.RUNNING else job.state


@pytest.fixture
def shared_files(settings, request: pytest.FixtureRequest) -> Path:
    """The worker has its own settings: its files lie where the product puts them."""
    settings.MEDIA_ROOT = Path(os.environ["PORTAL_STATE"]).resolve() / "files"
    return settings.MEDIA_ROOT


@pytest.mark.timeout(300)
@pytest.mark.parametrize("phase", ["read", "store", "mark"])
def test_a_killed_worker_leaves_a_batch_that_finishes_by_itself(
    shared_files: Path, settings, tmp_path: Path, province: Province, own: Filing, worker: Worker, phase: str
) -> None:
    """Killed between two blocks, before the commit of the numbers, and after it: the counts are exact each time."""
    settings.JOB_STALE_SECONDS = 2
    settings.JOB_QUEUED_SECONDS = 1
    worker.stop()
    worker.ensure("tests.reports.numbers.halting", HALT_AT=phase, HALT_SIGN=str(tmp_path / "here"))
    repeated = "FJ-0,2023-11-05\n"
    text = lines(*(f"FJ-{n}" for n in range(MANY))) + repeated + "FJ-X,2023-09-30\n"
    batch = receive(own, text, province.filer_a)
    until((tmp_path / "here").exists)
    until(lambda: phase_of(batch) == phase)
    assert job_of(batch).attempts == 1
    worker.kill()
    connection.close()
    until(lambda: no_other_transactions(), 60)
    stored = {"read": 0, "store": 0, "mark": MANY}[phase]
    batch.refresh_from_db()
    assert (batch.state, batch.stored, batch.is_counted) == (NumberBatch.State.RUNNING, stored, stored > 0)
    assert ReportNumber.objects.of(province.a.pk).count() == stored
    worker.ensure()

    def finished() -> bool:
        sweep()
        return batch_is_over(batch)

    until(finished, 120)
    assert job_of(batch).attempts > 1
    assert counts(batch) == (MANY + 2, MANY, 0, 1, 1)
    assert ReportNumber.objects.of(province.a.pk).count() == MANY
    assert QuarterReturn.objects.get(filing=own).valid == MANY
    assert Event.objects.filter(verb="numbers.imported").count() == 1
    marked = files.path_of(batch.marked_file).read_text(encoding="utf-8-sig").splitlines()
    assert [line.count('"') for line in (marked[0], marked[1], *marked[-2:])] == [2, 0, 2, 2]


def batch_is_over(batch: NumberBatch) -> bool:
    batch.refresh_from_db()
    return batch.is_over


def no_other_transactions() -> bool:
    """The server notices a dead client when it next speaks to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state <> 'idle'"
        )
        return cursor.fetchone()[0] == 0


# -- other people meanwhile -----------------------------------------------------------------------


class Meanwhile(Silent):
    """Lets somebody else act, to the end, when the work comes to a phase."""

    def __init__(self, at: str, act: Callable[[], object]) -> None:
        super().__init__()
        self._at, self._act = at, act

    def __call__(self, phase: str | None = None, done: int | None = None, total: int | None = None) -> None:
        comes = phase == self._at != self.phase
        super().__call__(phase, done, total)
        if comes:
            thread = in_thread(self._act)
            thread.join(30)
            assert not thread.is_alive(), "the other waits for the import"


def stopping(batch: NumberBatch, by: Membership, told: list[str]) -> Callable[[], None]:
    """An act that presses Stop, and leaves in `told` what was answered."""

    def stop() -> None:
        try:
            actions.cancel_batch(batch=batch, by=by)
            told.append("")
        except NotAllowed as refused:
            told.append(str(refused.reason))

    return stop


@pytest.mark.parametrize("phase", ["read", "store"])
def test_what_is_stopped_while_it_is_read_or_stored_stores_nothing(province: Province, own: Filing, phase: str) -> None:
    batch, told = receive(own, lines("FJ-1", "FJ-1"), province.filer_a), []
    pipeline.run(loaded(batch), Meanwhile(phase, stopping(batch, province.filer_a, told)))
    assert told == [""]
    assert counts(batch) == (0, 0, 0, 0, 0)
    assert batch.state == NumberBatch.State.CANCELLED
    assert not ReportNumber.objects.of(province.a.pk).exists()
    assert not QuarterReturn.objects.filter(filing=own, valid__gt=0).exists()
    assert [verb for verb in verbs() if verb != "numbers.received"] == ["numbers.cancelled"]


def test_what_is_stored_can_no_longer_be_stopped(province: Province, own: Filing) -> None:
    batch, told = receive(own, lines("FJ-1", "FJ-1"), province.filer_a), []
    pipeline.run(loaded(batch), Meanwhile("mark", stopping(batch, province.filer_a, told)))
    assert "编号.csv" in told[0]
    assert counts(batch) == (2, 1, 0, 1, 0)
    assert (batch.state, batch.cancel_asked) == (NumberBatch.State.DONE, False)
    assert [verb for verb in verbs() if verb != "numbers.received"] == ["numbers.imported"]


def test_who_stops_at_the_very_commit_waits_for_it_and_is_told(
    province: Province, own: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, told, threads = receive(own, lines("FJ-1"), province.filer_a), [], []
    write = pipeline._write_counts

    def and_somebody_stops(*given: Any) -> None:
        write(*given)
        threads.append(in_thread(stopping(batch, province.filer_a, told)))
        until(somebody_waits)

    monkeypatch.setattr(pipeline, "_write_counts", and_somebody_stops)
    pipeline.run(loaded(batch), Silent())
    threads[0].join(30)
    assert "编号.csv" in told[0]
    assert counts(batch) == (1, 1, 0, 0, 0)
    assert batch.state == NumberBatch.State.DONE


def somebody_waits() -> bool:
    """For the transaction that asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def verbs() -> list[str]:
    return list(Event.objects.filter(verb__startswith="numbers.").order_by("id").values_list("verb", flat=True))


def test_an_attempt_that_was_given_up_stores_nothing_any_more(province: Province, own: Filing) -> None:
    """Its worker was taken for dead, and the batch was closed while it still read."""
    batch = receive(own, lines("FJ-1"), province.filer_a)
    pipeline.run(loaded(batch), Meanwhile("read", lambda: pipeline._stop(loaded(batch))))
    assert counts(batch) == (0, 0, 0, 0, 0)
    assert batch.state == NumberBatch.State.FAILED
    assert not ReportNumber.objects.of(province.a.pk).exists()


def test_replacing_on_the_screen_does_not_wait_for_a_file_that_is_read(
    province: Province, own: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused with the reason, and what was typed is kept; voiding needs no new number and goes on."""
    pipeline.run(loaded(receive(own, lines("FJ-1", "FJ-2"), province.filer_a)), Silent())
    monkeypatch.setattr(amending, "PATIENCE", 0.3)
    client, answers = client_of(province.filer_a), []
    typed = {"number": "FJ-1", "replacement": "FJ-1A", "issued_on": "2023-12-01", "reason": "样品名称有误"}

    def act() -> None:
        answers.append(client.post(reverse("numbers:number-replace", args=[own.public_id]), typed))
        amending.void_number(institution=province.a, number="FJ-2", reason="报告作废重做", by=province.filer_a)

    pipeline.run(loaded(receive(own, lines("FJ-3"), province.filer_a)), Meanwhile("read", act))
    assert answers[0].status_code == 422
    assert [error.code for error in answers[0].context["replace"].errors.as_data()["replacement"]] == [None]
    assert {name: answers[0].context["replace"][name].value() for name in typed} == typed
    states = dict(ReportNumber.objects.of(province.a.pk).values_list("key", "state"))
    assert states == {"FJ-1": 1, "FJ-2": 2, "FJ-3": 1}
    assert list(NumberChange.objects.values_list("key", "act")) == [("FJ-2", "void")]
    assert QuarterReturn.objects.get(filing=own).valid == 2
    assert client.post(reverse("numbers:number-replace", args=[own.public_id]), typed).status_code == 302


def test_the_second_run_after_commit_is_a_no_op(province: Province, own: Filing) -> None:
    batch = receive(own, lines("FJ-1", "FJ-1"), province.filer_a)
    pipeline.run(loaded(batch), Silent())
    before = counts(batch), batch.finished_at
    pipeline.run(loaded(batch), Silent(), attempt=2)
    batch.refresh_from_db()
    assert (counts(batch), batch.finished_at) == before


def test_the_same_quarter_signed_four_times_at_once_is_one_revision(province: Province, own: Filing) -> None:
    submitting.declare_nil(filing=own, by=province.filer_a)
    filing, found = fresh(own), []

    def sign() -> None:
        stamp = look(filing).digest
        revision = submitting.submit(
            filing=filing, by=province.signer_a, version=filing.version, stamp=stamp, pledged=True
        )
        found.append(revision.pk)

    for thread in [in_thread(sign) for _ in range(4)]:
        thread.join(60)
    assert len(found) == 4
    assert len(set(found)) == Revision.objects.count() == 1
