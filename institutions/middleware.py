"""Which membership a request acts as, and when a session has been idle too long or has lasted long enough."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from institutions.access import ask_to_sign_in, is_fragment, page_of_reader
from institutions.accounts.sessions import MEMBERSHIP_KEY, SEEN_KEY, SIGNED_IN_KEY, close_session, is_open
from institutions.models import Membership, User

SEEN_STEP = 60  # the session row is written at most once a minute

Handler = Callable[[HttpRequest], HttpResponse]


class IdleTimeout:
    """Ends a session that asked for nothing in `IDLE_SECONDS`; counted on the server, to the minute.

    One that is used ends `SESSION_COOKIE_AGE` after the signing in: each saving would give the session's row that time anew.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_open(request):
            now = int(time.time())
            seen = request.session.get(SEEN_KEY, now)
            idle = now - seen > settings.IDLE_SECONDS
            if idle or now - request.session.setdefault(SIGNED_IN_KEY, now) > settings.SESSION_COOKIE_AGE:
                close_session(request, verb="account.idled-out" if idle else "account.timed-out")
                if request.path not in _open_to_visitors():
                    return ask_to_sign_in(request, idle=idle)
            elif SEEN_KEY not in request.session or now - seen >= min(SEEN_STEP, settings.IDLE_SECONDS // 10):
                request.session[SEEN_KEY] = now
        return self.get_response(request)


def _open_to_visitors() -> frozenset[str]:
    return frozenset(reverse(name) for name in ("login", "logout", "language-set"))


class ActingMembership:
    """Sets `request.membership`, read anew for each request: a role that ended is gone with the next click.

    None for a visitor who has not signed in and for an account without a membership in force. Of several the one
    chosen in the session, else the oldest. An account that must change its password gets no further than that page.
    What a person signed in was shown is kept by no browser: going back asks again, also after signing out.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = None  # type: ignore[attr-defined]
        if is_open(request) and request.user.is_authenticated:
            request.membership = self._membership(request)  # type: ignore[attr-defined]
            if request.user.must_change_password and request.path not in self._open_before_change():
                return self._to_password(request)
        response = self.get_response(request)
        if is_open(request) and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    @staticmethod
    def _membership(request: HttpRequest) -> Membership | None:
        assert isinstance(request.user, User)
        held = request.user.current_memberships
        chosen = request.session.get(MEMBERSHIP_KEY)
        membership = next((one for one in held if one.pk == chosen), held[0] if held else None)
        if membership is not None and membership.pk != chosen:
            request.session[MEMBERSHIP_KEY] = membership.pk
        return membership

    @staticmethod
    def _open_before_change() -> frozenset[str]:
        return frozenset(reverse(name) for name in ("password-change", "logout", "language-set"))

    @staticmethod
    def _to_password(request: HttpRequest) -> HttpResponse:
        address = f"{reverse('password-change')}?{urlencode({'next': page_of_reader(request)})}"
        if is_fragment(request):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect(address)
