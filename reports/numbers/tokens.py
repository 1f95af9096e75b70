"""Tokens of the interface: made and revoked on screen, found again by the hash of what a program sends."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from institutions.models import Membership
from institutions.roles import Permission
from portal.clock import database_now
from portal.rules import Allowed, Denied, Verdict
from portal.trail.actions import record
from reports.filings.errors import NotAllowed
from reports.numbers.errors import NotTaken
from reports.numbers.models import ApiToken

PREFIX = "zb_"
#: Tokens in force an institution may have at once.
MOST = 10
#: `last_used_at` is written at most this often.
USED_STEP = dt.timedelta(minutes=1)


def can_manage(membership: Membership) -> Verdict:
    if membership.institution_id is None or not membership.may(Permission.FILL):
        return Denied(_("Only the institution itself may do this."))
    return Allowed()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def make(*, name: str, by: Membership) -> tuple[ApiToken, str]:
    """A new token of the person's institution, and its secret, which nobody can read again."""
    verdict = can_manage(by)
    if not verdict:
        raise NotAllowed(verdict.reason)
    name = name.strip()[:60]
    if not name:
        raise NotTaken(_("Name the system that will use the token, so that you can tell tokens apart."))
    assert by.institution is not None, "can_manage"
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            if ApiToken.objects.filter(institution=by.institution).in_force().count() >= MOST:
                raise NotTaken(_("Your institution has %(most)s tokens in force. Revoke one first.") % {"most": MOST})
            token = ApiToken.objects.create(
                institution=by.institution, name=name, digest=_digest(secret), tail=secret[-4:], created_by=by
            )
            record(
                "numbers.token-made",
                by=by,
                obj=token,
                scope=by.institution.home_bureau.path or "",
                details={"name": name},
            )
    except IntegrityError:
        raise NotTaken(
            _("A token named “%(name)s” is in force already. Revoke it first, or choose another name.") % {"name": name}
        ) from None
    return token, secret


def revoke(*, token: ApiToken, by: Membership) -> ApiToken:
    """From the next request on the token opens nothing. Revoking twice changes nothing."""
    verdict = can_manage(by)
    if not verdict or by.institution_id != token.institution_id:
        raise NotAllowed(verdict.reason or _("Only the institution itself may do this."))
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk).in_force().update(revoked_at=Now(), revoked_by=by.user):
            scope = token.institution.home_bureau.path or ""
            record("numbers.token-revoked", by=by, obj=token, scope=scope, details={"name": token.name})
    token.refresh_from_db()
    return token


def used_since(moment: dt.datetime) -> QuerySet[Any]:
    """Ids of the users in whose name a program sent something since; their accounts are in use."""
    return ApiToken.objects.in_force().filter(last_used_at__gte=moment).order_by().values("created_by__user")


def holder(secret: str) -> ApiToken | None:
    """The token in force with this secret whose maker still acts for the institution; notes that it was used. Two queries."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    current = Membership.objects.current()
    tokens = ApiToken.objects.in_force().filter(digest=_digest(secret), created_by__in=current)
    token = tokens.select_related("institution__home_bureau", "created_by__user", "created_by__institution").first()
    if token is not None:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=database_now() - USED_STEP)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=Now())
    return token
