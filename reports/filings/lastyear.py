"""Taking over last year's values into empty cells: of one cell, of a group, of a whole table.

What somebody typed is never overwritten, whatever the page believed. What was taken over is marked in the draft until
somebody touches the cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from portal.trail.actions import record
from reports.filings.cellkeys import CellKey
from reports.filings.drafts import MOST_ROWS, Change, Saved, add_row, save_cells
from reports.filings.errors import Incomplete
from reports.filings.examination import Examination, facts_for
from reports.filings.models import Draft, Filing
from reports.schemes.checking import Cells, Env
from reports.schemes.definition import Indicator, TableDefinition
from reports.schemes.values import UnreadableValue, to_python

#: No version is newer: what others wrote meanwhile is no conflict, because a cell that is filled is left out.
NEWEST = 2**31


def asked_for(table: TableDefinition, what: str) -> list[Indicator]:
    """The items that "table", "group:2" or "cell:A301" names. Raises Incomplete for anything else."""
    kind, _separator, name = what.partition(":")
    if kind == "table":
        return list(table.indicators)
    groups = table.groups()
    if kind == "group" and name.isascii() and name.isdigit() and len(name) < 4 and int(name) < len(groups):
        return groups[int(name)][1]
    if kind == "cell" and name in table.by_code:
        return [table.by_code[name]]
    raise Incomplete(_("Say whether a cell, a group or the table shall be filled from last year."))


def offered(examination: Examination, table: TableDefinition, items: list[Indicator]) -> dict[str, str]:
    """Last year's values that this year's form still has a place for, by code; the cell may be filled meanwhile."""
    last = examination.last_tables.get(table.code, {})
    found = {
        item.code: last[item.code]
        for item in items
        if not item.computed and not item.repeating and last.get(item.code) and _readable(item, last[item.code])
    }
    here = examination.drafts[table.code].cells
    typed = {code: draft.cells for code, draft in examination.drafts.items()} | {table.code: found | here}
    facts = facts_for(examination.filing, typed)
    env = Env(examination.definition, Cells.from_tables(typed), examination.previous, facts)
    return {code: value for code, value in found.items() if table.by_code[code].is_visible(env, None)}


def _readable(item: Indicator, value: str) -> bool:
    """Whether the value still means something: an option may have gone, a number may have become too long."""
    try:
        to_python(item, value)
    except UnreadableValue:
        return False
    return not item.options or set(value.split(",")) <= set(item.option_by_code) | {"n/a"}


def take_over(*, filing: Filing, table: TableDefinition, values: Mapping[str, str], by: Membership) -> Saved:
    """Write the values into the cells that are empty now. Raises NotAllowed when the filing cannot be filled."""
    changes = [Change(CellKey(None, code), value) for code, value in values.items()]
    with transaction.atomic():
        saved = save_cells(filing=filing, table=table, changes=changes, seen=NEWEST, by=by, carried=True)
        if saved.values:
            _tell(filing, table, len(saved.values), by)
    return saved


def take_over_rows(
    *, filing: Filing, table: TableDefinition, rows: Sequence[Mapping[str, str]], by: Membership
) -> Saved:
    """All of last year's rows into a table without rows. Raises Incomplete where there are rows already."""
    changes: list[Change] = []
    with transaction.atomic():
        for row in rows[:MOST_ROWS]:
            own = add_row(filing=filing, table=table, by=by)
            changes += [Change(CellKey(own, item.code), value) for item, value in _kept(table, row)]
        standing = Draft.objects.get(filing=filing, table=table.code).cells["rows"] if changes else []
        if len(standing) > len(rows):
            raise Incomplete(_("There are rows already. Remove them first to take over last year's; none was changed."))
        saved = save_cells(filing=filing, table=table, changes=changes, seen=NEWEST, by=by, carried=True)
        if saved.values:
            _tell(filing, table, len(saved.values), by)
    return saved


def _kept(table: TableDefinition, row: Mapping[str, str]) -> list[tuple[Indicator, str]]:
    found = ((table.by_code[code], value) for code, value in row.items() if code in table.by_code)
    return [(item, value) for item, value in found if not item.computed and _readable(item, value)]


def _tell(filing: Filing, table: TableDefinition, cells: int, by: Membership) -> None:
    details = {"table": table.code, "cells": cells}
    record("filing.filled_from_last_year", by=by, obj=filing, scope=filing.scope, details=details)
