"""Requests for more time (延期) in the bureau's scope, and their decision."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.clock import database_now
from portal.ui.paging import page_of
from reports.filings.errors import Incomplete
from reports.filings.extensions.actions import decide
from reports.filings.extensions.forms import DecideForm, end_of
from reports.filings.extensions.models import Extension
from reports.filings.extensions.rules import can_decide


@require_safe
@acting(Permission.REVIEW)
def extension_list(request: HttpRequest) -> HttpResponse:
    """Those waiting, or with `?state=all` every one."""
    return _list(request, "all" if request.GET.get("state") == "all" else "waiting")


@require_POST
@acting(Permission.REVIEW)
def extension_decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    extension = get_object_or_404(Extension.objects.visible_to(acting_as(request)).for_list(), public_id=public_id)
    form = DecideForm(request.POST)
    grants = request.POST.get("decision") == "grant"
    if form.is_valid():
        day = (form.cleaned_data["until"] or localtime(extension.wanted_until).date()) if grants else None
        try:
            decide(
                extension=extension,
                until=end_of(day) if day else None,
                note=form.cleaned_data["note"],
                by=acting_as(request),
            )
        except Incomplete as refused:
            form.add_error(None, str(refused.reason))
        else:
            messages.success(request, _("Decided; the institution has been told."))
            return redirect("review:extension-list")
    return _list(request, "waiting", wrong=(extension.pk, form), status=422)


def _list(
    request: HttpRequest, state: str, wrong: tuple[int, DecideForm] | None = None, status: int = 200
) -> HttpResponse:
    membership, now = acting_as(request), database_now()
    found = Extension.objects.visible_to(membership).for_list()
    prefetch_related_objects([membership.user], "memberships")
    page = page_of(request, found.waiting() if state == "waiting" else found)
    rows = [
        (one, can_decide(membership, one, now), wrong[1] if wrong is not None and wrong[0] == one.pk else None)
        for one in page
    ]
    return render(request, "review/extension_list.html", {"page": page, "rows": rows, "state": state}, status=status)
