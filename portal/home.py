"""The first page: what needs the reader now. Each room offers its part through `HOME_PARTS`."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from institutions.access import signed_in
from institutions.models import Membership
from institutions.roles import Role
from portal.ui.parts import Part

#: Role -> dotted paths of functions (membership) -> Part, in the order shown.
HOME_PARTS: dict[str, tuple[str, ...]] = {
    Role.FILER: (
        "reports.filings.contacts.contact",
        "review.announcements.home.unread",
        "reports.filings.home.tasks",
    ),
    Role.SIGNER: (
        "reports.filings.contacts.contact",
        "review.announcements.home.unread",
        "reports.filings.home.tasks",
    ),
    Role.UNIT_ADMIN: (
        "reports.filings.contacts.contact",
        "review.announcements.home.unread",
        "reports.filings.home.tasks",
    ),
    Role.REVIEWER: (
        "review.home.work",
        "institutions.enrolment.home.applications",
        "review.contacts.views.unconfirmed",
        "review.announcements.home.unread",
    ),
    Role.STATISTICIAN: (
        "review.home.work",
        "institutions.enrolment.home.applications",
        "review.contacts.views.unconfirmed",
        "review.announcements.home.unread",
        "reports.summaries.home.builds",
    ),
    Role.INSPECTOR: ("reports.filings.inspection.submitted",),
    Role.SYSTEM_ADMIN: ("institutions.home.accounts", "review.announcements.home.unread"),
    Role.SECURITY_ADMIN: ("institutions.home.policies", "review.announcements.home.unread"),
    Role.AUDIT_ADMIN: ("portal.trail.home.recent", "review.announcements.home.unread"),
}


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    membership: Membership | None = getattr(request, "membership", None)
    parts: list[Part] = []
    if membership is not None:
        for name in HOME_PARTS[membership.role]:
            make: Callable[[Membership], Part] = import_string(name)
            parts.append(make(membership))
    return render(request, "home.html", {"parts": parts})
