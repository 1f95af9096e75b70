"""The system administrator's list of accounts. Nothing here leads to a filing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.accounts import actions
from institutions.accounts.rules import can_manage
from institutions.accounts.standing import STANDINGS, UNUSED_DAYS
from institutions.forms import SearchField
from institutions.models import Membership, User
from institutions.roles import Permission
from portal.language import local_address
from portal.ui.paging import page_of


@require_safe
@acting(Permission.MANAGE_ACCOUNTS)
def account_list(request: HttpRequest) -> HttpResponse:
    membership = acting_as(request)
    words = SearchField().to_python(request.GET.get("q", ""))
    state = request.GET.get("state", "")
    rows = _accounts(membership).search(words)
    if state in STANDINGS:
        rows = rows.filter(STANDINGS[state])
    page = page_of(request, rows.order_by("name", "id"))
    for account in page.object_list:
        account.verdict = can_manage(membership, account)
    context = {"page": page, "q": words, "state": state if state in STANDINGS else "", "days": UNUSED_DAYS}
    return render(request, "institutions/account_list.html", context)


@require_POST
@acting(Permission.MANAGE_ACCOUNTS)
def account_activate(request: HttpRequest, pk: int) -> HttpResponse:
    account = actions.activate_account(account=_account(request, pk), by=acting_as(request))
    messages.success(request, _("The account of %(name)s is open again.") % {"name": account})
    return _back(request)


@require_POST
@acting(Permission.MANAGE_ACCOUNTS)
def account_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    account = actions.deactivate_account(account=_account(request, pk), by=acting_as(request))
    messages.success(request, _("The account of %(name)s is stopped and signed out everywhere.") % {"name": account})
    return _back(request)


@never_cache
@require_POST
@acting(Permission.MANAGE_ACCOUNTS)
def account_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the new first password once; it is stored nowhere."""
    account = _account(request, pk)
    password = actions.reset_password(account=account, by=acting_as(request))
    context = {
        "account": account,
        "password": password,
        "until": account.first_password_until,
        "back": _list_address(request),
    }
    return render(request, "institutions/account_password.html", context)


def _accounts(membership: Membership) -> Any:
    held: QuerySet[Membership] = Membership.objects.own().filter(ended_at=None).select_related("bureau", "institution")
    return User.objects.visible_to(membership).prefetch_related(Prefetch("memberships", queryset=held, to_attr="held"))


def _account(request: HttpRequest, pk: int) -> User:
    found: User = get_object_or_404(User.objects.visible_to(acting_as(request)), pk=pk)
    return found


def _list_address(request: HttpRequest) -> str:
    return local_address(request, request.POST.get("next", ""), reverse("institutions:account-list"))


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(_list_address(request))
