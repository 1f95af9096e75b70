"""One valid filing with something changed, and what the checks say about it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from reports.schemes.checking import Cells, Facts, Failure, run_checks
from reports.schemes.content import bundled
from tests.factories.filings_data import valid_cells

Change = dict[str, Any]


def changed(change: Change, unit_type: int = 10) -> Cells:
    """The valid filing with cells set or, by None, cleared.

    "A301" is a cell, "JC01-2" all lines of a table, "JC01-1.r1.B106" one cell of one line.
    """
    scheme, tables = bundled(), valid_cells(unit_type)
    for name, value in change.items():
        table, _dot, rest = name.partition(".")
        if rest:
            row_id, code = rest.split(".")
            cells = next(row for row in tables[table]["rows"] if row["id"] == row_id)
        elif table in scheme.table_by_code:
            tables[table] = {"rows": deepcopy(value)}
            continue
        else:
            code = name
            cells = tables.setdefault(scheme.indicator(code).table, {})
        if value is None:
            cells.pop(code, None)
        else:
            cells[code] = value
    return Cells.from_tables(tables)


def failures(
    change: Change, *, unit_type: int = 10, previous: Change | None = None, facts: Change | None = None
) -> list[Failure]:
    before = None if previous is None else changed(previous, unit_type)
    return run_checks(bundled(), changed(change, unit_type), before, Facts.for_year(2023, **(facts or {})))


def keys(*args: Any, **more: Any) -> set[str]:
    """Keys without the line they are about."""
    return {failure.check.key for failure in failures(*args, **more)}
