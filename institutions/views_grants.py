"""Authorisations, stand-ins and inspectors as pages: all of them with their history, one of them, and giving new ones."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from institutions import authorisations, grants
from institutions.access import acting, acting_as
from institutions.forms_grants import AuthoriseForm, GrantFilter, InspectForm, LendForm, ReasonForm, StandInForm
from institutions.models import Grant
from institutions.roles import Permission
from institutions.rules import can_end_grant
from portal.ui.paging import page_of

sees_grants = acting(Permission.AUTHORISE, Permission.MANAGE_ACCOUNTS, Permission.READ_INSTITUTIONS)
gives_stand_ins = acting(Permission.AUTHORISE, Permission.MANAGE_ACCOUNTS)


@require_safe
@sees_grants
def authorisation_list(request: HttpRequest) -> HttpResponse:
    membership = acting_as(request)
    form = GrantFilter(request.GET)
    chosen = form.chosen()
    rows = Grant.objects.visible_to(membership).for_list()
    rows = rows.filter(**{name: wanted for name, wanted in chosen.items() if wanted})
    context = {
        "form": form,
        "filtered": any(chosen.values()),
        "page": page_of(request, rows),
        "prefectures": authorisations.prefectures(membership) if membership.may(Permission.AUTHORISE) else None,
        "lends": membership.may(Permission.AUTHORISE) or membership.may(Permission.MANAGE_ACCOUNTS),
    }
    return render(request, "institutions/authorisation_list.html", context)


@require_safe
@sees_grants
def authorisation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, _grant(request, pk), ReasonForm())


@require_POST
@gives_stand_ins
def authorisation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    grant, form = _grant(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            grants.end(grant=grant, by=acting_as(request), reason=form.cleaned_data["reason"])
        except grants.BadGrant as bad:
            form.add_error(None, str(bad.reason))
        else:
            messages.success(request, _("Withdrawn: %(what)s.") % {"what": grant})
            return redirect("institutions:authorisation-list")
    return _detail(request, grant, form, status=422)


def _grant(request: HttpRequest, pk: int) -> Grant:
    return get_object_or_404(Grant.objects.visible_to(acting_as(request)).for_list(), pk=pk)


def _detail(request: HttpRequest, grant: Grant, form: forms.Form, *, status: int = 200) -> HttpResponse:
    context = {
        "grant": grant,
        "form": form,
        "verdict": can_end_grant(acting_as(request), grant),
        "places": authorisations.places_of(grant),
    }
    return render(request, "institutions/authorisation_detail.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@acting(Permission.AUTHORISE)
def authorisation_give(request: HttpRequest) -> HttpResponse:
    """To all prefectures or to several; `?bureau=` has one ticked."""
    membership = acting_as(request)
    assert membership.bureau is not None, "the province authorises"
    if request.method != "POST":
        form = AuthoriseForm(within=membership.bureau, initial={"bureaus": request.GET.getlist("bureau")})
        return _give(request, form)
    form = AuthoriseForm(request.POST, within=membership.bureau)
    if not form.is_valid():
        return _give(request, form, status=422)
    try:
        given = grants.authorise_all(by=membership, **form.cleaned_data)
    except (grants.BadGrant, grants.AlreadyAuthorised) as refused:
        form.add_error(None, str(refused.reason))
        return _give(request, form, status=refused.status)
    said = ngettext("%(count)s prefecture is authorised.", "%(count)s prefectures are authorised.", len(given))
    messages.success(request, said % {"count": len(given)})
    return redirect("institutions:authorisation-list")


def _give(request: HttpRequest, form: AuthoriseForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "rows": authorisations.standing(acting_as(request)), "ticked": form.ticked()}
    return render(request, "institutions/authorisation_give.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@gives_stand_ins
def stand_in_give(request: HttpRequest) -> HttpResponse:
    """`?bureau=` has the bureau chosen."""
    return _lend(request, StandInForm, grants.stand_in, "institutions/stand_in_give.html")


@require_http_methods(["GET", "HEAD", "POST"])
@gives_stand_ins
def inspector_give(request: HttpRequest) -> HttpResponse:
    """`?institution=` is the code of one."""
    return _lend(request, InspectForm, grants.inspect, "institutions/inspector_give.html")


def _lend(request: HttpRequest, kind: type[LendForm], give: Callable[..., Grant], template: str) -> HttpResponse:
    membership = acting_as(request)
    assert membership.bureau is not None, "bureaus lend"
    if request.method != "POST":
        form = kind(within=membership.bureau, initial=request.GET.dict())
        return render(request, template, {"form": form})
    form = kind(request.POST, within=membership.bureau)
    if not form.is_valid():
        return render(request, template, {"form": form}, status=422)
    try:
        grant = give(by=membership, **form.cleaned_data)
    except (grants.BadGrant, grants.NotAllowed, grants.HeldAlready) as refused:
        form.add_error(None, str(refused.reason))
        return render(request, template, {"form": form}, status=refused.status)
    messages.success(request, _("Given: %(what)s.") % {"what": grant})
    return redirect("institutions:authorisation-list")
