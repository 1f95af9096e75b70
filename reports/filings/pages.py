"""What the pages of a filing share: finding it, its heading, and the state that goes back after a scripted save."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from institutions.access import acting_as
from institutions.roles import Permission
from portal.clock import database_now
from portal.prepared import Prepared
from portal.rules import Verdict
from portal.ui.figures import change
from portal.ui.moments import clock_of, last_day
from reports.filings import remembered, rules
from reports.filings.cellkeys import CellKey
from reports.filings.contents import Contents, contents_of
from reports.filings.drafts import Conflict, Saved
from reports.filings.examination import Examination, examine
from reports.filings.findings import Answer, Panel, make_panel, marks_of
from reports.filings.grid import as_figure, echo_of, lines_of, shown_in_cell, why_unread
from reports.filings.models import Filing, State
from reports.rounds.models import Kind, Phase, Round
from reports.schemes.definition import ANNUAL, TableDefinition
from reports.schemes.values import show_value

#: Kinds of round that live in a room of their own: the page to work on, and the page of one revision.
ROOMS = {
    Kind.ANNUAL_REPORT: ("annual:report-detail", "annual:revision-detail"),
    Kind.QUARTERLY_NUMBERS: ("numbers:quarter-detail", "numbers:revision-detail"),
}


def work_address(filing: Filing) -> str:
    """Where the filing is worked on; a kind that no room fills yet leads to its history."""
    if filing.round.kind == Kind.ANNUAL_STATISTICS:
        return filing.get_absolute_url()
    own = ROOMS.get(Kind(filing.round.kind))
    return reverse(own[0] if own else "filings:revision-list", args=[filing.public_id])


def revision_address(filing: Filing, number: int) -> str:
    """The page of one revision."""
    own = ROOMS.get(Kind(filing.round.kind))
    return reverse(own[1] if own else "filings:revision-detail", args=[filing.public_id, number])


def find_filing(request: HttpRequest, public_id: UUID) -> Filing:
    """The filing in the reader's scope, with what its pages read; 404 outside."""
    filings = Filing.objects.visible_to(acting_as(request)).for_page().prefetch_related("institution__certificates")
    return get_object_or_404(filings, public_id=public_id)


def find_annual(request: HttpRequest, public_id: UUID) -> Filing:
    """A filing that is filled in tables; 404 for other kinds of round."""
    filing = find_filing(request, public_id)
    if filing.round.kind != Kind.ANNUAL_STATISTICS:
        raise Http404
    return filing


_for_table = Prepared(Filing.objects.for_table, UUID(int=0), -1)


def find_for_table(request: HttpRequest, public_id: UUID) -> Filing:
    """The annual filing of the reader's own institution, with what one of its tables reads; 404 otherwise."""
    membership = acting_as(request)
    if membership.institution is None or not membership.may(Permission.READ_OWN_FILINGS):
        raise Http404
    filing = next(iter(_for_table(public_id, membership.institution.pk)), None)
    if filing is None or filing.round.kind != Kind.ANNUAL_STATISTICS:
        raise Http404
    prefetch_related_objects([filing.round], "phases")
    filing.institution = membership.institution
    stands = filing.last_state == State.ACCEPTED
    filing.last_in_memory = (filing.last_revision, filing.last_digest) if stands else None
    filing.last_accepted = remembered.revision(*filing.last_in_memory) if filing.last_in_memory else None
    return filing


def find_table(filing: Filing, code: str) -> TableDefinition:
    table = filing.round.scheme.definition.table_by_code.get(code)
    if table is None or table.kind != ANNUAL:
        raise Http404
    return table


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a filing is due. `days` counts midnights: 0 is today, negative is past; None without a filling phase."""

    due_at: dt.datetime | None
    days: int | None
    #: End of supplementary filing (补报) while it is open after the due time.
    late_until: dt.datetime | None = None

    @property
    def date(self) -> str:
        """The day; an instant of midnight belongs to the day before it."""
        return month_and_day(self._day) if self.due_at else "—"

    @property
    def when(self) -> str:
        """Day and minute as printed; midnight is 24:00 of the day before."""
        if self.due_at is None:
            return "—"
        return f"{self.date}{'' if _is_chinese() else ' '}{clock_of(self.due_at)}"

    @property
    def _day(self) -> dt.date:
        assert self.due_at is not None
        return last_day(self.due_at)

    @property
    def left(self) -> str:
        if self.days is None:
            return ""
        if self.days < 0:
            return ngettext("%(count)d day past", "%(count)d days past", -self.days) % {"count": -self.days}
        if self.days == 0:
            return _("due today")
        return ngettext("%(count)d day left", "%(count)d days left", self.days) % {"count": self.days}

    @property
    def past(self) -> int:
        """Days since the due time."""
        return max(0, -(self.days or 0))

    @property
    def presses(self) -> bool:
        return self.days is not None and self.days <= 7


def month_and_day(day: dt.date) -> str:
    """2月9日, without the noughts that Django's Chinese format puts in."""
    return f"{day.month}月{day.day}日" if _is_chinese() else date_format(day, "MONTH_DAY_FORMAT")


