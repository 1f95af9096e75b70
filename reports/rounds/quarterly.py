"""A round of report numbers: the calendar it is due (N12), which quarters are still to open, and how a typed calendar departs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from portal.ui.moments import due_time
from reports.rounds.calendar import year_later
from reports.rounds.models import Kind, Phase, Round
from reports.rounds.planning import Plan
from reports.rounds.quarters import SHANGHAI, Quarter

#: How far back quarters are offered: records and reports are kept six years (Order 39).
OFFERED = 24
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)


def calendar_of(quarter: Quarter, today: dt.date) -> Plan:
    """Filling in the month after the quarter, from its first second to its last; then late filing (补报).

    Late filing stays open for a year: from the due day, or from today for a quarter that is opened when its month is over.
    Rest days move nothing: the notice names the month.
    """
    ends = year_later(max(quarter.due_at.date(), today))
    return Plan(
        {
            Phase.Name.FILL: (quarter.opens_at, quarter.due_at),
            Phase.Name.SUPPLEMENT: (
                quarter.due_at + SECOND,
                dt.datetime.combine(ends, dt.time(23, 59, 59), SHANGHAI),
            ),
        },
        locks_at=None,
    )


def next_quarter(rounds: Iterable[Round], today: dt.date) -> Quarter:
    """The one after the last that has a round; without any, the last that is over."""
    opened = _opened(rounds)
    return max(opened).next if opened else Quarter.of(today).before


def still_to_open(rounds: Iterable[Round], today: dt.date) -> list[Quarter]:
    """Quarters without a round, newest first: the next one and those before it."""
    rounds = list(rounds)
    opened = _opened(rounds)
    return [quarter for quarter in _backwards(next_quarter(rounds, today), OFFERED) if quarter not in opened]


def _opened(rounds: Iterable[Round]) -> set[Quarter]:
    return {Quarter.parse(round.period) for round in rounds if round.kind == Kind.QUARTERLY_NUMBERS}


def _backwards(quarter: Quarter, count: int) -> Iterator[Quarter]:
    for _step in range(count):
        yield quarter
        quarter = quarter.before


def departures(quarter: Quarter, plan: Plan, cut_off: dt.date) -> list[str]:
    """How a calendar departs from the quarter's own, in the reader's words; nothing where it keeps to it.

    How long late filing stays open is the province's choice; that it follows on the due time is not.
    """
    found = []
    opens, due = plan.phases[Phase.Name.FILL]
    if not _same_minute(opens, quarter.opens_at):
        found.append(
            _("Filling opens on %(typed)s; for this quarter it opens on %(rule)s.")
            % {"typed": _moment(opens), "rule": _moment(quarter.opens_at)}
        )
    if not _same_minute(due, quarter.due_at):
        found.append(
            _("Filling is due on %(typed)s; for this quarter it is due on %(rule)s.")
            % {"typed": due_time(due), "rule": due_time(quarter.due_at)}
        )
    late = plan.phases.get(Phase.Name.SUPPLEMENT)
    if late is None:
        found.append(_("Supplementary filing has no days: whoever misses the due time can no longer file."))
    elif late[0] > due + MINUTE:
        found.append(
            _("Supplementary filing opens only on %(typed)s: between the due time and then nobody can file.")
            % {"typed": _moment(late[0])}
        )
    if cut_off != quarter.end:
        found.append(
            _("The cut-off day is %(typed)s; the quarter ends on %(rule)s.")
            % {"typed": date_format(cut_off), "rule": date_format(quarter.end)}
        )
    return found


def _same_minute(one: dt.datetime, other: dt.datetime) -> bool:
    """Times are typed to the minute."""
    return localtime(one).replace(second=0) == localtime(other).replace(second=0)


def _moment(moment: dt.datetime) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")
