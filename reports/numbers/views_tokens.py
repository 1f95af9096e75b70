"""Tokens of the interface: made, shown once, revoked."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db.models import F
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from institutions.access import acting, acting_as
from institutions.roles import Permission
from reports.numbers import tokens
from reports.numbers.errors import NotTaken
from reports.numbers.forms import TokenForm
from reports.numbers.models import ApiToken

fills = acting(Permission.FILL)


@require_GET
@fills
def token_list(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, *, form: Form | None = None, secret: str = "", status: int = 200) -> HttpResponse:
    """`secret` is a new token's, on the only page that ever shows it."""
    found = ApiToken.objects.visible_to(acting_as(request)).select_related("created_by__user", "revoked_by")
    context = {
        "tokens": found.order_by(F("revoked_at").desc(nulls_first=True), "-id")[:50],
        "form": form or TokenForm(),
        "secret": secret,
        "institution": acting_as(request).institution,
        "limit": settings.NUMBERS_API_A_MINUTE,
        "address": f"{settings.PORTAL_BASE_URL}/api/v1/",
    }
    answer = render(request, "numbers/token_list.html", context, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@fills
def token_create(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            _token, secret = tokens.make(name=form.cleaned_data["name"], by=acting_as(request))
        except NotTaken as refused:
            form.add_error("name", str(refused.reason))
        else:
            return _page(request, secret=secret)
    return _page(request, form=form, status=422)


@require_POST
@fills
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    visible = ApiToken.objects.visible_to(acting_as(request)).select_related("institution__home_bureau")
    token = get_object_or_404(visible, pk=pk)
    tokens.revoke(token=token, by=acting_as(request))
    messages.success(request, _("“%(name)s” is revoked; it opens nothing any more.") % {"name": token.name})
    return redirect("numbers:token-list")
