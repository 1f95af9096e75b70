"""The institution's part of the first page: what is due, by date, and how every filing of it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localtime

from institutions.helplines.queries import whom_to_ask
from institutions.models import Membership, Tier
from institutions.roles import Permission
from portal.clock import database_now
from portal.ui.parts import Part
from reports.filings.models import Decision, Filing, Remark, State
from reports.filings.pages import Deadline, deadline_of, month_and_day, work_address
from reports.filings.queries import OWED, FilingQuerySet
from reports.filings.signing.models import Handover
from reports.filings.signing.showing import is_current
from reports.rounds.models import Kind, Phase

#: Filings shown; older ones that are settled are reached from the list.
MOST = 12
#: Phases in which the institution itself has something to do.
OWN_PHASES = (Phase.Name.FILL, Phase.Name.SUPPLEMENT)


@dataclass(frozen=True, slots=True)
class Line:
    """One filing in a list. `judged` is {tier: decision on the present revision}; `handover` the last one that still
    means something, `to_sign` that it waits for the reader's own signature."""

    filing: Filing
    deadline: Deadline
    url: str
    judged: dict[str, Decision]
    open_remarks: int
    returned: Decision | None
    handover: Handover | None = None
    to_sign: bool = False

    @property
    def owed(self) -> bool:
        return self.filing.state in OWED and self.filing.round.closed_at is None

    @property
    def is_annual(self) -> bool:
        return self.filing.round.kind == Kind.ANNUAL_STATISTICS

    @property
    def county(self) -> Decision | None:
        return self.judged.get(Tier.COUNTY)

    @property
    def prefecture(self) -> Decision | None:
        return self.judged.get(Tier.PREFECTURE)

    @property
    def province(self) -> Decision | None:
        return self.judged.get(Tier.PROVINCE)


def own_filings(membership: Membership) -> FilingQuerySet:
    return Filing.objects.visible_to(membership).for_list()


def lines_of_filings(filings: Iterable[Filing], now: dt.datetime, *, signs: bool = False) -> list[Line]:
    """What is still owed first, by date; then the rest, the latest period first. `signs` that the reader signs."""
    lines = [_line(filing, now, signs) for filing in filings]
    owed = [line for line in lines if line.owed]
    owed.sort(key=lambda line: (line.deadline.due_at is None, line.deadline.due_at))
    return owed + [line for line in lines if not line.owed]


def _line(filing: Filing, now: dt.datetime, signs: bool) -> Line:
    decisions = [one for one in filing.decisions.all() if one.revision_id == filing.revision_id]
    returned = [one for one in decisions if one.verdict == Decision.Verdict.RETURN]
    remarks = [
        one
        for one in filing.remarks.all()
        if one.decision_id and one.revision_id == filing.revision_id and one.resolution == Remark.Resolution.OPEN
    ]
    given = [one for one in filing.handovers.all() if is_current(one, filing)]
    to_sign = signs and filing.ready_since is not None
    return Line(
        filing=filing,
        deadline=deadline_of(filing.round, now, filing.extended_until),
        url=reverse("filings:filing-preview", args=[filing.public_id]) if to_sign else work_address(filing),
        handover=given[-1] if given else None,
        to_sign=to_sign,
        judged={one.tier: one for one in decisions},
        open_remarks=len(remarks) if filing.state == State.RETURNED else 0,
        returned=returned[-1] if returned and filing.state == State.RETURNED else None,
    )


def _shown(membership: Membership) -> FilingQuerySet:
    """The latest, and whatever else is still owed, however old."""
    filings = own_filings(membership)
    return filings.filter(Q(pk__in=filings[:MOST].values("pk")) | Q(state__in=OWED, round__closed_at=None))


def tasks(membership: Membership) -> Part:
    now = database_now()
    lines = lines_of_filings(_shown(membership), now, signs=membership.may(Permission.SIGN))
    todo = [line for line in lines if line.owed and line.filing.state != State.EXCUSED]
    context = {
        "todo": todo,
        "lines": lines,
        "calendar": _calendar(lines, now),
        "membership": membership,
        "bureau": lines[0].filing.reviewing_bureau if lines else None,
        "ask": whom_to_ask(membership),
    }
    return Part("filings/_home.html", context)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One phase of the calendar as printed."""

    name: str
    dates: str
    now: bool
    past: bool


def _calendar(lines: list[Line], now: dt.datetime) -> list[Stretch]:
    """The phases of the annual round that runs, else of the latest."""
    rounds = [line.filing.round for line in lines if line.is_annual]
    if not rounds:
        return []
    round = min(rounds, key=lambda one: (one.closed_at is not None, -one.year))
    return [_stretch(phase, now) for phase in round.phases.all()]


def _stretch(phase: Phase, now: dt.datetime) -> Stretch:
    opens, due = localtime(phase.opens_at), localtime(phase.due_at) - dt.timedelta(microseconds=1)
    dates = f"{month_and_day(opens.date())}—{month_and_day(due.date())}"
    running = phase.name in OWN_PHASES and phase.opens_at <= now <= phase.due_at
    return Stretch(phase.get_name_display(), dates, running, phase.due_at < now)
