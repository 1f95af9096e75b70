"""Jobs are done once, by one worker, wholly or not at all."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from portal.inbox.models import Notice
from portal.jobs import files, holding
from portal.jobs.actions import create
from portal.jobs.models import Job
from portal.jobs.tasks import run, sweep
from tests.factories.institutions import Province, build_province
from tests.portal.jobs.handlers import CALLS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_broker")]


@pytest.fixture
def tree(transactional_db: None) -> Province:
    return build_province()


def a_job(kind: str = "test.file", by: Any = None, **params: Any) -> Job:
    return create(kind=kind, by=by, params={"text": "whole", **params})


def again(job: Job) -> Job:
    job.refresh_from_db()
    return job


def left_of(job: Job, tmp_path: Path) -> list[str]:
    """What lies in the job's folder."""
    return sorted(path.read_text() for path in (tmp_path / "jobs" / str(job.pk)).glob("*"))


def silence(job: Job, seconds: int) -> None:
    Job.objects.filter(pk=job.pk).update(beat_at=Now() - timedelta(seconds=seconds))  # type: ignore[operator]


def test_result_is_offered_whole(tmp_path: Path) -> None:
    job = a_job()
    assert (job.state, job.attempts, job.language) == ("queued", 0, "zh-hans")
    run(str(job.pk))
    again(job)
    assert (job.state, job.attempts, job.result_name, job.reason) == ("done", 1, "报告.txt", "")
    path = files.result_path(job)
    assert path is not None
    assert path.read_text() == "whole"
    assert path.suffix == ".txt"
    assert left_of(job, tmp_path) == ["whole"]
    assert job.finished_at is not None
    assert job.expires_at is not None
    assert timedelta(days=6, hours=23) < job.expires_at - job.finished_at <= timedelta(days=7, seconds=1)


def test_second_message_does_nothing() -> None:
    job = a_job("test.nothing")
    run(str(job.pk))
    finished = again(job).finished_at
    run(str(job.pk))
    assert [str(job.pk)] == CALLS
    assert again(job).finished_at == finished


def test_message_for_a_job_that_is_gone_does_nothing() -> None:
    run("00000000-0000-4000-8000-000000000000")
    assert CALLS == []


