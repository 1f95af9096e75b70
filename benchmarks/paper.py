"""A filing's tables as PDF through the press, against bare WeasyPrint in this process with the same HTML.

Both are warm and take turns, so that what else the machine does falls on both.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from django.utils.translation import override

from benchmarks.result import Result, against
from portal.paper import engine
from portal.paper.setting import pdf as bare
from reports.filings.models import Filing, Revision
from reports.filings.paper.document import Paper, html_of, of_revision

CELLS = 300
TURNS = 7


def measure() -> list[Result]:
    with override("zh-hans"):
        paper = _paper()
        html = html_of(paper)
        press, here = _seconds([lambda: engine.pdf_of(html), lambda: bare(html)])
        engine.stop()
        began = time.perf_counter()
        engine.pdf_of(html)
        first = time.perf_counter() - began
        engine.stop()
    return [
        against("pdf_vs_bare", press, here, "s", 1.3),
        Result("pdf_cells", paper.cells, "cells", better="higher"),
        Result("pdf_first_of_a_process", round(first, 3), "s"),
    ]


def _paper() -> Paper:
    """The first accepted filing with so many cells."""
    filings = Filing.objects.for_page().filter(revision__isnull=False, round__kind="annual_statistics")
    for filing in filings.order_by("pk")[:200]:
        revision: Revision | None = filing.revision
        assert revision is not None
        revision.filing = filing
        paper = of_revision(revision, internal=False)
        if paper.cells >= CELLS:
            return paper
    raise AssertionError(f"No filing of {CELLS} cells.")


def _seconds(acts: list[Callable[[], object]]) -> list[float]:
    times: list[list[float]] = [[] for _act in acts]
    for act in acts:
        act()
    for _turn in range(TURNS):
        for act, found in zip(acts, times, strict=True):
            began = time.perf_counter()
            act()
            found.append(time.perf_counter() - began)
    return [statistics.median(found) for found in times]
