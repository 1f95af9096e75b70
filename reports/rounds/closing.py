"""Closing a round by hand or by the clock, and opening it again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from portal.clock import database_now
from portal.errors import Refused
from portal.trail.actions import record
from reports.rounds.models import Round
from reports.rounds.rules import can_close, can_open_again


class NotClosed(Refused):
    """The round cannot be closed or opened again as asked."""

    status = 422


def close_round(*, round: Round, reason: str, by: Membership) -> Round:
    """From now on nothing in the round changes."""
    with transaction.atomic():
        round, now = Round.objects.select_for_update().get(pk=round.pk), database_now()
        verdict = can_close(by, round, now)
        if not verdict:
            raise NotClosed(verdict.reason)
        round.closed_at = now
        round.save(update_fields=["closed_at"])
        record("round.closed", by=by, obj=round, details={"reason": _words(reason)})
    return round


def open_again(*, round: Round, reason: str, by: Membership) -> Round:
    """The calendar stays as it was, without the lock."""
    with transaction.atomic():
        round, now = Round.objects.select_for_update().get(pk=round.pk), database_now()
        verdict = can_open_again(by, round, now)
        if not verdict:
            raise NotClosed(verdict.reason)
        round.closed_at = round.locks_at = None
        round.calendar_version += 1
        round.save(update_fields=["closed_at", "locks_at", "calendar_version"])
        record("round.opened-again", by=by, obj=round, details={"reason": _words(reason)})
    return round


def _words(reason: str) -> str:
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise NotClosed(_("Say why; the reason stays in the trail."))
    return reason


def lock_those_due() -> int:
    """Write down the locks that have fallen, at their own moment. Safe to run twice."""
    with transaction.atomic():
        fallen = list(Round.objects.select_for_update(skip_locked=True).filter(closed_at=None, locks_at__lt=Now()))
        Round.objects.filter(pk__in=[round.pk for round in fallen]).update(closed_at=F("locks_at"))
        for round in fallen:
            record("round.locked", by=None, obj=round)
    return len(fallen)
