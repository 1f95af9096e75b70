"""Requests for another reviewing department, their answer, and what the province must put right."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.clock import database_now
from portal.ui.paging import page_of
from reports.filings.departments.actions import answer
from reports.filings.departments.forms import AnswerForm
from reports.filings.departments.models import DepartmentChange
from reports.filings.departments.queries import clashes, orphans
from reports.filings.departments.rules import can_answer
from reports.filings.errors import Incomplete

#: Lines of each list of what is amiss; the count tells the rest.
MOST = 50


@require_safe
@acting(Permission.REVIEW)
def department_list(request: HttpRequest) -> HttpResponse:
    """Those asked of the reader's own bureau, or with `?state=all` every one of its area."""
    return _list(request, "all" if request.GET.get("state") == "all" else "mine")


@require_POST
@acting(Permission.REVIEW)
def department_answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = DepartmentChange.objects.visible_to(acting_as(request)).for_list()
    change = get_object_or_404(found, public_id=public_id)
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            answer(
                change=change,
                accepts=request.POST.get("decision") == "accept",
                note=form.cleaned_data["note"],
                by=acting_as(request),
            )
        except Incomplete as refused:
            form.add_error(None, str(refused.reason))
        else:
            messages.success(request, _("Decided; the institution and both departments have been told."))
            return redirect("review:department-list")
    return _list(request, "mine", wrong=(change.pk, form), status=422)


def _list(
    request: HttpRequest, state: str, wrong: tuple[int, AnswerForm] | None = None, status: int = 200
) -> HttpResponse:
    membership, now = acting_as(request), database_now()
    prefetch_related_objects([membership.user], "memberships")
    found = DepartmentChange.objects.visible_to(membership).for_list()
    page = page_of(request, found if state == "all" else found.asked_of(membership.bureau_id))
    context = {
        "page": page,
        "rows": [
            (one, can_answer(membership, one, now), wrong[1] if wrong is not None and wrong[0] == one.pk else None)
            for one in page
        ],
        "state": state,
        "manages": membership.may(Permission.MANAGE_ROUNDS),
    }
    if context["manages"]:
        nobody, two = orphans(membership), clashes(membership)
        context |= {
            "orphans": nobody[:MOST],
            "orphan_count": nobody.count(),
            "clashes": two[:MOST],
            "clash_count": two.count(),
        }
    return render(request, "review/department_list.html", context, status=status)
