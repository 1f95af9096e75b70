"""Registering oneself, and asking what became of it: public pages that tell nothing of the register."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import password_validation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from institutions.enrolment import applying
from institutions.enrolment.errors import NotInvited
from institutions.enrolment.forms_applying import ApplyForm, FollowUpForm
from institutions.enrolment.mailing import address_of_page, send
from institutions.enrolment.models_applying import Application
from institutions.enrolment.views_invited import demand_patience

HOUR = 3600


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def application_new(request: HttpRequest) -> HttpResponse:
    """The answer is the same page whether or not the register knows code and certificate."""
    form = ApplyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        demand_patience(request, "application", settings.APPLICATIONS_AN_HOUR, HOUR)
        try:
            application, code = applying.apply(**form.entered())
        except NotInvited as refused:
            form.add_error(None, str(refused.reason))
        else:
            return render(request, "institutions/people/applied.html", _received(application, code))
    context = {"form": form, "rules": password_validation.password_validators_help_texts()}
    return render(request, "institutions/people/apply.html", context, status=422 if form.errors else 200)


def _received(application: Application, code: str) -> dict[str, object]:
    context = {"application": application, "code": code, "address": address_of_page("institutions:application-status")}
    mailed = bool(application.email) and send(application.email, "institutions/people/applied.txt", context)
    return {**context, "mailed": mailed}


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def application_status(request: HttpRequest) -> HttpResponse:
    """By the follow-up code, which is sent in the body so that no log holds it."""
    form = FollowUpForm(request.POST if request.method == "POST" else None)
    found, status = None, 200
    if request.method == "POST" and form.is_valid():
        demand_patience(request, "follow-up", settings.FOLLOW_UPS_A_MINUTE)
        found = applying.follow_up(form.cleaned_data["code"])
    if request.method == "POST" and found is None:
        status = 404 if form.is_valid() else 422
    context = {"form": form, "application": found, "asked": request.method == "POST" and form.is_valid()}
    return render(request, "institutions/people/status.html", context, status=status)
