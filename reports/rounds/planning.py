"""Changing the calendar of a round: who would be affected, then the change, told to those it concerns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from institutions.models import Bureau, Membership, User
from institutions.queries import TreeOrder
from institutions.roles import BUREAU_ROLES
from portal.clock import database_now
from portal.errors import Conflict, Refused
from portal.inbox.actions import notify
from portal.inbox.models import Notice
from portal.trail.actions import record
from portal.ui.moments import due_digits
from reports.rounds.models import Phase, Round
from reports.rounds.rules import can_plan

Phases = Mapping[str, tuple[dt.datetime, dt.datetime]]
#: Not sent, or sent and not judged to the end: those whom a moved date concerns.
OPEN = ("due", "drafting", "returned", "in_review")
UNSENT = Q(filings__state__in=("due", "drafting"), filings__revision=None)
IN_REVIEW = Q(filings__state="in_review")


class NotPlanned(Refused):
    """The calendar cannot be changed as asked."""

    status = 422


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole calendar: opening and due time by phase, and the lock."""

    phases: Phases
    locks_at: dt.datetime | None

    @classmethod
    def of(cls, round: Round) -> Plan:
        return cls({phase.name: (phase.opens_at, phase.due_at) for phase in round.phases.all()}, round.locks_at)

    def faults(self) -> Iterator[tuple[str, str]]:
        """Why the calendar cannot stand: the phase at fault or "lock", and the reader's words."""
        if Phase.Name.FILL not in self.phases:
            yield Phase.Name.FILL, _("A round needs the dates of its filling phase.")
        for name, (opens, due) in self.phases.items():
            if opens >= due:
                yield name, _("A phase opens before it is due.")
        if self.locks_at is not None and any(due > self.locks_at for _opens, due in self.phases.values()):
            yield "lock", _("The lock lies before the end of a phase. Nothing could be done in the rest of it.")

    def due(self, phase: str) -> dt.datetime | None:
        return self.phases[phase][1] if phase in self.phases else None

    def changes_from(self, before: Plan) -> dict[str, dict[str, str]]:
        """What differs, as words for the trail and the notice: phase or "lock" → before and after."""
        found = {}
        for name in Phase.Name.values:
            old, new = before.phases.get(name), self.phases.get(name)
            if old != new:
                found[name] = {"before": _span(old), "after": _span(new)}
        if before.locks_at != self.locks_at:
            found["lock"] = {"before": _moment(before.locks_at), "after": _moment(self.locks_at)}
        return found


def _moment(moment: dt.datetime | None) -> str:
    """When something ends."""
    return due_digits(moment) if moment is not None else "—"


def _span(span: tuple[dt.datetime, dt.datetime] | None) -> str:
    return f"{localtime(span[0]):%Y-%m-%d %H:%M} – {_moment(span[1])}" if span is not None else "—"


@dataclass(frozen=True, slots=True)
class Affected:
    """One bureau's filings: not sent yet, of these late before and after, in review, and reviews past their due time."""

    bureau: Bureau
    unsent: int
    late: int
    late_after: int
    in_review: int
    overdue: int
    overdue_after: int


def affected(round: Round, plan: Plan, membership: Membership, now: dt.datetime) -> list[Affected]:
    """By reviewing bureau, those without open filings left out. One query."""
    before = Plan.of(round)
    in_round = Q(filings__round=round)
    bureaus = (
        Bureau.objects.visible_to(membership)
        .annotate(
            unsent=Count("filings", filter=in_round & UNSENT),
            in_review=Count("filings", filter=in_round & IN_REVIEW),
            overdue=Count("filings", filter=in_round & IN_REVIEW & _overdue(before, now)),
            overdue_after=Count("filings", filter=in_round & IN_REVIEW & _overdue(plan, now)),
        )
        .filter(Q(unsent__gt=0) | Q(in_review__gt=0))
        .order_by(TreeOrder("path"))
    )
    was, will = _past(before.due(Phase.Name.FILL), now), _past(plan.due(Phase.Name.FILL), now)
    return [
        Affected(
            bureau,
            bureau.unsent,
            bureau.unsent if was else 0,
            bureau.unsent if will else 0,
            bureau.in_review,
            bureau.overdue,
            bureau.overdue_after,
        )
        for bureau in bureaus
    ]


