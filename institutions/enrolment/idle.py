"""Accounts that nobody uses: the person is warned first, then the account is closed; its bureau may open it again.

How long is set by `ACCOUNT_IDLE_DAYS` and `ACCOUNT_WARNING_DAYS`. An account counts as used by signing in, and by
whatever else `SIGNS_OF_LIFE` knows of. The system
administrators of the province are warned and never closed: nobody could open them again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from institutions.enrolment.actions import demand, why
from institutions.enrolment.models_idle import IdleWarning
from institutions.enrolment.telling import tell
from institutions.models import Membership, User
from institutions.roles import Permission, Role
from portal.clock import database_now
from portal.rules import Allowed, Denied, Verdict
from portal.trail.actions import record

#: Other signs of life than signing in: functions that give the ids of the users who did something since a moment. Rooms that
#: know of some add theirs when they are loaded.
SIGNS_OF_LIFE: list[Callable[[dt.datetime], QuerySet[Any]]] = []
#: Accounts taken up in one transaction.
BATCH = 200

WARNED = gettext_lazy("Your account %(username)s has not been used for long and closes on %(day)s")
HOW_TO_KEEP = gettext_lazy(
    "Sign in once before that day and it stays open. If you do not need it any more, do nothing, and hand your work over to a colleague."
)


@dataclass(frozen=True, slots=True)
class Swept:
    settled: int
    warned: int
    closed: int


def sweep() -> Swept:
    """One round of the clock. Safe to run twice at once: a warning belongs to one account at a time, by constraint and lock."""
    return Swept(settled=_settle(), warned=_in_batches(_warn), closed=_in_batches(_close))


def _in_batches(step: Callable[[], int]) -> int:
    total = 0
    while done := step():
        total += done
    return total


def _open() -> QuerySet[IdleWarning]:
    return IdleWarning.objects.filter(settled_at=None, closed_at=None)


def _settle() -> int:
    """Whoever signed in since, or was stopped by an administrator meanwhile, is warned no more."""
    used = Q(user__last_login__gte=F("warned_at")) | Q(user__is_active=False)
    return IdleWarning.objects.filter(pk__in=_open().filter(used).values("pk")).update(settled_at=Now())


def _unused_since() -> Greatest:
    return Greatest(Coalesce("last_login", "date_joined"), "date_joined")


@transaction.atomic
def _warn() -> int:
    now = database_now()
    limit = now - dt.timedelta(days=settings.ACCOUNT_IDLE_DAYS - settings.ACCOUNT_WARNING_DAYS)
    warned = IdleWarning.objects.filter(user=OuterRef("pk"), settled_at=None, reopened_at=None)
    # People of a demonstration are invented and do not sign in.
    idle = User.objects.filter(~Exists(warned), is_active=True, is_demo=False).annotate(unused_since=_unused_since())
    for alive in SIGNS_OF_LIFE:
        idle = idle.exclude(pk__in=alive(limit))
    batch = list(
        idle.filter(unused_since__lt=limit).order_by("id").select_for_update(skip_locked=True, no_key=True)[:BATCH]
    )
    closes_at = now + dt.timedelta(days=settings.ACCOUNT_WARNING_DAYS)
    for user in batch:
        warning = IdleWarning.objects.create(user=user, closes_at=closes_at)
        record("account.warned-idle", by=None, obj=user, details={"closes": closes_at.isoformat()})
        values = {"username": user.username, "day": localtime(closes_at).date().isoformat()}
        tell(WARNED, values, recipients=[user], body=HOW_TO_KEEP, link="/", once_key=f"idle-{warning.pk}")
    return len(batch)


@transaction.atomic
def _close() -> int:
    irreplaceable = Membership.objects.filter(
        user=OuterRef("user"), role=Role.SYSTEM_ADMIN, bureau__parent=None, ended_at=None
    )
    due = _open().filter(~Exists(irreplaceable), closes_at__lte=Now(), user__is_active=True)
    lately = database_now() - dt.timedelta(days=settings.ACCOUNT_WARNING_DAYS)
    for alive in SIGNS_OF_LIFE:
        due = due.exclude(user__in=alive(lately))
    rows = due.filter(Q(user__last_login=None) | Q(user__last_login__lt=F("warned_at"))).select_related("user")
    batch = list(rows.order_by("id").select_for_update(of=("self", "user"), skip_locked=True)[:BATCH])
    for warning in batch:
        User.objects.filter(pk=warning.user_id).update(is_active=False, sessions_ended=F("sessions_ended") + 1)
        IdleWarning.objects.filter(pk=warning.pk).update(closed_at=Now())
        record("account.closed-idle", by=None, obj=warning.user, details={"warned": warning.warned_at.isoformat()})
    return len(batch)


# -- opening again ---------------------------------------------------------------------------------------------------


def closed_warning(user: User) -> IdleWarning | None:
    """The one by which the account is closed now."""
    return IdleWarning.objects.filter(
        user=user, closed_at__isnull=False, reopened_at=None, user__is_active=False
    ).first()


def can_reopen(by: Membership, membership: Membership) -> Verdict:
    """A bureau above the institution, for accounts without a role outside its area. Two queries for a bureau."""
    if by.bureau is None or not by.may(Permission.READ_INSTITUTIONS):
        return Denied(_("Your bureau opens accounts again that were closed for lack of use. Call it."))
    if closed_warning(membership.user) is None:
        return Denied(_("This account was not closed for lack of use; only the system administrator opens it."))
    path = by.bureau.path or ""
    held = Membership.objects.own().filter(user=membership.user_id, ended_at=None)
    if held.exclude(institution__home_bureau__path__startswith=path).exists():
        return Denied(_("This account holds a role outside your area too. The system administrator opens it."))
    return Allowed()


@transaction.atomic
def reopen(*, membership: Membership, reason: str, by: Membership) -> User:
    """The person signs in with the password of before. The clock warns anew if nobody does."""
    user: User = User.objects.select_for_update().get(pk=membership.user_id)
    demand(can_reopen(by, membership))
    words = why(reason)
    User.objects.filter(pk=user.pk).update(is_active=True)
    note_reopening(user, by)
    record(
        "account.reopened", by=by, obj=user, scope=by.bureau.path or "" if by.bureau else "", details={"reason": words}
    )
    user.refresh_from_db()
    return user


def note_reopening(user: User, by: Membership) -> None:
    """The warning by which the account was closed is answered, whoever opens it."""
    IdleWarning.objects.filter(user=user, closed_at__isnull=False, reopened_at=None).update(
        reopened_at=Now(), reopened_by=by
    )
