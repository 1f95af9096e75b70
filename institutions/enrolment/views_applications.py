"""The bureau's applications: who asks for an account, what the register says to it, and the decision."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.enrolment import applying
from institutions.enrolment.errors import NotInvited
from institutions.enrolment.forms_applying import ApproveForm, RefuseForm
from institutions.enrolment.mailing import address_of_page, send
from institutions.enrolment.models_applying import Application
from institutions.enrolment.rules import can_decide
from institutions.models import Membership
from institutions.roles import Permission
from portal.ui.paging import page_of

keeps_register = acting(Permission.READ_INSTITUTIONS)


@require_safe
@keeps_register
def application_list(request: HttpRequest) -> HttpResponse:
    """Those that wait, the longest first; or those decided, the latest first."""
    visible = Application.objects.visible_to(acting_as(request))
    decided = request.GET.get("state") == "decided"
    rows = (
        visible.exclude(state="waiting").order_by("-decided_at", "-id")
        if decided
        else visible.waiting().order_by("at", "id")
    )
    rows = rows.select_related("institution__home_bureau", "bureau", "decided_by__user")
    context = {"page": page_of(request, rows), "decided": decided, "waiting": visible.waiting().count()}
    return render(request, "institutions/people/application_list.html", context)


def _find(request: HttpRequest, public_id: UUID) -> Application:
    visible = Application.objects.visible_to(acting_as(request))
    rows = visible.select_related("institution__home_bureau", "bureau", "decided_by__user", "membership__user")
    return get_object_or_404(rows, public_id=public_id)


@require_safe
@keeps_register
def application_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _page(request, _find(request, public_id))


def _page(
    request: HttpRequest,
    application: Application,
    *,
    approving: Form | None = None,
    refusing: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    institution = application.institution
    people = Membership.objects.current().filter(institution=institution) if institution else Membership.objects.none()
    context = {
        "application": application,
        "institution": institution,
        "certificates": institution.certificates.all() if institution else [],
        "people": people.select_related("user").order_by("role", "id"),
        "verdict": can_decide(acting_as(request), application),
        "approving": approving or ApproveForm(),
        "refusing": refusing or RefuseForm(),
    }
    return render(request, "institutions/people/application_detail.html", context, status=status)


@require_POST
@keeps_register
def application_approve(request: HttpRequest, public_id: UUID) -> HttpResponse:
    application = _find(request, public_id)
    form = ApproveForm(request.POST)
    if form.is_valid():
        try:
            new = applying.approve(application=application, by=acting_as(request), **form.cleaned_data)
        except NotInvited as refused:
            form.add_error(None, str(refused.reason))
        else:
            words = _("%(name)s can sign in as “%(username)s” and acts for %(institution)s.")
            named = {"name": new.user, "username": new.user.username, "institution": new.institution}
            messages.success(request, words % named)
            return redirect("institutions:application-list")
    return _page(request, application, approving=form, status=422)


@require_POST
@keeps_register
def application_refuse(request: HttpRequest, public_id: UUID) -> HttpResponse:
    application = _find(request, public_id)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, application, refusing=form, status=422)
    refused = applying.refuse(application=application, by=acting_as(request), **form.cleaned_data)
    context = {"application": refused, "address": address_of_page("institutions:application-new")}
    if refused.email and send(refused.email, "institutions/people/refused.txt", context):
        words = _("The application is refused, and %(name)s is told by mail.")
    else:
        words = _("The application is refused. %(name)s reads the reason with the follow-up code.")
    messages.success(request, words % {"name": refused.name})
    return redirect("institutions:application-list")
