"""Two files at once, two workers with one job, and a worker killed at any moment: the union is counted once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, connections

from portal.jobs.models import Job
from portal.jobs.progress import Silent
from portal.jobs.tasks import sweep
from reports.filings.models import Filing, Revision
from reports.numbers import actions, pipeline, queueing, submitting
from reports.numbers.models import NumberBatch, QuarterReturn, ReportNumber
from reports.rounds.models import Kind
from tests.factories.filings import a_filing, fresh, open_round
from tests.factories.institutions import Province
from tests.fixtures_worker import Worker
from tests.reports.numbers.clients import look
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


def phase_of(batch: NumberBatch) -> str:
    job = Job.objects.get(pk=batch.job_id)
    return job.phase if job.state == Job.State.RUNNING else job.state


@pytest.fixture
def shared_files(settings, request: pytest.FixtureRequest) -> Path:
    """The worker has its own settings: its files lie where the product puts them."""
    settings.MEDIA_ROOT = Path(os.environ["PORTAL_STATE"]).resolve() / "files"
    return settings.MEDIA_ROOT


@pytest.mark.timeout(300)
@pytest.mark.parametrize("phase", ["read", "store", "stored"])
def test_a_killed_worker_leaves_a_batch_that_finishes_by_itself(
    shared_files: Path, settings, province: Province, own: Filing, worker: Worker, phase: str
) -> None:
    """Killed while reading, while storing, and after the commit of the numbers: the counts are exact each time."""
    settings.JOB_STALE_SECONDS = 2
    settings.JOB_QUEUED_SECONDS = 1
    repeated = "FJ-0,2023-11-05\n"
    text = lines(*(f"FJ-{n}" for n in range(MANY))) + repeated + "FJ-X,2023-09-30\n"
    batch = receive(own, text, province.filer_a)
    if phase == "stored":
        until(lambda: ReportNumber.objects.of(province.a.pk).exists() or batch_is_over(batch))
    else:
        until(lambda: phase_of(batch) in (phase, "store", "mark", "done"))
    worker.kill()
    connection.close()
    until(lambda: no_other_transactions(), 60)
    worker.ensure()

    def finished() -> bool:
        sweep()
        return batch_is_over(batch)

    until(finished, 120)
    assert counts(batch) == (MANY + 2, MANY, 0, 1, 1)
    assert ReportNumber.objects.of(province.a.pk).count() == MANY
    assert QuarterReturn.objects.get(filing=own).valid == MANY


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
