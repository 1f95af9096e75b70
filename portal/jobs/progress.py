"""The sign of life of a job at work, and the step and count that its asker sees."""

from __future__ import annotations

import logging
import threading
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import Error, connection
from django.db.models.functions import Now

from portal.jobs.files import scratch_path
from portal.jobs.models import Job

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between two writes


class JobLost(Exception):
    """The job was silent for too long and another worker has it; whatever this one would still write is void."""


class Heartbeat:
    """A thread with a connection of its own that writes beat and progress while the handler works.

    A handler inside a long transaction or statement keeps beating, and its progress is seen before it commits.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lost = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._now: dict[str, str | int | None] = {}
        self._thread = threading.Thread(target=self._beat, name=f"beat-{job.pk}", daemon=True)

    def __call__(self, phase: str | None = None, done: int | None = None, total: int | None = None) -> None:
        """A new phase begins at zero of an unknown total unless it says otherwise."""
        if self._lost.is_set():
            raise JobLost(str(self._job.pk))
        with self._lock:
            if phase is not None and phase != self._now.get("phase"):
                self._now = {"phase": phase, "done": 0, "total": None}
            if done is not None:
                self._now["done"] = done
            if total is not None:
                self._now["total"] = total

    def scratch(self, suffix: str = "") -> Path:
        return scratch_path(self._job, suffix)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._stop.wait(EVERY) and not self._lost.is_set():
                self._write()
            if not self._lost.is_set():
                self._write()
        finally:
            connection.close()

    def _write(self) -> None:
        with self._lock:
            now = dict(self._now)
        held = Job.objects.filter(pk=self._job.pk, state=Job.State.RUNNING, attempts=self._job.attempts)
        try:
            if not held.update(beat_at=Now(), **now):
                self._lost.set()
        except Error as error:  # the database may come back before the job counts as silent
            log.warning("Job %s could not beat: %s", self._job.pk, error)
            connection.close()


class Silent:
    """Progress for calling a handler directly, without a worker: it remembers the last step and writes nothing."""

    def __init__(self, job: Job | None = None) -> None:
        self.phase, self.done, self.total = "", 0, None
        self._folder = Path(settings.MEDIA_ROOT)

    phase: str
    done: int
    total: int | None

    def __call__(self, phase: str | None = None, done: int | None = None, total: int | None = None) -> None:
        self.phase = self.phase if phase is None else phase
        self.done = self.done if done is None else done
        self.total = self.total if total is None else total

    def scratch(self, suffix: str = "") -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{uuid.uuid4()}{suffix}"
