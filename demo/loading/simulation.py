"""The invented province at any size, for measuring: the demonstration's rows without its trail, inbox and accounts.

Processes share the institutions out among themselves; what an institution is depends on its number alone, so the same
seed gives the same rows however many processes there are.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import connection, connections, transaction

from demo.generator.calendar import Calendar, last_year, this_year
from demo.generator.filing import filing_tables
from demo.generator.respondent import respondent
from demo.loading.copying import settle_sequences
from demo.loading.ground import SINCE, Ground, lay_ground, open_rounds
from demo.loading.paper import REVISIONS_EACH, Last, Paper, PaperNumbering
from demo.loading.province import GIVEN_IDS
from demo.loading.register import Numbering, Register
from portal.trail.actions import record
from reports.filings.models import Filing, Revision
from reports.filings.scoring import KEY_FIGURES, totals_of
from reports.rounds.models import Round
from review.tally.tasks import fold

CHUNK = 400
T = TypeVar("T")
Derived = dict[int, dict[str, str]]


@dataclass(slots=True)
class Task:
    """What every process knows; set before they are forked."""

    seed: int
    now: dt.datetime
    ground: Ground
    people: Numbering
    rounds: list[Round]
    calendars: list[Calendar]
    numbers: list[PaperNumbering]
    derived: Derived = field(default_factory=dict)  # last year's computed values of accepted filings, by institution


_task: Task | None = None


def simulate(*, seed: int, institutions: int, now: dt.datetime, progress: Callable[[str, int], None]) -> None:
    """Two rounds: the first closed, the second three days past its due time. `progress` hears (phase, institutions done)."""
    global _task
    with transaction.atomic():
        ground = lay_ground(seed=seed, now=now)
        calendars = [last_year(now), this_year(now, due_in=-3)]
        rounds = open_rounds(ground, calendars)
        record("demo.simulated", by=None, details={"institutions": institutions, "seed": seed})
    ground.scheme.definition  # noqa: B018  compiled once, before the processes are forked
    numbers = PaperNumbering.rounds(institutions, len(rounds))
    _task = Task(seed, now, ground, Numbering.after_present(), rounds, calendars, numbers)
    for part in _in_processes(_past, institutions):
        _task.derived.update(part)
        progress("past", len(part))
    totals_of(rounds[0].pk, (*KEY_FIGURES, "X001"))  # kept per process: the forked ones find it there
    for count in _in_processes(_present, institutions):
        progress("present", count)
    settle_sequences(*GIVEN_IDS)
    fold()
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(connection.introspection.django_table_names(only_existing=True))}")
    _task = None


def _in_processes(work: Callable[[range], T], institutions: int) -> Iterable[T]:
    chunks = [range(start, min(start + CHUNK, institutions)) for start in range(0, institutions, CHUNK)]
    connections.close_all()  # a connection does not survive a fork
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        yield from pool.imap_unordered(work, chunks)


def _paper(at: int) -> Paper:
    assert _task is not None
    return Paper(_task.ground, _task.rounds[at], _task.calendars[at], _task.numbers[at], _task.people, all_drafts=False)


def _past(chunk: range) -> Derived:
    """Institutions and last year's filings; returns the computed values of the accepted ones."""
    assert _task is not None
    found: Derived = {}
    with transaction.atomic():
        respondents = [respondent(_task.seed, index) for index in chunk]
        Register(_task.ground, _task.people, _task.now - SINCE).enrol(respondents)
        paper = _paper(0)
        for made in respondents:
            if made.due_in(paper.calendar.year):
                _told, last = paper.write(made, None)
                if last is not None and last.filing.revision is not None:
                    found[made.index] = last.filing.revision.derived
        paper.send()
    return found


def _present(chunk: range) -> int:
    assert _task is not None
    with transaction.atomic():
        paper = _paper(1)
        for index in chunk:
            made = respondent(_task.seed, index)
            if made.due_in(paper.calendar.year):
                paper.write(made, _last(index))
        paper.send()
    return len(chunk)


def _last(index: int) -> Last | None:
    """Last year's accepted filing as the other pass wrote it; its cells are drawn again."""
    assert _task is not None
    derived = _task.derived.get(index)
    if derived is None:
        return None
    made = respondent(_task.seed, index)
    year, people, ids = _task.calendars[0].year, _task.people, _task.numbers[0]
    tables = filing_tables(made, year, lambda kind, at: people.row_id(index, kind, at))
    revision = Revision(pk=ids.revisions + index * REVISIONS_EACH + 1, cells=tables, derived=derived)
    return Last(Filing(pk=ids.filings + index + 1, revision=revision), tables)
