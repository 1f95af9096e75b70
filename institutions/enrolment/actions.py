"""Inviting people to an institution or a bureau, ending their roles and handing them over."""

from __future__ import annotations

import datetime as dt
import secrets
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from institutions.actions import appoint
from institutions.enrolment.errors import NotAllowed, NotInvited
from institutions.enrolment.models import Invitation
from institutions.enrolment.rules import can_end, can_hand_over, can_manage_people
from institutions.enrolment.telling import tell_of_handover
from institutions.grants import end_with_place
from institutions.models import Bureau, Institution, Membership, User
from institutions.roles import ADMIN_ROLES, BUREAU_ROLES, INSTITUTION_ROLES, Role
from institutions.words import one_line
from portal.clock import database_now
from portal.inbox.actions import hand_on
from portal.rules import Verdict
from portal.trail.actions import record

PREFIX = "zi_"
#: Open invitations that one place may have at once.
MOST_OPEN = 20


def digest_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def demand(verdict: Verdict) -> None:
    if not verdict:
        raise NotAllowed(verdict.reason)


def scope_of(place: Bureau | Institution) -> str:
    bureau = place.home_bureau if isinstance(place, Institution) else place
    return bureau.path or ""


def roles_at(place: Bureau | Institution) -> list[Role]:
    """Those that exist there, in the order of the roles; the statistician works for the province alone."""
    if isinstance(place, Institution):
        return [role for role in Role if role in INSTITUTION_ROLES]
    fitting = (
        BUREAU_ROLES | ADMIN_ROLES if place.parent_id is None else (BUREAU_ROLES | ADMIN_ROLES) - {Role.STATISTICIAN}
    )
    return [role for role in Role if role in fitting]


def why(reason: str) -> str:
    words = one_line(reason)[:300]
    if not words:
        raise NotInvited(_("A reason is missing. Write why; it is kept in the trail."))
    return words


@transaction.atomic
def invite(
    *, place: Bureau | Institution, role: str, name: str, by: Membership, email: str = ""
) -> tuple[Invitation, str]:
    """An invitation and its secret, which nobody can read again."""
    demand(can_manage_people(by, place))
    return _invite(place, role=role, name=name, email=email, by=by)


def _invite(
    place: Bureau | Institution,
    *,
    role: str,
    name: str,
    email: str,
    by: Membership,
    replaces: Membership | None = None,
    reason: str = "",
) -> tuple[Invitation, str]:
    if role not in roles_at(place):
        raise NotInvited(_("This role does not exist there. Choose one of the list."))
    person = one_line(name)[:50]
    if not person:
        raise NotInvited(_("The name is missing. Write whom you invite, so that others on this page know it."))
    type(place)._default_manager.select_for_update(no_key=True).get(pk=place.pk)
    if place.invitations.open().count() >= MOST_OPEN:
        raise NotInvited(
            _("%(most)s invitations are open here. Revoke one that is no longer needed first.") % {"most": MOST_OPEN}
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    invitation = place.invitations.create(
        role=role,
        name=person,
        email=email.strip(),
        digest=digest_of(secret),
        created_by=by,
        expires_at=database_now() + dt.timedelta(days=settings.INVITATION_DAYS),
        replaces=replaces,
        reason=reason,
    )
    _note("invitation.sent", invitation, by)
    return invitation, secret


def _note(verb: str, invitation: Invitation, by: Membership) -> None:
    place = invitation.place
    details = {"role": invitation.role, "place": str(place)}
    record(verb, by=by, obj=invitation, scope=scope_of(place), details=details)


@transaction.atomic
def revoke(*, invitation: Invitation, by: Membership) -> Invitation:
    """From the next click on it opens nothing. One that was accepted, revoked or has expired is left as it is."""
    demand(can_manage_people(by, invitation.place))
    if Invitation.objects.filter(pk=invitation.pk).open().update(revoked_at=Now(), revoked_by=by):
        _note("invitation.revoked", invitation, by)
    invitation.refresh_from_db()
    return invitation


# -- leaving ---------------------------------------------------------------------------------------------------------


def close(membership: Membership, *, by: Membership | None, reason: str) -> bool:
    """Ended with the person's next request; whether it was in force until now. The caller has judged."""
    ended = Membership.objects.filter(pk=membership.pk, ended_at=None).update(ended_at=Now())
    if ended:
        details = {"role": membership.role, "reason": reason}
        record("membership.ended", by=by, obj=membership, scope=scope_of(membership.place), details=details)
        end_with_place(membership, by=by)
    return bool(ended)


@transaction.atomic
def end(*, membership: Membership, reason: str, by: Membership) -> Membership:
    """Somebody holds the role no more. What they filled in stays with the institution."""
    demand(can_end(by, membership))
    close(membership, by=by, reason=why(reason))
    membership.refresh_from_db(fields=["ended_at"])
    return membership


@transaction.atomic
def hand_over(*, membership: Membership, to: User, reason: str, by: Membership) -> Membership:
    """To somebody who works there already: they hold the role from now on, and get the unread notices about the institution."""
    demand(can_hand_over(by, membership))
    words, place = why(reason), membership.place
    at_place = {"institution": place} if isinstance(place, Institution) else {"bureau": place}
    if to.pk == membership.user_id:
        raise NotInvited(_("The successor is the same person. Choose another, or invite somebody new."))
    if not Membership.objects.own().current().filter(user=to, **at_place).exists():
        raise NotInvited(_("%(person)s holds no role there. Invite the person instead.") % {"person": to})
    at = {"user": to, "role": membership.role, **at_place}
    begun = Membership.objects.own().filter(ended_at=None, **at).first()
    if begun is None:
        begun = appoint(user=to, role=membership.role, place=place, by=None)
    succeed(membership, begun, by=by, reason=words)
    return begun


@transaction.atomic
def hand_over_by_invitation(
    *, membership: Membership, name: str, email: str, at_once: bool, reason: str, by: Membership
) -> tuple[Invitation, str]:
    """To somebody without an account. The old role ends now, or when the successor accepts."""
    demand(can_hand_over(by, membership))
    words = why(reason)
    if at_once:
        demand(can_end(by, membership))
    made = _invite(
        membership.place, role=membership.role, name=name, email=email, by=by, replaces=membership, reason=words
    )
    if at_once:
        close(membership, by=by, reason=words)
    return made


def succeed(old: Membership, new: Membership, *, by: Membership, reason: str) -> None:
    """The old role ends, what was not read yet goes to the successor, and everybody concerned is told."""
    close(old, by=by, reason=reason)
    notices = hand_on(institution=new.institution, of=old.user, to=new.user) if new.institution is not None else 0
    record(
        "membership.handed-over",
        by=by,
        obj=new,
        scope=scope_of(new.place),
        details={
            "role": new.role,
            "from": old.user.username,
            "to": new.user.username,
            "reason": reason,
            "notices": notices,
        },
    )
    tell_of_handover(old, new, reason)
