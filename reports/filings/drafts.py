"""The tables of a filing as they stand: read them, save a few cells at a time, add, remove and move rows.

Two clerks may fill at once. A save names the table version it read; a cell that somebody else changed since is a
conflict and is left as it is, with both values told; every other cell of the same save is stored.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from institutions.models import Membership, User
from portal.prepared import Prepared
from portal.trail.actions import record
from reports.filings import rules
from reports.filings.cellkeys import CellKey, find_row, put_value, stored_value
from reports.filings.errors import Incomplete, StaleFiling, must
from reports.filings.models import Draft, Filing, State
from reports.filings.prefill import prefilled
from reports.filings.signing.clearing import end_handover
from reports.filings.signing.models import Handover
from reports.filings.transitions import apply
from reports.schemes.definition import Indicator, SchemeDefinition, TableDefinition
from reports.schemes.reading.cleaning import LONGEST_RAW
from reports.schemes.values import UnreadableValue, read_value

#: Most rows a repeating table takes; more is a mistake or an attack.
MOST_ROWS = 200
#: Third part of a cell's entry in `touched`: taken over from last year, and nobody has touched it since.
CARRIED = 1
#: Of a text that cannot be read: all there may be, and a sign more, so that it is still too long when it is looked at again.
LONGEST_KEPT = LONGEST_RAW + 1
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Change:
    """One typed cell. `raw` is what the person typed, unread."""

    key: CellKey
    raw: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """`stored` is the other clerk's value (stored form), `mine` what this save wanted."""

    key: CellKey
    stored: str | None
    mine: str
    by: str
    row_gone: bool = False


@dataclass(slots=True)
class Saved:
    """What became of a save: new version, stored values, cells that could not be read, remarks on those that could,
    conflicts."""

    version: int
    values: dict[str, str | None] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TableDraft:
    """One table as it stands; `version` 0 means nobody has saved it and `cells` are the prefilled ones."""

    cells: dict[str, Any]
    unread: dict[str, str]
    version: int
    saved_at: Any = None
    touched: dict[str, Any] = field(default_factory=dict)

    @property
    def carried(self) -> frozenset[str]:
        """Cells that stand as taken over from last year, by key."""
        return frozenset(key for key, entry in self.touched.items() if len(entry) > 2)


#: What the rule of filling reads, under a lock, with the database's time.
_HELD = ("state", "version", "step_id", "revision_id", "opened_at", "ready_since")
_held = Prepared(
    lambda pk: (
        Filing.objects.filter(pk=pk).order_by().select_for_update().only(*_HELD)
        .annotate(read_at=TransactionNow())  # type: ignore[no-redef]  # declared by the model for `for_table`
    ),
    -1,
)  # fmt: skip
_drafts = Prepared(lambda filing: Draft.objects.filter(filing=filing).order_by(), -1)
_draft = Prepared(
    lambda filing, table: Draft.objects.filter(filing=filing, table=table).order_by().select_for_update(),
    -1,
    "\N{TILDE}",
)


def load_drafts(filing: Filing, definition: SchemeDefinition) -> dict[str, TableDraft]:
    """Every table of the scheme for the kind of the round, prefilled where nobody saved yet. Three queries at most."""
    stored = {draft.table: draft for draft in _drafts(filing.pk)}
    return {
        table.code: (
            TableDraft(draft.cells, draft.unread, draft.version, draft.saved_at, draft.touched)
            if (draft := stored.get(table.code))
            else TableDraft(prefilled(filing, table.code), {}, 0)
        )
        for table in definition.tables_of(filing.round.kind)
    }


def save_cells(
    *,
    filing: Filing,
    table: TableDefinition,
    changes: Sequence[Change],
    seen: int,
    by: Membership,
    carried: bool = False,
) -> Saved:
    """Store typed cells of one table. `seen` is the table version the page showed.

    What cannot be read is kept as typed beside its cell and told in `refused`; it blocks submission, never saving.
    With `carried` the values come from last year: only cells that are empty take them, and are marked until touched.
    Raises NotAllowed when the filing cannot be filled now.
    """
    with transaction.atomic():
        draft, now = _locked_draft(filing, table, by)
        saved = Saved(version=draft.version)
        version = draft.version + 1
        if carried:
            changes = [one for one in changes if _is_empty(draft, one.key)]
        for change in changes:
            _save_one(draft, table, change, seen, version, by, saved)
        if saved.values or saved.refused:
            if carried:
                for name in saved.values:
                    draft.touched[name].append(CARRIED)
            _store(filing, draft, version, by, now)
            saved.version = version
    return saved


def _is_empty(draft: Draft, key: CellKey) -> bool:
    return stored_value(draft.cells, key) is None and str(key) not in draft.unread