def _past(due: dt.datetime | None, now: dt.datetime) -> bool:
    return due is not None and now > due


def _overdue(plan: Plan, now: dt.datetime) -> Q:
    """Waiting at a tier whose phase is over."""
    tiers = (Phase.Name.COUNTY, Phase.Name.PREFECTURE, Phase.Name.PROVINCE)
    return Q(filings__step_tier__in=[str(tier) for tier in tiers if _past(plan.due(tier), now)])


def people_concerned(round: Round, by: Membership) -> QuerySet[User]:
    """Whoever works for an institution with an open filing in the round, and the reviewers of the province."""
    current = Membership.objects.current()
    reviewers = current.filter(role__in=BUREAU_ROLES, bureau__path__startswith=(by.bureau and by.bureau.path) or "?")
    concerned = Q(memberships__in=reviewers)
    if round.roster_frozen_at is not None:
        owing = current.filter(institution__filings__round=round, institution__filings__state__in=OPEN)
        concerned |= Q(pk__in=owing.values("user"))
    people: QuerySet[User] = User.objects.filter(concerned, is_active=True).distinct()
    return people


def change_calendar(*, round: Round, plan: Plan, version: int, reason: str, by: Membership) -> int:
    """Apply the plan that was seen on top of `version`; returns how many people were told.

    Raises Conflict when somebody changed the calendar meanwhile, NotPlanned for a calendar that cannot stand.
    """
    with transaction.atomic():
        round = Round.objects.select_for_update().get(pk=round.pk)
        verdict = can_plan(by, round, database_now())
        if not verdict:
            raise NotPlanned(verdict.reason)
        if round.calendar_version != version:
            raise Conflict(_("The calendar was changed after you opened it. Look at it as it is now, and decide anew."))
        reason = " ".join(reason.split())[:300]
        changes = plan.changes_from(Plan.of(round))
        _must_stand(plan, changes, reason)
        round.phases.exclude(name__in=plan.phases).delete()
        for name, (opens, due) in plan.phases.items():
            round.phases.update_or_create(name=name, defaults={"opens_at": opens, "due_at": due})
        round.locks_at, round.calendar_version = plan.locks_at, version + 1
        round.save(update_fields=["locks_at", "calendar_version"])
        told = _announce(round, changes, reason, by)
        record("round.rescheduled", by=by, obj=round, details={"reason": reason, "changes": changes, "told": told})
    return told


def _must_stand(plan: Plan, changes: dict[str, Any], reason: str) -> None:
    if not changes:
        raise NotPlanned(_("Nothing was changed: every date is as it was."))
    if not reason:
        raise NotPlanned(_("Say why; the reason stays in the trail and is told to those concerned."))
    fault = next(plan.faults(), None)
    if fault is not None:
        raise NotPlanned(fault[1])


def _announce(round: Round, changes: dict[str, dict[str, str]], reason: str, by: Membership) -> int:
    words: dict[str, dict[str, str]] = {}
    for language in ("zh-hans", "en"):
        with override(language):
            labels: dict[str, object] = dict(Phase.Name.choices) | {"lock": _("Lock")}
            lines = [f"{labels[name]}: {change['before']} → {change['after']}" for name, change in changes.items()]
            words[language] = {
                "subject": _("The calendar of %(round)s has changed") % {"round": round.title},
                "body": "\n".join([*lines, _("Reason: %(reason)s") % {"reason": reason}]),
            }
    return notify(
        recipients=people_concerned(round, by),
        kind=Notice.Kind.INFORMATION,
        subject_zh=words["zh-hans"]["subject"],
        subject_en=words["en"]["subject"],
        body_zh=words["zh-hans"]["body"],
        body_en=words["en"]["body"],
        link=f"/rounds/{round.public_id}/",
    )
