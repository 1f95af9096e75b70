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
from reports.filings.models import Filing
from reports.filings.paper.document import Paper, html_of, of_revision
from reports.rounds.models import Kind

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
    """The first filing that was submitted; lines are added to its tables with lines until there are so many cells."""
    filings = Filing.objects.for_page().filter(revision__isnull=False, round__kind=Kind.ANNUAL_STATISTICS)
    filing = filings.order_by("pk").first()
    assert filing is not None
    revision = filing.revisions.select_related("filer", "signer", "scheme").get(pk=filing.revision_id)
    revision.filing = filing
    paper = of_revision(revision, internal=False)
    while paper.cells < CELLS:
        for table in revision.cells.values():
            if table.get("rows"):
                table["rows"].append(table["rows"][0] | {"id": f"n{len(table['rows'])}"})
        paper = of_revision(revision, internal=False)
    return paper


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
