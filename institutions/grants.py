"""The province's authorisation of a prefecture to review (N8). The only module that gives, takes or reads a grant.

django-guardian keeps the permission itself, on the bureau, for a group that stands for the bureau and has no members:
the right belongs to the office, and who acts for the office is a matter of memberships. `Grant` keeps why, by whom, from
when and how long. Both are written here together, and a grant counts only while both stand and on its days.
Nothing here asks guardian for global permissions: what a role may do stands in `institutions.roles`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from institutions.models import Bureau, BureauGroupObjectPermission, Grant, Membership
from institutions.queries import GrantQuerySet, today_of_database
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


def authorise(
    *, bureau: Bureau, by: Membership, reason: str, starts_on: dt.date | None = None, ends_on: dt.date | None = None
) -> Grant:
    """`authorise_all` of one prefecture."""
    return authorise_all(bureaus=[bureau], by=by, reason=reason, starts_on=starts_on, ends_on=ends_on)[0]


@transaction.atomic
def authorise_all(
    *,
    bureaus: Iterable[Bureau],
    by: Membership,
    reason: str,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
) -> list[Grant]:
    """Let prefectures review from `starts_on` (None: now) to the end of `ends_on` (None: until withdrawn); all of them or none.

    Grants that ran out are closed on the way. One of a bureau that stands or is to come and shares a day is refused with
    `AlreadyAuthorised`, which names each such bureau. By id of the bureaus; one event for each.
    """
    chosen = {bureau.pk: bureau for bureau in bureaus}
    if not chosen:
        raise BadGrant(_("No prefecture is chosen. Choose at least one."))
    for bureau in chosen.values():
        if not (verdict := can_authorise(by, bureau)):
            raise NotAllowed(verdict.reason)
    why = _reason(reason)
    locked = list(
        Bureau.objects.select_for_update().filter(pk__in=chosen).annotate(today=today_of_database()).order_by("pk")
    )
    _check_days(starts_on, ends_on, today=locked[0].today)
    _close_run_out(Grant.objects.filter(bureau__in=locked))
    meeting = Grant.objects.filter(bureau__in=locked).meeting(starts_on or locked[0].today, ends_on)
    if standing := set(meeting.values_list("bureau_id", flat=True)):
        raise AlreadyAuthorised(_already([bureau for bureau in locked if bureau.pk in standing]))
    held = _permissions(locked)
    given = Grant.objects.bulk_create(
        Grant(bureau=bureau, permission=held[bureau.pk], reason=why, given_by=by, starts_on=starts_on, ends_on=ends_on)
        for bureau in locked
    )
    for grant in given:
        record("grant.given", by=by, obj=grant.bureau, scope=grant.bureau.path or "", details=_details(grant, why))
    return given


def _already(bureaus: list[Bureau]) -> str:
    return _(
        "These bureaus hold an authorisation on some of these days already: %(bureaus)s. Nothing was changed. Choose other "
        "days, leave these bureaus out, or withdraw what they hold first."
    ) % {"bureaus": _(", ").join(str(bureau) for bureau in bureaus)}


def _permissions(bureaus: Sequence[Bureau]) -> dict[int, BureauGroupObjectPermission]:
    """Guardian's row of each bureau, made where it is missing; a later grant shares it with the one in force."""
    names = {f"bureau:{bureau.pk}": bureau.pk for bureau in bureaus}
    Group.objects.bulk_create([Group(name=name) for name in names], ignore_conflicts=True)
    groups = {names[group.name]: group for group in Group.objects.filter(name__in=names)}
    permission = Permission.objects.get(content_type__app_label="institutions", codename=PERMISSION)
    rows = [
        BureauGroupObjectPermission(permission=permission, group=groups[bureau.pk], content_object=bureau)
        for bureau in bureaus
    ]
    BureauGroupObjectPermission.objects.bulk_create(rows, ignore_conflicts=True)
    found = BureauGroupObjectPermission.objects.filter(permission=permission, content_object__in=bureaus)
    return {row.content_object_id: row for row in found if row.group_id == groups[row.content_object_id].pk}


def withdraw(*, bureau: Bureau, by: Membership, reason: str) -> Grant:
    """`end` what the bureau holds now, else what it is to hold next."""
    grant = Grant.objects.standing().filter(bureau=bureau).order_by(F("starts_on").asc(nulls_first=True)).first()
    if grant is None:
        raise NotAuthorised(_("%(bureau)s holds no authorisation now; nothing was changed.") % {"bureau": bureau})
    return end(grant=grant, by=by, reason=reason)


@transaction.atomic
def end(*, grant: Grant, by: Membership, reason: str) -> Grant:
    """Withdraw what is in force at once, or call off what is to come. Filings whose route is frozen keep it; new submissions
    go past the bureau. Raises `NotAuthorised` where it has ended meanwhile."""
    if not (verdict := can_authorise(by, grant.bureau)):
        raise NotAllowed(verdict.reason)
    why = _reason(reason)
    bureau = Bureau.objects.select_for_update().get(pk=grant.bureau_id)
    if not Grant.objects.standing().filter(pk=grant.pk).exists():
        raise NotAuthorised(_("%(bureau)s holds this authorisation no more; nothing was changed.") % {"bureau": bureau})
    _close(Grant.objects.filter(pk=grant.pk), by=by, reason=why)
    grant.refresh_from_db()
    record("grant.withdrawn", by=by, obj=bureau, scope=bureau.path or "", details={"grant": grant.pk, "reason": why})
    return grant


def _check_days(first: dt.date | None, last: dt.date | None, *, today: dt.date) -> None:
    if first is not None and first < today:
        raise BadGrant(
            _(
                "The first day %(day)s has passed already. Choose today or a later day, or leave it empty to begin at once."
            )
            % {"day": first.isoformat()}
        )
    if last is not None and last < today:
        raise BadGrant(
            _("The last day %(day)s has passed already. Choose today or a later day, or leave it empty.")
            % {"day": last.isoformat()}
        )
    if first is not None and last is not None and last < first:
        raise BadGrant(
            _("The last day %(last)s is before the first day %(first)s.")
            % {"last": last.isoformat(), "first": first.isoformat()}
        )


def _details(grant: Grant, reason: str) -> dict[str, object]:
    return {
        "grant": grant.pk,
        "reason": reason,
        "starts_on": grant.starts_on.isoformat() if grant.starts_on else None,
        "ends_on": grant.ends_on.isoformat() if grant.ends_on else None,
    }


def _close_run_out(grants: GrantQuerySet) -> None:
    over = list(grants.run_out().select_related("bureau"))
    _close(grants.filter(pk__in=[grant.pk for grant in over]), by=None, reason="")
    for grant in over:
        record("grant.ran-out", by=None, obj=grant.bureau, scope=grant.bureau.path or "", details={"grant": grant.pk})


def _close(grants: GrantQuerySet, *, by: Membership | None, reason: str) -> None:
    """Guardian's row goes with the last open grant that needs it."""
    held = set(grants.values_list("permission_id", flat=True))
    grants.update(closed_at=Now(), closed_by=by, close_reason=reason, permission=None)
    BureauGroupObjectPermission.objects.filter(pk__in=held, grants=None).delete()


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
