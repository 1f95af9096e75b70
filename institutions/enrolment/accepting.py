"""Accepting an invitation: with a new account, or with the account one has."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from institutions.accounts.actions import create_account
from institutions.actions import appoint
from institutions.enrolment.actions import PREFIX, digest_of, scope_of, succeed
from institutions.enrolment.errors import DeadInvitation, NoSuchInvitation
from institutions.enrolment.models import Invitation
from institutions.enrolment.telling import tell_of_acceptance
from institutions.models import Institution, Membership, User
from portal.clock import database_now
from portal.errors import Conflict
from portal.trail.actions import record

LONGEST_SECRET = 100


class ActsAlready(Conflict):
    """The account holds the role at the institution."""


def look(secret: str) -> Invitation:
    """The open invitation of the secret. Raises `NoSuchInvitation` or `DeadInvitation`, each with how to go on. Two queries."""
    return _open(secret, Invitation.objects.all())


def _open(secret: str, among: QuerySet[Invitation]) -> Invitation:
    found = None
    if secret.startswith(PREFIX) and len(secret) <= LONGEST_SECRET and secret.isascii():
        rows = among.select_related(
            "institution__home_bureau",
            "bureau",
            "created_by__user",
            "replaces__user",
            "replaces__institution",
            "replaces__bureau",
        )
        found = rows.filter(digest=digest_of(secret)).first()
    if found is None:
        raise NoSuchInvitation(
            _(
                "This is no invitation of the portal. Copy the whole address from the message you got, without a line break in it; "
                "if that does not help, ask for a new invitation."
            )
        )
    state = found.state_at(database_now())
    if state != Invitation.State.OPEN:
        raise DeadInvitation(_dead_words(found, state), state)
    if found.institution is not None and found.institution.status != Institution.Status.ACTIVE:
        raise DeadInvitation(
            _("%(institution)s is registered as closed. Call %(bureau)s if that is a mistake.")
            % {"institution": found.institution, "bureau": found.institution.home_bureau},
            "closed",
        )
    return found


def _dead_words(invitation: Invitation, state: str) -> str:
    named = {"person": invitation.created_by.user.name, "place": invitation.place}
    if state == Invitation.State.ACCEPTED:
        return (
            _(
                "This invitation was accepted already; it works once. Sign in with the user name and password chosen then. "
                "If it was not you, call %(person)s, who sent it."
            )
            % named
        )
    if not invitation.sender_in_office:
        return (
            _("%(person)s, who sent this invitation, works there no more, and it ended with that. Ask for a new one.")
            % named
        )
    if state == Invitation.State.REVOKED:
        return _("This invitation was taken back. Ask %(person)s, who sent it, for a new one.") % named
    return _("This invitation has expired. Ask %(person)s, who sent it, for a new one.") % named


@transaction.atomic
def accept(*, secret: str, username: str, name: str, password: str, phone: str = "") -> User:
    """A new account with the password the person chose, judged by the validators, and the role of the invitation."""
    invitation = _take(secret)
    user = create_account(
        username=username, name=name, by=None, password=password, email=invitation.email, phone=phone, own_password=True
    )
    _begin(invitation, user)
    return user


@transaction.atomic
def accept_as(*, secret: str, user: User) -> Membership:
    """The role for an account that is signed in."""
    return _begin(_take(secret), user)


def _take(secret: str) -> Invitation:
    """Two who click at once: the second waits, and finds it accepted."""
    return _open(secret, Invitation.objects.select_for_update(of=("self",)))


def _begin(invitation: Invitation, user: User) -> Membership:
    place = invitation.place
    at = {"institution": invitation.institution, "bureau": invitation.bureau}
    if Membership.objects.own().filter(user=user, role=invitation.role, ended_at=None, **at).exists():
        raise ActsAlready(
            _("You hold this role at %(place)s already. Nothing was changed; the invitation stays open.")
            % {"place": place}
        )
    new = appoint(user=user, role=invitation.role, place=place, by=None)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=Now(), accepted_by=user)
    details = {"role": new.role, "user": user.username, "invited_by": invitation.created_by.user.username}
    record("invitation.accepted", by=new, obj=invitation, scope=scope_of(place), details=details)
    old = invitation.replaces
    if old is not None:
        succeed(old, new, by=invitation.created_by, reason=invitation.reason)
    tell_of_acceptance(new, invitation.created_by.user)
    return new
