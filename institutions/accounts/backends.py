"""Who somebody is, by user name and password."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from institutions.accounts.rules import AccountStopped, can_sign_in
from institutions.models import Membership, User
from institutions.people import compared_name
from portal.prepared import Prepared

LONGEST_NAME = 64
LONGEST_PASSWORD = 256  # a hash of megabytes would cost everybody's time

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def readable(username: str) -> bool:
    """Whether the compared name can be looked up at all."""
    return bool(username) and len(username) <= LONGEST_NAME and not _CONTROLS.search(username)


def axes_username(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The compared name, so that other spellings of a name share its count of tries; safe to store and to log."""
    typed = (credentials or {}).get("username") or (request.POST.get("username", "") if request is not None else "")
    return _CONTROLS.sub("", compared_name(str(typed)))[:LONGEST_NAME]


_of_session = Prepared(Membership.objects.of_session, -1)


class NameBackend(BaseBackend):
    """Matches the name in its compared form. Holds no permissions: those are roles in code.

    A right password for an account that may not be used raises `AccountStopped` (a refusal with the contact), so
    that no caller of `authenticate` can let it in.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_rest: Any
    ) -> User | None:
        name = compared_name(username or "")
        if not readable(name) or not password or len(password) > LONGEST_PASSWORD:
            return None
        user: User | None = User.objects.filter(username=name).first()
        if user is None:
            User().set_password(password)  # takes as long as a comparison would
            return None
        if not user.check_password(password):
            return None
        if not (verdict := can_sign_in(user)):
            raise AccountStopped(verdict.reason)
        return user

    def get_user(self, user_id: int) -> User | None:
        """The account of a session with what it may act as, in one question; each request asks it."""
        held = _of_session(user_id)
        user: User | None = held[0].user if held else User.objects.filter(pk=user_id, is_active=True).first()
        if user is not None:
            for membership in held:
                membership.user = user
            user.current_memberships = held
        return user
