"""Who may open a view at all: signed in, and acting with a permission. The object's own rule comes after."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from institutions.roles import Permission
from portal.errors import Refused, is_secret
from portal.language import local_address

if TYPE_CHECKING:
    from institutions.models import Membership

View = Callable[..., HttpResponse]

SECRET = ("password", "token", "code", "secret")
SHOWN_AGAIN = 100  # fields of a form; the rest of a longer one is not repeated


class NotOpen(Refused):
    """The present role does not include the act."""


def acting_as(request: HttpRequest) -> Membership:
    """The membership the reader acts as; only behind `acting`."""
    return cast("Membership", request.membership)  # type: ignore[attr-defined]


def is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def page_of_reader(request: HttpRequest) -> str:
    """Where the reader is: the address of a GET, else the page of this site that sent the form, else the home page."""
    home = reverse("home")
    if is_fragment(request):
        address = request.headers.get("HX-Current-URL", "")
    elif request.method in ("GET", "HEAD"):
        address = request.get_full_path()
    else:
        address = request.headers.get("Referer", "")
    parts = urlsplit(local_address(request, address, home))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def sign_in_address(request: HttpRequest, *, idle: bool = False) -> str:
    wanted = {"next": page_of_reader(request)} | ({"idle": "1"} if idle else {})
    return f"{reverse('login')}?{urlencode(wanted)}"


def ask_to_sign_in(request: HttpRequest, *, idle: bool = False) -> HttpResponse:
    """The sign-in page, and afterwards the page wanted. A form that was sent is not lost: its words stay on the page."""
    address = sign_in_address(request, idle=idle)
    reading = request.method in ("GET", "HEAD")
    if is_fragment(request) and reading:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    if is_fragment(request):
        return render(request, "accounts/_signed_out.html", {"address": address, "idle": idle}, status=401)
    if reading:
        return redirect(address)
    context = {"address": address, "idle": idle, "typed": _typed(request), "files": bool(request.FILES)}
    return render(request, "accounts/signed_out.html", context, status=401)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed into a form of this site, to be copied; never passwords and codes."""
    if not local_address(request, request.headers.get("Referer", ""), ""):
        return []  # nobody else puts words on our pages
    pairs = [(name, text) for name in request.POST for text in request.POST.getlist(name) if text.strip()]
    return [(name, text) for name, text in pairs if not is_secret(name)][:SHOWN_AGAIN]


def signed_in(view: View) -> View:
    """For pages of the person, not of a role: profile, password, switching."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        return view(request, *args, **kwargs)

    return inner


def acting(*permissions: Permission) -> Callable[[View], View]:
    """Only for a membership in force that holds one of the permissions (any membership when none are named).

    Anonymous: the sign-in page. Without a membership or a permission: 403 with the reason.
    """

    def decorator(view: View) -> View:
        @functools.wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            membership: Membership | None = request.membership  # type: ignore[attr-defined]
            if membership is None:
                raise NotOpen(_("Your account holds no role at present. Ask the system administrator of your bureau."))
            if permissions and not any(membership.may(permission) for permission in permissions):
                raise NotOpen(
                    _("Your present role, %(role)s, does not include this page. Nothing was changed.")
                    % {"role": membership.get_role_display()}
                )
            return view(request, *args, **kwargs)

        return inner

    return decorator
