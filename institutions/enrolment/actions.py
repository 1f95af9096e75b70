"""Inviting people to an institution, ending their roles and handing them over."""

from __future__ import annotations

import datetime as dt
import secrets
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from institutions.enrolment.errors import NotAllowed, NotInvited
from institutions.enrolment.models import Invitation
from institutions.enrolment.rules import can_end, can_hand_over, can_manage_people
from institutions.enrolment.telling import tell_of_handover
from institutions.models import Institution, Membership, User
from institutions.roles import INSTITUTION_ROLES
from institutions.words import one_line
from portal.clock import database_now
from portal.inbox.actions import hand_on
from portal.rules import Verdict
from portal.trail.actions import record

PREFIX = "zi_"
#: Open invitations an institution may have at once.
MOST_OPEN = 20


def digest_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def demand(verdict: Verdict) -> None:
    if not verdict:
        raise NotAllowed(verdict.reason)


def scope_of(institution: Institution) -> str:
    return institution.home_bureau.path or ""


def why(reason: str) -> str:
    words = one_line(reason)[:300]
    if not words:
        raise NotInvited(_("A reason is missing. Write why; it is kept in the trail."))
    return words


@transaction.atomic
def invite(
    *, institution: Institution, role: str, name: str, by: Membership, email: str = ""
) -> tuple[Invitation, str]:
    """An invitation and its secret, which nobody can read again."""
    demand(can_manage_people(by, institution))
    return _invite(institution, role=role, name=name, email=email, by=by)


def _invite(
    institution: Institution,
    *,
    role: str,
    name: str,
    email: str,
    by: Membership,
    replaces: Membership | None = None,
    reason: str = "",
) -> tuple[Invitation, str]:
    if role not in INSTITUTION_ROLES:
        raise NotInvited(_("This role does not exist at an institution. Choose one of the list."))
    person = one_line(name)[:50]
    if not person:
        raise NotInvited(_("The name is missing. Write whom you invite, so that others on this page know it."))
    Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
    if Invitation.objects.filter(institution=institution).open().count() >= MOST_OPEN:
        raise NotInvited(
            _("%(most)s invitations of this institution are open. Revoke one that is no longer needed first.")
            % {"most": MOST_OPEN}
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        institution=institution,
        role=role,
        name=person,
        email=email.strip(),
        digest=digest_of(secret),
        created_by=by,
        expires_at=database_now() + dt.timedelta(days=settings.INVITATION_DAYS),
        replaces=replaces,
        reason=reason,
    )
    record(
        "invitation.sent",
        by=by,
        obj=invitation,
        scope=scope_of(institution),
        details={"role": role, "institution": institution.name},
    )
    return invitation, secret


@transaction.atomic
def revoke(*, invitation: Invitation, by: Membership) -> Invitation:
    """From the next click on it opens nothing. One that was accepted, revoked or has expired is left as it is."""
    demand(can_manage_people(by, invitation.institution))
    if Invitation.objects.filter(pk=invitation.pk).open().update(revoked_at=Now(), revoked_by=by):
        record(
            "invitation.revoked",
            by=by,
            obj=invitation,
            scope=scope_of(invitation.institution),
            details={"role": invitation.role, "institution": invitation.institution.name},
        )
    invitation.refresh_from_db()
    return invitation


# -- leaving ---------------------------------------------------------------------------------------------------------


def close(membership: Membership, *, by: Membership | None, reason: str) -> bool:
    """Ended with the person's next request; whether it was in force until now. The caller has judged."""
    institution = membership.institution
    assert institution is not None, "people of institutions"
    ended = Membership.objects.filter(pk=membership.pk, ended_at=None).update(ended_at=Now())
    if ended:
        details = {"role": membership.role, "reason": reason}
        record("membership.ended", by=by, obj=membership, scope=scope_of(institution), details=details)
    return bool(ended)


@transaction.atomic
def end(*, membership: Membership, reason: str, by: Membership) -> Membership:
    """Somebody acts for the institution no more. What they filled in stays with the institution."""
    demand(can_end(by, membership))
    close(membership, by=by, reason=why(reason))
    membership.refresh_from_db(fields=["ended_at"])
    return membership


@transaction.atomic
def hand_over(*, membership: Membership, to: User, reason: str, by: Membership) -> Membership:
    """To somebody who acts for the institution already: they hold the role from now on, and get the unread notices."""
    demand(can_hand_over(by, membership))
    words = why(reason)
    institution = membership.institution
    assert institution is not None, "can_hand_over"
    if to.pk == membership.user_id:
        raise NotInvited(_("The successor is the same person. Choose another, or invite somebody new."))
    if not Membership.objects.current().filter(institution=institution, user=to).exists():
        raise NotInvited(_("%(person)s does not act for this institution. Invite the person instead.") % {"person": to})
    at = {"user": to, "role": membership.role, "institution": institution}
    begun = Membership.objects.filter(ended_at=None, **at).first()
    if begun is None:
        begun = Membership.objects.create(**at)
        details = {"role": begun.role, "user": to.username}
        record("membership.begun", by=by, obj=begun, scope=scope_of(institution), details=details)
    succeed(membership, begun, by=by, reason=words)
    return begun


@transaction.atomic
def hand_over_by_invitation(
    *, membership: Membership, name: str, email: str, at_once: bool, reason: str, by: Membership
) -> tuple[Invitation, str]:
    """To somebody without an account. The old role ends now, or when the successor accepts."""
    demand(can_hand_over(by, membership))
    words = why(reason)
    institution = membership.institution
    assert institution is not None, "can_hand_over"
    if at_once:
        demand(can_end(by, membership))
    made = _invite(institution, role=membership.role, name=name, email=email, by=by, replaces=membership, reason=words)
    if at_once:
        close(membership, by=by, reason=words)
    return made


def succeed(old: Membership, new: Membership, *, by: Membership, reason: str) -> None:
    """The old role ends, what was not read yet goes to the successor, and everybody concerned is told."""
    institution = new.institution
    assert institution is not None, "people of institutions"
    close(old, by=by, reason=reason)
    notices = hand_on(institution=institution, of=old.user, to=new.user)
    record(
        "membership.handed-over",
        by=by,
        obj=new,
        scope=scope_of(institution),
        details={
            "role": new.role,
            "from": old.user.username,
            "to": new.user.username,
            "reason": reason,
            "notices": notices,
        },
    )
    tell_of_handover(old, new, reason)
