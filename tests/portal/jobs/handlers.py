"""Kinds of jobs for the tests."""

import time
from typing import Any

from django.db import OperationalError, connection, transaction

from portal.errors import Refused
from portal.jobs.models import Job
from portal.jobs.progress import JobLost
from portal.jobs.registry import Progress, Result, handler

CALLS: list[str] = []


@handler("test.file", title="A file", phases={"read": "Reading", "write": "Writing"})
def file(job: Job, progress: Progress) -> Result:
    """Writes `params["text"]`; with `params["hold"]` it first waits, in its first attempt, until it is killed, with
    `params["pause"]` so many seconds."""
    progress("write", done=0, total=10)
    path = progress.scratch(".txt")
    path.write_text("half")
    if job.params.get("hold") and job.attempts == 1:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            progress(done=3)
            time.sleep(0.05)
    time.sleep(job.params.get("pause", 0))
    CALLS.append(str(job.pk))
    path.write_text(job.params["text"])
    return Result(path, "报告.txt")


@handler("test.nothing")
def nothing(job: Job, progress: Progress) -> None:
    CALLS.append(str(job.pk))


@handler("test.refused")
def refused(job: Job, progress: Progress) -> None:
    progress.scratch(".txt").write_text("half")
    raise Refused("第3行没有编号，请补上后重新上传。")


@handler("test.broken")
def broken(job: Job, progress: Progress) -> None:
    progress.scratch(".txt").write_text("half")
    raise ZeroDivisionError("secret words")


@handler("test.database-away")
def database_away(job: Job, progress: Progress) -> None:
    raise OperationalError("server closed the connection unexpectedly")


@handler("test.in-a-transaction")
def in_a_transaction(job: Job, progress: Progress) -> None:
    """Notes in `CALLS` what another connection sees of the progress while the transaction is open."""
    with transaction.atomic():
        progress("read", done=7, total=9)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            seen: Any = Job.objects.filter(pk=job.pk).values_list("phase", "done", "total").get()
            if seen == ("read", 7, 9):
                break
            time.sleep(0.05)
        CALLS.append(repr(seen))


@handler("test.overtaken")
def overtaken(job: Job, progress: Progress) -> Result:
    """Another worker gets the job in the middle, as after a long pause of this one."""
    path = progress.scratch(".txt")
    path.write_text("of the first worker")
    Job.objects.filter(pk=job.pk).update(attempts=job.attempts + 1)
    if job.params.get("notices"):
        deadline = time.monotonic() + 10
        try:
            while time.monotonic() < deadline:
                progress(done=1)
                time.sleep(0.05)
        except JobLost:
            CALLS.append("lost")
            connection.close()
            raise
    return Result(path, "x.txt")
