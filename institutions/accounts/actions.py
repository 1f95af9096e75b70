"""What is written about accounts."""

from __future__ import annotations

import datetime as dt
import unicodedata

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from institutions.accounts.backends import LONGEST_NAME, readable
from institutions.accounts.passwords import first_password
from institutions.accounts.rules import can_manage
from institutions.enrolment.models_idle import IdleWarning
from institutions.models import Membership, User
from institutions.people import compared_name
from institutions.words import one_line, telephone
from portal.clock import database_now
from portal.errors import Conflict, Refused
from portal.trail.actions import record


class NotAllowed(Refused):
    """The rule refused; its words are the reason."""


class BadName(Refused):
    """A user name that could not be typed again or looked up."""

    status = 422


class NameTaken(Conflict):
    """Another account has the name, perhaps in other spelling."""


def note_failed_sign_in(*, username: str, reason: str) -> None:
    """`username` is what was typed, shortened; the account may not exist. Nothing else is written."""
    record(
        "account.sign-in-failed",
        by=None,
        succeeded=False,
        details={"username": username[:LONGEST_NAME], "reason": reason},
    )


def _first_password_end() -> dt.datetime:
    return database_now() + dt.timedelta(days=settings.FIRST_PASSWORD_DAYS)


@transaction.atomic
def create_account(
    *,
    username: str,
    name: str,
    by: Membership | None,
    password: str | None = None,
    email: str = "",
    phone: str = "",
    own_password: bool = False,
) -> User:
    """A new account. Its password, if one is given, is for the first sign-in only, unless the person chose it (`own_password`)."""
    compared = compared_name(username)
    if not readable(compared) or any(unicodedata.category(c)[0] in "ZC" for c in compared):
        raise BadName(
            _("The user name “%(name)s” cannot be used: 1 to %(limit)s letters, digits or marks without spaces.")
            % {"name": one_line(username)[:LONGEST_NAME], "limit": LONGEST_NAME}
        )
    given = password is not None and not own_password
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                username=compared,
                name=one_line(name),
                password=password,
                email=email.strip(),
                phone=telephone(phone),
                must_change_password=given,
                first_password_until=_first_password_end() if given else None,
            )
    except IntegrityError as error:
        raise NameTaken(
            _("There is an account with the name “%(name)s” already. Choose another name.") % {"name": compared}
        ) from error
    record("account.created", by=by, obj=user, details={"username": compared})
    return user


@transaction.atomic
def activate_account(*, account: User, by: Membership) -> User:
    return _set_active(account, active=True, by=by)


@transaction.atomic
def deactivate_account(*, account: User, by: Membership) -> User:
    """Stops the account and signs it out everywhere with its next request."""
    return _set_active(account, active=False, by=by)


def _set_active(account: User, *, active: bool, by: Membership) -> User:
    """Doing it twice changes nothing and leaves no second event."""
    if not (verdict := can_manage(by, account)):
        raise NotAllowed(verdict.reason)
    changed = User.objects.filter(pk=account.pk, is_active=not active).update(
        is_active=active, sessions_ended=F("sessions_ended") + 1
    )
    account.refresh_from_db()
    if changed and active:  # a bureau opens what the clock closed, not what is stopped after this
        closed = IdleWarning.objects.filter(user=account, closed_at__isnull=False, reopened_at=None)
        closed.update(reopened_at=Now(), reopened_by=by)
    if changed:
        record("account.activated" if active else "account.deactivated", by=by, obj=account)
    return account


@transaction.atomic
def reset_password(*, account: User, by: Membership) -> str:
    """A new random first password, returned once and kept nowhere; every browser of the account is signed out."""
    if not (verdict := can_manage(by, account)):
        raise NotAllowed(verdict.reason)
    password = first_password()
    account.set_password(password)
    account.must_change_password, account.first_password_until = True, _first_password_end()
    account.save(update_fields=["password", "must_change_password", "first_password_until"])
    record("account.password-reset", by=by, obj=account)
    return password


@transaction.atomic
def change_password(*, user: User, password: str, by: Membership | None) -> User:
    """The person's own choice, already judged by the validators. Every other browser of the account is signed out."""
    user.set_password(password)
    user.must_change_password, user.first_password_until = False, None
    user.save(update_fields=["password", "must_change_password", "first_password_until"])
    record("account.password-changed", by=by, user=user, obj=user)
    return user


@transaction.atomic
def change_details(*, user: User, email: str, phone: str, by: Membership | None) -> User:
    """Where the person is reached. The trail says which fields changed and by whom, not the numbers. The same again changes nothing."""
    wanted = {"email": email.strip(), "phone": telephone(phone)}
    changed = [name for name, value in wanted.items() if getattr(user, name) != value]
    if changed:
        for name in changed:
            setattr(user, name, wanted[name])
        user.save(update_fields=changed)
        record("account.details-changed", by=by, user=user, obj=user, details={"fields": changed})
    return user


@transaction.atomic
def end_other_sessions(*, user: User, by: Membership | None) -> User:
    """Every session of the account ends with its next request; the view keeps the one that asked."""
    User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)
    user.refresh_from_db(fields=["sessions_ended"])
    record("account.sessions-ended", by=by, user=user, obj=user)
    return user
