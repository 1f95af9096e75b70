"""Signing in and out, the person's own account, switching the role."""

from __future__ import annotations

import math

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, password_validation
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from institutions.access import signed_in
from institutions.accounts import actions, sessions
from institutions.accounts.backends import axes_username
from institutions.accounts.forms import DetailsForm, PasswordForm, SignInForm
from institutions.accounts.queries import sign_ins_of
from institutions.accounts.rules import AccountStopped
from institutions.models import User
from portal.language import chosen, local_address, remember

SAY_TRIES_FROM = 3


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The password first; `after_password` decides what comes before the page that was wanted."""
    wanted = local_address(request, request.POST.get("next") or request.GET.get("next", ""), reverse("home"))
    if request.user.is_authenticated:
        return redirect(wanted)
    form = SignInForm(request.POST or None)
    if request.method != "POST":
        return _login_page(request, form, wanted)
    if form.is_valid():
        user = _authenticate(request, form)
        if user is not None:
            return after_password(request, user, wanted)
        if getattr(request, "axes_locked_out", False):
            return locked_out(request, None, form.cleaned_data)
    return _login_page(request, form, wanted, status=422)


def _authenticate(request: HttpRequest, form: SignInForm) -> User | None:
    """The person, or None with the reason on the form. The same words for a wrong password and an unknown name."""
    username = form.cleaned_data["username"]
    try:
        user = authenticate(request, username=username, password=form.cleaned_data["password"])
    except AccountStopped as stopped:
        actions.note_failed_sign_in(username=username, reason="stopped")
        form.add_error(None, str(stopped.reason))
        return None
    if isinstance(user, User):
        return user
    locked = bool(getattr(request, "axes_locked_out", False))
    actions.note_failed_sign_in(username=username, reason="locked" if locked else "password")
    form.add_error(None, _wrong_password(getattr(request, "axes_failures_since_start", None) or 0))
    return None


def _wrong_password(failures: int) -> str:
    words = _("The user name or the password is wrong. Check Caps Lock and the input method, then try again.")
    left = settings.AXES_FAILURE_LIMIT - failures
    if failures < SAY_TRIES_FROM or left <= 0:
        return words
    return ngettext(
        "%(wrong)s %(left)s try is left, then the account is locked for %(minutes)s minutes.",
        "%(wrong)s %(left)s tries are left, then the account is locked for %(minutes)s minutes.",
        left,
    ) % {"wrong": words, "left": left, "minutes": round(settings.AXES_COOLOFF_TIME * 60)}


def after_password(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    """What follows a right password, in order: the session opens, a first or reset password is replaced, the page.

    A second factor belongs before the session opens: the account would be kept in the anonymous session until the
    code is right, and only then pass on from here.
    """
    sessions.open_session(request, user)
    address = wanted
    if user.must_change_password:
        address = f"{reverse('password-change')}?{urlencode({'next': wanted})}"
    response = redirect(address)
    if chosen(request) is None:
        remember(response, user.language)
    return response


def _login_page(
    request: HttpRequest, form: SignInForm, wanted: str, *, status: int = 200, locked: str = ""
) -> HttpResponse:
    if not locked and "idle" in request.GET and request.method != "POST":
        locked = _("You were signed out because nothing was asked for a long time. Sign in to go on where you were.")
    context = {"form": form, "next": "" if wanted == reverse("home") else wanted, "locked": locked}
    return render(request, "accounts/login.html", context, status=status)


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, str] | None) -> HttpResponse:
    """Replaces the answer to a try at a locked account, also when the password was right. Says how long to wait.

    axes asks for it twice when the view itself answered with it; the second time that answer stands.
    """
    if response is not None and response.status_code == 429:
        return response
    wait = _seconds_locked(request, axes_username(request, credentials))
    minutes = max(1, math.ceil(wait / 60))
    words = ngettext(
        "Too many wrong passwords: the account is locked on this computer for %(minutes)s more minute. Until then no password opens it.",
        "Too many wrong passwords: the account is locked on this computer for %(minutes)s more minutes. Until then no password opens it.",
        minutes,
    ) % {"minutes": minutes}
    wanted = local_address(request, request.POST.get("next", ""), reverse("home"))
    form = SignInForm(initial={"username": request.POST.get("username", "")[:64].replace("\0", "")})
    page = _login_page(request, form, wanted, status=429, locked=words)
    page["Retry-After"] = str(max(1, wait))
    return page


def _seconds_locked(request: HttpRequest, username: str) -> int:
    """Until the last try that counted is old enough to be forgotten."""
    address = request.axes_ip_address  # type: ignore[attr-defined]
    tries = AccessAttempt.objects.filter(username=username, ip_address=address)
    last = tries.aggregate(last=Max("attempt_time"))["last"]
    cool_off = get_cool_off(request)
    if last is None or cool_off is None:
        return 0
    left: float = (last + cool_off - timezone.now()).total_seconds()
    return max(0, math.ceil(left))


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    sessions.close_session(request)
    response = redirect("login")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@never_cache
@require_safe
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    memberships = request.user.memberships.select_related("bureau", "institution", "inspects", "grant").order_by(
        "ended_at", "id"
    )
    context = {"memberships": memberships, "sign_ins": sign_ins_of(request.user)}
    return render(request, "accounts/profile.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def password_change(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    wanted = local_address(request, request.POST.get("next") or request.GET.get("next", ""), reverse("profile"))
    form = PasswordForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        actions.change_password(user=user, password=form.cleaned_data["new"], by=request.membership)  # type: ignore[attr-defined]
        sessions.keep_session(request, user)
        messages.success(request, _("The password is changed. All other browsers of your account were signed out."))
        return redirect(wanted)
    context = {
        "form": form,
        "next": wanted,
        "forced": user.must_change_password,
        "rules": password_validation.password_validators_help_texts(),
    }
    return render(request, "accounts/password.html", context, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def details_change(request: HttpRequest) -> HttpResponse:
    """E-mail and telephone of the person; asks for the password, since mail leads to the account."""
    user = request.user
    assert isinstance(user, User)
    form = DetailsForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        actions.change_details(user=user, email=typed["email"], phone=typed["phone"], by=request.membership)  # type: ignore[attr-defined]
        messages.success(request, _("Your e-mail and telephone are kept as entered."))
        return redirect("profile")
    return render(request, "accounts/details.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_POST
@signed_in
def sessions_end(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    actions.end_other_sessions(user=request.user, by=request.membership)  # type: ignore[attr-defined]
    sessions.keep_session(request, request.user)
    messages.success(request, _("All other browsers of your account are signed out. This one stays signed in."))
    return redirect("profile")


@never_cache
@require_POST
@signed_in
def membership_switch(request: HttpRequest) -> HttpResponse:
    """Always to the home page: the page one was on may be outside the new scope."""
    assert isinstance(request.user, User)
    wanted = request.POST.get("membership", "")
    membership = next((one for one in request.user.current_memberships if str(one.pk) == wanted), None)
    if membership is None:
        raise Http404
    sessions.choose_membership(request, membership)
    messages.success(request, _("You now act as %(membership)s.") % {"membership": membership})
    return redirect("home")
