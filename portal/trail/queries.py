"""Finding events: filters that ignore what makes no sense, and pages that stay quick with millions of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.trail.models import Event
from portal.trail.rules import can_read

if TYPE_CHECKING:
    from institutions.models import Membership
    from portal.jobs.models import Job

PAGE = 50
LONGEST = 100
PEOPLE = 200  # accounts that a typed name may stand for


@dataclass(frozen=True, slots=True)
class Filters:
    """As typed, cleaned: empty means all. Days are those of Asia/Shanghai, `until` included; `outcome` yes, no or empty."""

    person: str = ""
    verb: str = ""
    object: str = ""
    since: str = ""
    until: str = ""
    outcome: str = ""

    @classmethod
    def read(cls, typed: Mapping[str, str]) -> Self:
        """Whatever cannot be a value of its field is dropped."""
        outcome = typed.get("outcome", "")
        return cls(
            person=_text(typed.get("person")),
            verb=_text(typed.get("verb")),
            object=_text(typed.get("object")),
            since=_day(typed.get("since")),
            until=_day(typed.get("until")),
            outcome=outcome if outcome in ("yes", "no") else "",
        )

    def chosen(self) -> dict[str, str]:
        """Those that are set, for an address or the parameters of a job."""
        return {name: value for name, value in asdict(self).items() if value}


def _text(typed: object) -> str:
    text = typed.strip() if isinstance(typed, str) else ""
    return "" if "\x00" in text else text[:LONGEST]


def _day(typed: object) -> str:
    try:
        return dt.date.fromisoformat(str(typed)).isoformat() if typed else ""
    except ValueError:
        return ""


def _midnight(day: str, *, after: bool = False) -> dt.datetime:
    """The beginning of the day, or of the next one; the calendar's last day has none after it and keeps its own."""
    date = dt.date.fromisoformat(day)
    if after and date < dt.date.max:
        date += dt.timedelta(days=1)
    return dt.datetime.combine(date, dt.time(), tzinfo=timezone.get_default_timezone())


def visible_to(membership: Membership | None) -> QuerySet[Event]:
    """All for the audit administrator of the province; for one of a bureau below it what concerns its subtree."""
    if membership is None or membership.bureau is None or not can_read(membership):
        return Event.objects.none()
    if membership.bureau.level == 1:
        return Event.objects.all()
    return Event.objects.filter(scope__startswith=membership.bureau.path or "?")


def matching(events: QuerySet[Event], filters: Filters) -> QuerySet[Event]:
    found = events
    if filters.person:
        people = get_user_model().objects.filter(Q(name__icontains=filters.person) | Q(username__iexact=filters.person))
        found = found.filter(actor__in=list(people.values_list("pk", flat=True)[:PEOPLE]))
    if filters.verb:
        found = found.filter(verb=filters.verb)
    if filters.object:
        kind, _, number = filters.object.partition(":")
        named = Q(object_label__icontains=filters.object)
        found = found.filter(Q(object_type=kind, object_id=number) if number else named)
    if filters.since:
        found = found.filter(at__gte=_midnight(filters.since))
    if filters.until:
        found = found.filter(at__lt=_midnight(filters.until, after=True))
    if filters.outcome:
        found = found.filter(succeeded=filters.outcome == "yes")
    return found


@dataclass(frozen=True, slots=True)
class Slice:
    """One page by id, newest first. `newer` and `older` are the ids to go on from, None at the ends."""

    events: list[Event]
    newer: int | None
    older: int | None


def slice_of(events: QuerySet[Event], *, before: str = "", after: str = "", size: int = PAGE) -> Slice:
    """The page older than id `before`, or newer than id `after`; the newest one when neither is an id. One query."""
    upper, lower = _id(before), _id(after)
    if lower is not None:
        rows = list(events.filter(pk__gt=lower).order_by("pk")[: size + 1])
        more = len(rows) > size
        rows = rows[:size][::-1]
        return Slice(rows, rows[0].pk if more else None, rows[-1].pk if rows else None)
    if upper is not None:
        events = events.filter(pk__lt=upper)
    rows = list(events.order_by("-pk")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Slice(rows, rows[0].pk if rows and upper is not None else None, rows[-1].pk if more else None)


def verification_by(job: Job) -> Event | None:
    """The outcome that the job wrote down; None before."""
    return Event.objects.filter(verb="trail.verified", details__job=str(job.pk)).first()


def _id(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 18 else None