def _save_one(
    draft: Draft, table: TableDefinition, change: Change, seen: int, version: int, by: Membership, saved: Saved
) -> None:
    indicator, key, name = table.by_code.get(change.key.code), change.key, str(change.key)
    if indicator is None or indicator.computed:
        return
    if key.row_id is not None and find_row(draft.cells, key.row_id) is None:
        saved.conflicts.append(Conflict(key, None, change.raw, "", row_gone=True))
        return
    value, refusal, hint = _read(indicator, change.raw)
    changed_in, changed_by = draft.touched.get(name, (0, by.user_id))[:2]
    stored = stored_value(draft.cells, key)
    if changed_in > seen and changed_by != by.user_id and (refusal or stored != value):
        other = User.objects.filter(pk=changed_by).values_list("name", flat=True).first() or ""
        saved.conflicts.append(Conflict(key, stored, change.raw, other))
        return
    draft.touched[name] = [version, by.user_id]
    if refusal:
        draft.unread[name] = storable(change.raw[:LONGEST_KEPT])
        saved.refused[name] = refusal
        return
    draft.unread.pop(name, None)
    put_value(draft.cells, key, value)
    saved.values[name] = value
    if hint:
        saved.hints[name] = hint


def storable(raw: str) -> str:
    """The text without what the database cannot hold (NUL, halves of surrogate pairs), each shown as �."""
    return UNSTORABLE.sub("\ufffd", raw)


def _read(indicator: Indicator, raw: str) -> tuple[str | None, str, str]:
    """(stored value, reason why it cannot be read, remark)."""
    try:
        value = read_value(indicator, raw)
    except UnreadableValue as refusal:
        return None, str(refusal), ""
    return value.stored, "", str(value.hint or "")


def _locked_draft(filing: Filing, table: TableDefinition, by: Membership) -> tuple[Draft, dt.datetime]:
    """The draft under a lock and the database's time, after the rule; the first save of a filing begins it.

    The filing's row is locked first, so that saving and submitting come one after the other; what the rule reads of it
    is brought up to date.
    """
    [held] = _held(filing.pk)
    for name in _HELD:
        setattr(filing, name, getattr(held, name))
    now = held.read_at
    must(rules.can_fill(by, filing, now))
    if filing.state == State.DUE:
        apply("begin", filing=filing, by=by, version=filing.version, now=now)
    draft = next(iter(_draft(filing.pk, table.code)), None)
    if draft is None:
        draft, created = Draft.objects.select_for_update().get_or_create(filing=filing, table=table.code)
        if created:
            draft.cells = prefilled(filing, table.code)
    if table.repeating:
        draft.cells.setdefault("rows", [])
    return draft, now


def _store(filing: Filing, draft: Draft, version: int, by: Membership, now: dt.datetime) -> None:
    """What was ready to sign is not ready any more."""
    draft.version, draft.saved_by, draft.saved_at = version, by.user, now
    draft.save(update_fields=["cells", "touched", "unread", "version", "saved_by", "saved_at"])
    end_handover(filing, how=Handover.End.CHANGED, by=by.user, now=now)


def put_cell(
    *, filing: Filing, table: TableDefinition, code: str, make: Callable[[str | None], str | None], by: Membership
) -> str | None:
    """Store what the system itself writes into a cell, made from what stands there; the rule is that of typing."""
    with transaction.atomic():
        draft, now = _locked_draft(filing, table, by)
        key = CellKey(None, code)
        value = make(stored_value(draft.cells, key))
        put_value(draft.cells, key, value)
        draft.unread.pop(str(key), None)
        draft.touched[str(key)] = [draft.version + 1, by.user_id]
        _store(filing, draft, draft.version + 1, by, now)
    return value


def add_row(*, filing: Filing, table: TableDefinition, by: Membership) -> str:
    """Append an empty row to a repeating table; returns its id."""
    with transaction.atomic():
        draft, now = _locked_draft(filing, table, by)
        if len(draft.cells["rows"]) >= MOST_ROWS:
            raise Incomplete(_("A table takes at most %(count)d rows.") % {"count": MOST_ROWS})
        row_id = f"r{uuid.uuid4().hex[:10]}"
        draft.cells["rows"].append({"id": row_id})
        _store(filing, draft, draft.version + 1, by, now)
    return row_id


def remove_row(*, filing: Filing, table: TableDefinition, row_id: str, by: Membership) -> None:
    """Take a row out. The trail keeps that it went and how much it held, never the answers: administrators read it."""
    with transaction.atomic():
        draft, now = _locked_draft(filing, table, by)
        row = find_row(draft.cells, row_id)
        if row is None:
            raise StaleFiling(_("This row was already removed by somebody else. Reload and look again."))
        draft.cells["rows"].remove(row)
        draft.unread = {key: raw for key, raw in draft.unread.items() if not key.startswith(f"{row_id}:")}
        _store(filing, draft, draft.version + 1, by, now)
        details = {"table": table.code, "row": row_id, "cells": len(row) - 1}
        record("filing.row_removed", by=by, obj=filing, scope=filing.scope, details=details)


def move_row(*, filing: Filing, table: TableDefinition, row_id: str, up: bool, by: Membership) -> None:
    """Swap a row with its neighbour; at the edge nothing moves."""
    with transaction.atomic():
        draft, now = _locked_draft(filing, table, by)
        rows = draft.cells["rows"]
        at = next((index for index, row in enumerate(rows) if row["id"] == row_id), None)
        if at is None:
            raise StaleFiling(_("This row was already removed by somebody else. Reload and look again."))
        to = at - 1 if up else at + 1
        if 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
            _store(filing, draft, draft.version + 1, by, now)
