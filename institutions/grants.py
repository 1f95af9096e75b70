"""The province's authorisation of a prefecture to review (N8). The only module that gives, takes or reads a grant.

django-guardian keeps the permission itself, on the bureau, for a group that stands for the bureau and has no members:
the right belongs to the office, and who acts for the office is a matter of memberships. `Grant` keeps why, by whom and
how long. Both are written here together, and a grant counts only while both stand and its last day has not passed.
Nothing here asks guardian for global permissions: what a role may do stands in `institutions.roles`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import cast

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm

from institutions.models import Bureau, BureauGroupObjectPermission, Grant, Membership
from institutions.queries import today_of_database
from institutions.rules import can_authorise
from institutions.words import one_line
from portal.errors import Conflict, Refused
from portal.trail.actions import record

PERMISSION = "review_by_authorisation"


class NotAllowed(Refused):
    """The rule refused; its words are the reason."""


class BadGrant(Refused):
    """The reason or the last day does not do."""

    status = 422


class AlreadyAuthorised(Conflict):
    """The bureau holds the authorisation already."""


class NotAuthorised(Conflict):
    """There is no authorisation to withdraw: somebody else was first, or it ran out."""


def authorised_ids(bureaus: Iterable[Bureau]) -> set[int]:
    """Which of the bureaus may review on the province's authorisation today; one query."""
    granted = Grant.objects.in_force().filter(
        bureau__in=[bureau.pk for bureau in bureaus],
        permission__content_object=F("bureau"),
        permission__permission__codename=PERMISSION,
    )
    return set(granted.values_list("bureau_id", flat=True))


def is_authorised(bureau: Bureau) -> bool:
    """Whether the bureau may review on the province's authorisation today, by the database's date in Asia/Shanghai."""
    return bool(authorised_ids([bureau]))


@transaction.atomic
def authorise(*, bureau: Bureau, by: Membership, reason: str, ends_on: dt.date | None = None) -> Grant:
    """Let a prefecture review from now on, to the end of `ends_on` or until withdrawn.

    A grant that ran out is closed on the way; one that stands is refused with `AlreadyAuthorised`.
    """
    if not (verdict := can_authorise(by, bureau)):
        raise NotAllowed(verdict.reason)
    reason = _reason(reason)
    locked = Bureau.objects.select_for_update().annotate(today=today_of_database()).get(pk=bureau.pk)
    if ends_on is not None and ends_on < locked.today:
        raise BadGrant(
            _("The last day %(day)s has passed already. Choose today or a later day, or leave it empty.")
            % {"day": ends_on.isoformat()}
        )
    _close_run_out(bureau)
    standing = Grant.objects.filter(bureau=bureau, closed_at=None).first()
    if standing is not None:
        raise AlreadyAuthorised(
            _("%(bureau)s is authorised already. To change the reason or the last day, withdraw it first.")
            % {"bureau": bureau}
        )
    group, _new = Group.objects.get_or_create(name=f"bureau:{bureau.pk}")
    permission = cast(BureauGroupObjectPermission, assign_perm(PERMISSION, group, bureau))
    grant = Grant.objects.create(bureau=bureau, permission=permission, reason=reason, given_by=by, ends_on=ends_on)
    record(
        "grant.given",
        by=by,
        obj=bureau,
        scope=bureau.path or "",
        details={"grant": grant.pk, "reason": reason, "ends_on": ends_on.isoformat() if ends_on else None},
    )
    return grant


@transaction.atomic
def withdraw(*, bureau: Bureau, by: Membership, reason: str) -> Grant:
    """End the authorisation at once. Filings whose route is frozen keep it; new submissions go past the bureau."""
    if not (verdict := can_authorise(by, bureau)):
        raise NotAllowed(verdict.reason)
    reason = _reason(reason)
    Bureau.objects.select_for_update().get(pk=bureau.pk)
    grant = Grant.objects.in_force().filter(bureau=bureau).first()
    if grant is None:
        raise NotAuthorised(_("%(bureau)s holds no authorisation now; nothing was changed.") % {"bureau": bureau})
    _close(grant, by=by, reason=reason)
    record(
        "grant.withdrawn",
        by=by,
        obj=bureau,
        scope=bureau.path or "",
        details={"grant": grant.pk, "reason": reason},
    )
    return grant


def _close_run_out(bureau: Bureau) -> None:
    for grant in Grant.objects.run_out().filter(bureau=bureau):
        _close(grant, by=None, reason="")
        record("grant.ran-out", by=None, obj=bureau, scope=bureau.path or "", details={"grant": grant.pk})


def _close(grant: Grant, *, by: Membership | None, reason: str) -> None:
    permission = grant.permission
    assert permission is not None
    Grant.objects.filter(pk=grant.pk).update(closed_at=Now(), closed_by=by, close_reason=reason, permission=None)
    permission.delete()
    grant.refresh_from_db()


def _reason(text: str) -> str:
    reason = one_line(text)
    if not reason:
        raise BadGrant(
            _("A reason is missing. Write why the authorisation is given or withdrawn; it is kept in the trail.")
        )
    longest = Grant._meta.get_field("reason").max_length or 0
    if len(reason) > longest:
        raise BadGrant(
            _("The reason has %(length)s characters, %(over)s too many. At most %(limit)s are kept.")
            % {"length": len(reason), "over": len(reason) - longest, "limit": longest}
        )
    return reason
