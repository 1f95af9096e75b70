"""Opening and closing a browser's session, each with its event."""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.contrib.auth import login as django_login
from django.contrib.auth import logout as django_logout
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation

from institutions.models import Membership, User
from portal.trail.actions import record

MEMBERSHIP_KEY = "membership"
SEEN_KEY = "seen_at"
SIGNED_IN_KEY = "signed_in_at"


def open_session(request: HttpRequest, user: User) -> None:
    """Sign in under a new session key; what the visitor's old session held is carried over only if it was anonymous."""
    with transaction.atomic():
        django_login(request, user)
        request.session.pop(SEEN_KEY, None)
        request.session[SIGNED_IN_KEY] = int(time.time())
        record("account.signed-in", by=_acting(request, user), user=user, obj=user)


def close_session(request: HttpRequest, *, verb: str = "account.signed-out") -> None:
    """Sign out; the session's row and everything in it is deleted."""
    user = request.user
    if not isinstance(user, User):
        request.session.flush()
        return
    with transaction.atomic():
        record(verb, by=getattr(request, "membership", None), user=user, obj=user)
        django_logout(request)
    request.membership = None  # type: ignore[attr-defined]


def choose_membership(request: HttpRequest, membership: Membership) -> None:
    """Act as this membership from the next request on, in this browser."""
    before: Membership | None = request.membership  # type: ignore[attr-defined]
    with translation.override(settings.LANGUAGE_CODE):  # the language of the trail
        was = str(before or "")
    with transaction.atomic():
        request.session[MEMBERSHIP_KEY] = membership.pk
        record("account.switched", by=membership, obj=membership, details={"from": was})
    request.membership = membership  # type: ignore[attr-defined]


def keep_session(request: HttpRequest, user: User) -> None:
    """This browser stays signed in although the account's password or count of sessions changed; under a new key."""
    update_session_auth_hash(request, user)


def _acting(request: HttpRequest, user: User) -> Membership | None:
    chosen = request.session.get(MEMBERSHIP_KEY)
    held = user.current_memberships
    return next((one for one in held if one.pk == chosen), held[0] if held else None)


def is_open(request: HttpRequest) -> bool:
    return SESSION_KEY in request.session