def test_two_workers_claim_one_wins() -> None:
    jobs = [a_job("test.nothing") for _ in range(20)]
    start = threading.Barrier(2)
    won: list[str] = []

    def work() -> None:
        try:
            for job in jobs:
                start.wait(10)
                claimed = holding.claim(job.pk)
                if claimed is not None:
                    won.append(str(claimed.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(str(job.pk) for job in jobs)
    assert set(Job.objects.values_list("state", "attempts")) == {("running", 1)}


def test_running_job_is_claimed_only_when_silent() -> None:
    job = a_job("test.nothing")
    assert holding.claim(job.pk) is not None
    silence(job, 89)
    assert holding.claim(job.pk) is None
    silence(job, 91)
    taken = holding.claim(job.pk)
    assert taken is not None
    assert taken.attempts == 2


def test_progress_is_seen_while_the_handlers_transaction_is_open() -> None:
    job = a_job("test.in-a-transaction")
    run(str(job.pk))
    assert CALLS == ["('read', 7, 9)"]
    assert again(job).state == "done"


@pytest.mark.parametrize("notices", [True, False])
def test_overtaken_worker_writes_nothing(tmp_path: Path, notices: bool) -> None:
    job = a_job("test.overtaken", notices=notices)
    run(str(job.pk))
    again(job)
    assert (job.state, job.attempts, job.result_file, job.reason) == ("running", 2, "", "")
    assert (["lost"] if notices else []) == CALLS
    assert files.result_path(job) is None


def test_refusal_is_told_in_its_own_words(tree: Province, tmp_path: Path) -> None:
    job = a_job("test.refused", by=tree.filer_a)
    run(str(job.pk))
    again(job)
    assert (job.state, job.reason) == ("failed", "第3行没有编号，请补上后重新上传。")
    assert len(job.reference) == 9
    assert left_of(job, tmp_path) == []
    notice = Notice.objects.get()
    assert (notice.recipient, notice.link) == (tree.filer_a.user, f"/jobs/{job.pk}/")


def test_unexpected_error_gives_a_reference_and_no_secrets(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    job = create(kind="test.broken", by=None, params={}, language="en")
    run(str(job.pk))
    again(job)
    assert job.state == "failed"
    assert job.reason == (
        "An unexpected error stopped the work. Ask for it again; if it stops again, report the reference number."
    )
    assert job.reference in caplog.text
    assert "secret words" in caplog.text
    assert left_of(job, tmp_path) == []


def test_unknown_kind_fails_with_the_reason() -> None:
    job = create(kind="test.of-another-version", by=None, params={}, language="en")
    run(str(job.pk))
    assert (again(job).state, job.reason) == ("failed", "This version of the system does not know this kind of work.")


def test_lost_database_is_tried_again_but_not_for_ever(settings: Any) -> None:
    settings.JOB_ATTEMPTS = 2
    job = a_job("test.database-away")
    run(str(job.pk))
    assert (again(job).state, job.attempts) == ("queued", 1)
    run(str(job.pk))
    assert (again(job).state, job.attempts) == ("failed", 2)


def test_sweep_revives_a_silent_job_and_gives_up_after_the_last_attempt(settings: Any) -> None:
    job = a_job("test.nothing")
    for attempt in (1, 2, 3):
        assert holding.claim(job.pk) is not None
        sweep()
        assert (again(job).state, job.attempts) == ("running", attempt)
        silence(job, 91)
        sweep()
        assert again(job).state == ("queued" if attempt < 3 else "failed")
    assert "3" in job.reason
    assert holding.claim(job.pk) is None
    assert CALLS == []


def test_sweep_tells_forgotten_jobs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    job, fresh = a_job("test.nothing"), a_job("test.nothing")
    monkeypatch.setattr("portal.jobs.tasks.hint", lambda task, job_id: told.append(job_id) or True)
    silence(job, 31)
    sweep()
    assert told == [str(job.pk)]
    sweep()
    assert told == [str(job.pk)]
    assert again(fresh).state == again(job).state == "queued"


def test_sweep_removes_expired_files_and_keeps_the_row(tmp_path: Path) -> None:
    job, kept = a_job(), a_job()
    for one in (job, kept):
        run(str(one.pk))
    Job.objects.filter(pk=job.pk).update(expires_at=Now() - timedelta(seconds=1))  # type: ignore[operator]
    sweep()
    again(job)
    assert (job.state, job.result_file, job.result_name) == ("done", "", "报告.txt")
    assert left_of(job, tmp_path) == []
    assert left_of(kept, tmp_path) == ["whole"]
    sweep()


def test_long_work_is_announced_when_ready(tree: Province) -> None:
    quick, long = a_job(by=tree.filer_a), a_job(by=tree.filer_a)
    Job.objects.filter(pk=long.pk).update(created_at=Now() - timedelta(seconds=61))  # type: ignore[operator]
    for job in (quick, long):
        run(str(job.pk))
    notice = Notice.objects.get()
    assert (notice.recipient, notice.link, notice.subject_en) == (
        tree.filer_a.user,
        f"/jobs/{long.pk}/",
        "Ready: A file",
    )


@pytest.mark.parametrize("suffix", ["/../x", ".a/b", "exe", ".toolongsuffix"])
def test_scratch_takes_plain_suffixes_alone(suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix"):
        files.scratch_path(a_job(), suffix)


def test_result_outside_the_own_folder_is_not_offered(tmp_path: Path) -> None:
    job, other = a_job(), a_job()
    run(str(other.pk))
    for path in (again(other).result_file, "../../etc/passwd", "/etc/passwd"):
        job.result_file = path
        assert files.result_path(job) is None
    assert files.result_path(other) is not None
