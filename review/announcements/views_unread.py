"""Who has not read an announcement, on screen and as a workbook."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.bureaus import bureaus_of
from institutions.roles import Permission
from portal.ui.paging import page_of
from review.announcements.models import Announcement
from review.announcements.queries import people_unread
from review.announcements.unread import ask_workbook, unread_in
from review.queue.asking import chosen_bureau


def _find(request: HttpRequest, public_id: uuid.UUID) -> Announcement:
    return get_object_or_404(Announcement.objects.visible_to(acting_as(request)), public_id=public_id)


@require_safe
@acting(Permission.URGE)
def unread_list(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Of the reader's whole area, or of a bureau in it by `?bureau=`."""
    announcement, membership = _find(request, public_id), acting_as(request)
    assert membership.bureau is not None, "only bureaus urge"
    bureaus = bureaus_of(membership)
    bureau = chosen_bureau(request.GET.get("bureau", ""), bureaus, membership.bureau)
    context = {
        "announcement": announcement,
        "bureau": bureau,
        "bureaus": bureaus,
        "people": people_unread([announcement]).get(announcement.pk, 0),
        "page": page_of(request, unread_in(announcement, bureau)),
    }
    return render(request, "announcements/unread_list.html", context)


@require_POST
@acting(Permission.URGE)
def unread_workbook(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Asked for in the background, from the page with its progress it is fetched."""
    announcement, membership = _find(request, public_id), acting_as(request)
    assert membership.bureau is not None, "only bureaus urge"
    bureau = chosen_bureau(request.POST.get("bureau", ""), bureaus_of(membership), membership.bureau)
    job = ask_workbook(announcement=announcement, bureau=bureau, by=membership)
    return redirect("jobs:job-detail", job.pk)