def _is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def deadline_of(round: Round, now: dt.datetime, extended_until: dt.datetime | None = None) -> Deadline:
    """Of a round, or with `Filing.extended_until` of one filing."""
    due = rules.due_of(round, extended_until)
    if due is None:
        return Deadline(None, None)
    if now <= due:
        return Deadline(due, (last_day(due) - localtime(now).date()).days)
    late = round.phase(Phase.Name.SUPPLEMENT)
    is_open = late is not None and late.opens_at <= now <= late.due_at
    return Deadline(due, _past(due, now), late.due_at if late is not None and is_open else None)


def _past(due_at: dt.datetime, now: dt.datetime) -> int:
    return min(-1, (localtime(due_at).date() - localtime(now).date()).days)


@dataclass(slots=True)
class Look:
    """One look at a filing as a page needs it."""

    filing: Filing
    examination: Examination
    contents: Contents
    panel: Panel
    deadline: Deadline
    may_fill: Verdict
    now: dt.datetime


def look_at(
    request: HttpRequest,
    filing: Filing,
    at: str = "",
    answer: Answer | None = None,
    examination: Examination | None = None,
) -> Look:
    """`examination` when there is one already; it must have been made after the last write."""
    examination = examination or examine(filing)
    now = filing.read_at if "read_at" in filing.__dict__ else database_now()
    return Look(
        filing=filing,
        examination=examination,
        contents=contents_of(examination, at),
        panel=make_panel(examination, at, answer),
        deadline=deadline_of(filing.round, now, filing.extended_until),
        may_fill=rules.can_fill(acting_as(request), filing, now),
        now=now,
    )


def state_of(
    request: HttpRequest, examination: Examination, at: str, *, saved: Saved | None = None, answer: Answer | None = None
) -> dict[str, Any]:
    """What the open page of table `at` has to change after a save: JSON with the panels as HTML."""
    contents, panel = contents_of(examination, at), make_panel(examination, at, answer)
    context = {
        "contents": contents, "panel": panel, "filing": examination.filing, "at": at, "may_fill": True,
        "csrf_token": get_token(request),
    }  # fmt: skip
    table = examination.definition.table_by_code.get(at)
    state: dict[str, Any] = {
        "filled": contents.filled,
        "required": contents.required,
        "rail": render_to_string("filings/_rail.html", context),
        "findings": render_to_string("filings/_findings.html", context),
    }
    if table is not None and table.code in examination.drafts:
        state |= _table_state(examination, table)
        if saved is not None:
            state |= _saved_state(examination, table, saved)
    return state


def _table_state(examination: Examination, table: TableDefinition) -> dict[str, Any]:
    """Version, marks, hidden and required cells, computed values."""
    env, draft = examination.env, examination.drafts[table.code]
    hidden, required = [], []
    for row_id, stored, row in env.lines(table):
        for item in table.indicators:
            key = str(CellKey(row_id, item.code))
            if not stored.get(item.code) and not item.is_visible(env, row):
                hidden.append(key)
            elif item.is_required(env, row):
                required.append(key)
    derived = examination.derived
    return {
        "version": draft.version,
        "saved_at": f"{localtime(draft.saved_at):%H:%M:%S}" if draft.saved_at else "",
        "marks": marks_of(examination, table.code),
        "hidden": hidden,
        "shown_required": required,
        "carried": sorted(draft.carried),
        "groups": _group_words(examination, table, set(required)) if not table.repeating else [],
        "computed": {
            item.code: show_value(item, derived.get(item.code) or draft.cells.get(item.code))
            for item in table.indicators
            if item.computed and not table.repeating
        },
    }


def _group_words(examination: Examination, table: TableDefinition, required: set[str]) -> list[str]:
    """What stands beside the heading of each group, in the order of the form."""
    cells = examination.drafts[table.code].cells
    words = []
    for title, items in table.groups():
        asked = [item.code for item in items if item.code in required]
        if title:
            words.append(
                _("%(filled)s of %(required)s required filled")
                % {"filled": sum(1 for code in asked if cells.get(code)), "required": len(asked)}
            )
    return words


def _saved_state(examination: Examination, table: TableDefinition, saved: Saved) -> dict[str, Any]:
    lines = {line.code: line for line in lines_of(table)}
    last = examination.last_tables.get(table.code, {})
    draft = examination.drafts[table.code]
    cells = {}
    for name, stored in saved.values.items():
        line = lines[CellKey.parse(name).code]
        moved = (
            change(as_figure(stored), as_figure(last.get(line.code)))
            if line.item.numeric and not table.repeating
            else None
        )
        cells[name] = {
            "text": shown_in_cell(line, stored),
            "echo": echo_of(line.item, stored),
            "hint": saved.hints.get(name, ""),
            "change": [moved.text, moved.warm] if moved else None,
        }
    refused = {}
    for name, reason in saved.refused.items():
        item = lines[CellKey.parse(name).code].item
        refused[name] = {"reason": reason, "offer": why_unread(item, draft.unread.get(name, ""))[1]}
    return {
        "cells": cells,
        "refused": refused,
        "conflicts": [_conflict(lines, conflict) for conflict in saved.conflicts],
    }


def _conflict(lines: dict[str, Any], conflict: Conflict) -> dict[str, Any]:
    line = lines[conflict.key.code]
    return {
        "key": str(conflict.key),
        "text": shown_in_cell(line, conflict.stored),
        "theirs": show_value(line.item, conflict.stored),
        "mine": conflict.mine,
        "by": conflict.by,
        "row_gone": conflict.row_gone,
    }
