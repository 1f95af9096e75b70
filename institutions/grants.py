"""Named exceptions (N8): the province's authorisation of a prefecture to review, stand-ins, inspectors. The only module that
gives or takes a grant.

django-guardian keeps the permission itself, on the bureau, for a group that stands for the bureau and has no members:
the right belongs to the office, and who acts for the office is a matter of memberships. `Grant` keeps why, by whom, from
when and how long. Both are written here together, and a grant counts only while both stand and on its days.
What a stand-in or inspector may is the person's own; they act by a membership tied to the grant, in force while the grant is.
Nothing here asks guardian for global permissions: what a role may do stands in `institutions.roles`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import cast

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from guardian.shortcuts import assign_perm

from institutions.enrolment.telling import REASON, tell
from institutions.models import (
    Bureau,
    BureauGroupObjectPermission,
    BureauUserObjectPermission,
    Grant,
    Institution,
    InstitutionUserObjectPermission,
    Membership,
    User,
)
from institutions.queries import GrantQuerySet, today_of_database
from institutions.roles import Role
from institutions.rules import can_authorise, can_end_grant, can_inspect, can_stand_in
from institutions.words import one_line
from portal.errors import Conflict, Refused
from portal.rules import Verdict
from portal.trail.actions import record

PERMISSION = "review_by_authorisation"

VERBS = {Grant.Kind.REVIEW: "grant", Grant.Kind.STAND_IN: "stand-in", Grant.Kind.INSPECT: "inspection"}
TOLD_OF_STAND_IN = gettext_lazy("You stand in for the reviewers of %(place)s from %(first)s to %(last)s")
TOLD_OF_INSPECTION = gettext_lazy("You inspect %(place)s from %(first)s to %(last)s")
TOLD_OF_END = gettext_lazy("You act for %(place)s no more")


class NotAllowed(Refused):
    """The rule refused; its words are the reason."""


class BadGrant(Refused):
    """The reason or the last day does not do."""

    status = 422


class AlreadyAuthorised(Conflict):
    """The bureau holds the authorisation already."""


class NotAuthorised(Conflict):
    """There is nothing to withdraw: somebody else was first, or it ran out."""


class HeldAlready(Conflict):
    """The person holds the same on some of the days already."""


def authorised_ids(bureaus: Iterable[Bureau]) -> set[int]:
    """Which of the bureaus may review on the province's authorisation today; one query."""
    granted = Grant.objects.in_force().filter(
        kind=Grant.Kind.REVIEW,
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
        _demand(can_authorise(by, bureau))
    why = _reason(reason)
    locked = list(
        Bureau.objects.select_for_update().filter(pk__in=chosen).annotate(today=today_of_database()).order_by("pk")
    )
    _check_days(starts_on, ends_on, today=locked[0].today)
    of_these = Grant.objects.filter(kind=Grant.Kind.REVIEW, bureau__in=locked)
    _close_run_out(of_these)
    meeting = of_these.meeting(starts_on or locked[0].today, ends_on)
    if standing := set(meeting.values_list("bureau_id", flat=True)):
        raise AlreadyAuthorised(_already([bureau for bureau in locked if bureau.pk in standing]))
    held = _permissions(locked)
    given = Grant.objects.bulk_create(
        Grant(bureau=bureau, permission=held[bureau.pk], reason=why, given_by=by, starts_on=starts_on, ends_on=ends_on)
        for bureau in locked
    )
    for grant in given:
        _note("given", grant, by, _details(grant))
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


@transaction.atomic
def stand_in(
    *,
    person: User,
    bureau: Bureau,
    by: Membership,
    reason: str,
    ends_on: dt.date | None,
    starts_on: dt.date | None = None,
) -> Grant:
    """Let a person of another bureau review there from `starts_on` (None: now) to the end of `ends_on`. The person is told."""
    person = _held(person)
    _demand(can_stand_in(by, bureau, person))
    grant = Grant(kind=Grant.Kind.STAND_IN, bureau=bureau, reason=_reason(reason), starts_on=starts_on, ends_on=ends_on)
    _lend(grant, person, by)
    Membership.objects.create(user=person, role=Role.REVIEWER, bureau=bureau, grant=grant)
    _tell(TOLD_OF_STAND_IN, grant, grant.reason)
    return grant


@transaction.atomic
def inspect(
    *,
    person: User,
    institution: Institution,
    by: Membership,
    reason: str,
    ends_on: dt.date | None,
    starts_on: dt.date | None = None,
) -> Grant:
    """Let a person of a bureau read what one institution submitted, wherever it is reviewed. The person is told."""
    person = _held(person)
    _demand(can_inspect(by, institution, person))
    grant = Grant(
        kind=Grant.Kind.INSPECT, institution=institution, reason=_reason(reason), starts_on=starts_on, ends_on=ends_on
    )
    _lend(grant, person, by)
    Membership.objects.create(user=person, role=Role.INSPECTOR, inspects=institution, grant=grant)
    _tell(TOLD_OF_INSPECTION, grant, grant.reason)
    return grant


def _held(person: User) -> User:
    """As they are now: whoever gives them a role or ends one waits, or was first."""
    locked: User = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    return locked


def _lend(grant: Grant, person: User, by: Membership) -> None:
    """Store what is given to a person, with guardian's permission; never twice for one day."""
    grant.holder, grant.given_by = person, by
    today = _lock(grant)
    _check_days(grant.starts_on, grant.ends_on, today=today, must_end=True)
    same = Grant.objects.filter(kind=grant.kind, bureau=grant.bureau, institution=grant.institution, holder=person)
    _close_run_out(same)
    if same.meeting(grant.starts_on or today, grant.ends_on).exists():
        raise HeldAlready(
            _("%(what)s: given for some of these days already. Nothing was changed; withdraw that first.")
            % {"what": grant}
        )
    held = assign_perm(grant.kind, person, grant.place)
    if grant.kind == Grant.Kind.STAND_IN:
        grant.standing_in = cast(BureauUserObjectPermission, held)
    else:
        grant.inspection = cast(InstitutionUserObjectPermission, held)
    grant.save()
    _note("given", grant, by, _details(grant))


def _lock(grant: Grant) -> dt.date:
    """No two acts on the grants of one place at once. Returns the database's day."""
    rows = (Bureau if grant.bureau_id is not None else Institution)._default_manager.select_for_update(no_key=True)
    today: dt.date = rows.annotate(today=today_of_database()).values_list("today", flat=True).get(pk=grant.place.pk)
    return today


def _demand(verdict: Verdict) -> None:
    if not verdict:
        raise NotAllowed(verdict.reason)


def withdraw(*, bureau: Bureau, by: Membership, reason: str) -> Grant:
    """`end` the authorisation that a bureau holds now, else the one it is to hold next."""
    held = Grant.objects.standing().filter(kind=Grant.Kind.REVIEW, bureau=bureau)
    grant = held.order_by(F("starts_on").asc(nulls_first=True)).first()
    if grant is None:
        raise NotAuthorised(_("%(bureau)s holds no authorisation now; nothing was changed.") % {"bureau": bureau})
    return end(grant=grant, by=by, reason=reason)


@transaction.atomic
def end(*, grant: Grant, by: Membership, reason: str) -> Grant:
    """Withdraw what is in force at once, or call off what is to come. Filings whose route is frozen keep it; a stand-in acts
    no more from the next request on, and is told. Raises `NotAuthorised` where it has ended meanwhile."""
    _demand(can_end_grant(by, grant))
    why = _reason(reason)
    _lock(grant)
    if not Grant.objects.standing().filter(pk=grant.pk).exists():
        raise NotAuthorised(_("This has ended already; nothing was changed."))
    _close(Grant.objects.filter(pk=grant.pk), by=by, reason=why)
    grant.refresh_from_db()
    _note("withdrawn", grant, by, {"reason": why})
    _tell(TOLD_OF_END, grant, why)
    return grant


@transaction.atomic
def end_with_place(membership: Membership, *, by: Membership | None) -> None:
    """Who leaves the last bureau they work for stands in and inspects nowhere. The caller has judged, and has ended the membership."""
    if membership.bureau_id is None:
        return
    held = Grant.objects.standing().filter(holder=_held(membership.user))
    if not (over := list(held.select_related(*_NAMED))):
        return
    if Membership.objects.own().current().filter(user=membership.user_id, bureau__isnull=False).exists():
        return
    why = _("The person works for no bureau any more.")
    _close(Grant.objects.filter(pk__in=[grant.pk for grant in over]), by=by, reason=why if by is not None else "")
    for grant in over:
        _note("withdrawn", grant, by, {"reason": why})


@transaction.atomic
def close_run_out(holder: User | None = None) -> int:
    """What ran out, of everybody or of one person, is closed on paper, too; it has counted no more since its last day.

    Returns how many.
    """
    return _close_run_out(Grant.objects.all() if holder is None else Grant.objects.filter(holder=holder))


def _check_days(first: dt.date | None, last: dt.date | None, *, today: dt.date, must_end: bool = False) -> None:
    if must_end and last is None:
        raise BadGrant(_("The last day is missing. This ends by itself; choose the day."))
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


def _note(what: str, grant: Grant, by: Membership | None, details: dict[str, object]) -> None:
    whom = {"holder": grant.holder.username} if grant.holder is not None else {}
    record(
        f"{VERBS[Grant.Kind(grant.kind)]}.{what}",
        by=by,
        obj=grant.place,
        scope=grant.home.path or "",
        details={"grant": grant.pk, **whom, **details},
    )


def _details(grant: Grant) -> dict[str, object]:
    return {
        "reason": grant.reason,
        "starts_on": grant.starts_on.isoformat() if grant.starts_on else None,
        "ends_on": grant.ends_on.isoformat() if grant.ends_on else None,
    }


def _tell(subject: Promise, grant: Grant, reason: str) -> None:
    """The person, where it is one."""
    if grant.holder is None:
        return
    first = grant.starts_on or localdate(grant.given_at)
    values = {"place": grant.place, "first": first, "last": grant.ends_on, "reason": reason}
    tell(subject, values, recipients=[grant.holder], body=REASON, link="/")


#: What naming a grant and its scope reads.
_NAMED = ("bureau", "institution__home_bureau", "holder")


def _close_run_out(grants: GrantQuerySet) -> int:
    over = list(grants.run_out().select_for_update(of=("self",)).select_related(*_NAMED))
    _close(Grant.objects.filter(pk__in=[grant.pk for grant in over]), by=None, reason="")
    for grant in over:
        _note("ran-out", grant, None, {})
    return len(over)


def _close(grants: GrantQuerySet, *, by: Membership | None, reason: str) -> None:
    """The membership ends with it; guardian's row goes with the last open grant that needs it."""
    held = list(grants.values_list("pk", "permission_id", "standing_in_id", "inspection_id"))
    if not held:
        return
    ids, reviewing, standing_in, inspecting = (set(column) for column in zip(*held, strict=True))
    Membership.objects.filter(grant__in=ids, ended_at=None).update(ended_at=Now())
    Grant.objects.filter(pk__in=ids).update(
        closed_at=Now(), closed_by=by, close_reason=reason, permission=None, standing_in=None, inspection=None
    )
    BureauGroupObjectPermission.objects.filter(pk__in=reviewing - {None}, grants=None).delete()
    BureauUserObjectPermission.objects.filter(pk__in=standing_in - {None}, grants=None).delete()
    InstitutionUserObjectPermission.objects.filter(pk__in=inspecting - {None}, grants=None).delete()


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
