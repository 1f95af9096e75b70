"""The reviewing department of one filing, for the institution and for the department itself."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.clock import database_now
from reports.filings.departments import actions, rules
from reports.filings.departments.forms import AskForm
from reports.filings.departments.models import DepartmentChange
from reports.filings.errors import Incomplete
from reports.filings.pages import find_filing


@require_http_methods(["GET", "HEAD", "POST"])
@acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS)
def department_ask(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing, membership, now = find_filing(request, public_id), acting_as(request), database_now()
    form = AskForm(request.POST if request.method == "POST" else None, present=filing.reviewing_bureau_id)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask(filing=filing, by=membership, **form.cleaned_data)
        except Incomplete as refused:
            form.add_error(None, str(refused.reason))
        else:
            messages.success(request, _("Asked. Until the new department accepts, nothing changes."))
            return redirect("filings:department-ask", filing.public_id)
    context = {
        "filing": filing,
        "form": form,
        "may_ask": rules.can_ask(membership, filing, now),
        "requests": [(one, rules.can_take_back(membership, one)) for one in filing.department_changes.for_list()],
    }
    return render(request, "filings/department.html", context, status=422 if form.errors else 200)


@require_POST
@acting(Permission.FILL, Permission.REVIEW)
def department_take_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = DepartmentChange.objects.visible_to(acting_as(request)).for_list()
    change = get_object_or_404(found, public_id=public_id)
    actions.take_back(change=change, by=acting_as(request))
    messages.success(request, _("The request is taken back."))
    return redirect("filings:department-ask", change.filing.public_id)
