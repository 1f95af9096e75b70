"""How long the checks take: one full filing, and a country's worth of them."""

from __future__ import annotations

import statistics
import time

from benchmarks.result import Result
from demo.generator.filing import Tables, filing_tables
from demo.generator.respondent import THIS_YEAR, Respondent, respondent
from reports.schemes.checking import Cells, Facts, run_checks
from reports.schemes.content import bundled

Work = tuple[Cells, Cells | None, Facts]


def measure(filings: int) -> list[Result]:
    scheme = bundled()
    work = _work(filings)
    full = max(
        work, key=lambda item: len(item[0].single) + sum(len(row) for rows in item[0].rows.values() for row in rows)
    )
    times = []
    for _ in range(200):
        began = time.perf_counter()
        run_checks(scheme, *full)
        times.append((time.perf_counter() - began) * 1000)
    began = time.perf_counter()
    for item in work:
        run_checks(scheme, *item)
    rate = len(work) / (time.perf_counter() - began)
    return [
        Result("checks_full_filing", round(statistics.median(times), 3), "ms", bound=20),
        Result("checks_per_second", round(rate, 1), "filings/s", better="higher"),
        Result("checks_of_54000", round(54_000 / rate, 1), "s"),
    ]


def _work(filings: int) -> list[Work]:
    """This year's filings with last year's beside them."""
    found: list[Work] = []
    index = 0
    while len(found) < filings:
        made = respondent(2023, index)
        index += 1
        if made.due_in(THIS_YEAR):
            before = filing_tables(made, THIS_YEAR - 1) if made.due_in(THIS_YEAR - 1) else None
            found.append(_item(made, filing_tables(made, THIS_YEAR), before))
    return found


def _item(made: Respondent, tables: Tables, before: Tables | None) -> Work:
    numbers = frozenset(row.number for row in made.certificates)
    facts = Facts.for_year(THIS_YEAR, institution_uscc=made.uscc, registered_certificates=numbers, other_filings=0)
    return Cells.from_tables(tables), Cells.from_tables(before) if before else None, facts
