"""Which function does which kind of job. A room registers its handlers in its `tasks.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.utils.functional import Promise

from portal.jobs.models import Job

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Result:
    """A finished file, written to a path from `progress.scratch()`, and the name under which it is offered."""

    path: Path
    name: str
    days: int | None = None  # until it is deleted; None for `JOB_RESULT_DAYS`


class Progress(Protocol):
    def __call__(self, phase: str | None = None, done: int | None = None, total: int | None = None) -> None:
        """Say how far the work is; call it as often as you like, it is written at most once a second.

        Raises `JobLost` when the job was given to another worker; let it pass.
        """

    def scratch(self, suffix: str = "") -> Path:
        """A path for a file in the making; nobody sees it, and it is removed after a crash."""


Handler = Callable[[Job, Progress], Result | None]


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    run: Handler
    title: Words
    phases: Mapping[str, Words] = field(default_factory=dict)


class UnknownKind(LookupError):
    """No room of this version does such a job."""


_kinds: dict[str, Kind] = {}


def handler(code: str, *, title: Words = "", phases: Mapping[str, Words] | None = None) -> Callable[[Handler], Handler]:
    """Register the function for a kind of job: `@handler("filing.pdf", title=_("…"), phases={"draw": _("…")})`.

    The function gets the job and a `Progress`. It may run twice, also after a kill, so what it writes must come out the
    same. Expected trouble is raised as `portal.errors.Refused`: its reason is what the asker reads.
    """

    def register(run: Handler) -> Handler:
        known = _kinds.setdefault(code, Kind(code, run, title or code, dict(phases or {})))
        if known.run is not run and known.run.__qualname__ != run.__qualname__:
            raise ValueError(f"Two handlers for jobs of the kind {code!r}.")
        return run

    return register


def find(code: str) -> Kind:
    """Raises `UnknownKind`. Outside a worker the rooms' `tasks.py` are loaded when first asked."""
    if code not in _kinds:
        from portal.celery import app

        app.loader.import_default_modules()
    try:
        return _kinds[code]
    except KeyError:
        raise UnknownKind(code) from None
