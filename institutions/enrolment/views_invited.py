"""What an invited person opens: no account is needed, only the secret of the invitation."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import password_validation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from institutions.accounts.actions import BadName, NameTaken
from institutions.enrolment import accepting
from institutions.enrolment.forms import NewAccountForm
from institutions.enrolment.models import Invitation
from institutions.models import User
from portal.errors import TooMany
from portal.trail.middleware import peer_address
from portal.visits import network_of, wait_for


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest) -> HttpResponse:
    """`code` is the secret: in the query of the address that was sent, and in the body of the form."""
    code = (request.POST if request.method == "POST" else request.GET).get("code", "").strip()
    if not code:
        return render(request, "institutions/people/accept.html", {"asks": True})
    demand_patience(request, "invitation", settings.INVITATIONS_A_MINUTE)
    invitation = accepting.look(code)
    if request.method == "POST":
        return _accepted(request, invitation, code)
    return _page(request, invitation, code, NewAccountForm(initial={"name": invitation.name}))


def demand_patience(request: HttpRequest, what: str, most: int, seconds: int = 60) -> None:
    """Raises `TooMany` when one network asks too often: secrets are not to be guessed, nor lists filled."""
    wait = wait_for(f"{what} {network_of(peer_address(request))}", most, seconds=seconds)
    if wait:
        raise TooMany(
            _(
                "Too many tries from your network. Wait %(minutes)s min and try again; nothing you entered before is lost."
            )
            % {"minutes": -(-wait // 60)},
            wait=wait,
        )


def _accepted(request: HttpRequest, invitation: Invitation, code: str) -> HttpResponse:
    if isinstance(request.user, User):
        if "mine" not in request.POST:
            return _page(request, invitation, code, NewAccountForm(), status=422)
        new = accepting.accept_as(secret=code, user=request.user)
        messages.success(
            request, _("You are now “%(role)s” of %(place)s.") % {"role": new.get_role_display(), "place": new.place}
        )
        return redirect("home")
    form = NewAccountForm(request.POST, place=invitation.place)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            accepting.accept(
                secret=code,
                username=typed["username"],
                name=typed["name"],
                password=typed["password"],
                phone=typed["phone"],
            )
        except (BadName, NameTaken) as refused:
            form.add_error("username", str(refused.reason))
        else:
            messages.success(request, _("Your account is made. Sign in with the user name and password you chose."))
            return redirect("login")
    return _page(request, invitation, code, form, status=422)


def _page(
    request: HttpRequest, invitation: Invitation, code: str, form: NewAccountForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "invitation": invitation,
        "code": code,
        "form": form,
        "me": request.user if request.user.is_authenticated else None,
        "rules": password_validation.password_validators_help_texts(),
    }
    response = render(request, "institutions/people/accept.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
