"""What a reader has been told. Reading is recorded by a form, because a GET records nothing."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from institutions.access import acting, acting_as, is_fragment
from portal.ui.paging import page_of
from reports.schemes.mentions import with_links
from review.announcements import rules
from review.announcements.actions import mark_announcement_read
from review.announcements.files import CONTENT_TYPES, whole
from review.announcements.models import Announcement, AnnouncementFile


@never_cache
@require_safe
@acting()
def announcement_list(request: HttpRequest) -> HttpResponse:
    """Unread first, then the latest; `?show=unread` only what waits to be read."""
    membership = acting_as(request)
    received = Announcement.objects.received_by(membership.user)
    unread = Announcement.objects.unread_by(membership.user)
    show = "unread" if request.GET.get("show") == "unread" else "all"
    context = {
        "page": page_of(request, (unread if show == "unread" else received).for_reading()),
        "unread": unread.count(),
        "show": show,
        "may_write": rules.can_write(membership),
    }
    return render(request, "announcements/list.html", context)


@never_cache
@require_safe
@acting()
def announcement_detail(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    membership = acting_as(request)
    announcement = get_object_or_404(Announcement.objects.received_by(membership.user), public_id=public_id)
    files = [] if announcement.is_withdrawn else announcement.files.all()
    context = {"announcement": announcement, "text": with_links(announcement.text), "files": files}
    return render(request, "announcements/detail.html", context)


@require_POST
@acting()
def announcement_read(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Mark it read; with htmx, which does so as soon as the page is there, the mark renewed."""
    membership = acting_as(request)
    received = Announcement.objects.received_by(membership.user)
    announcement = get_object_or_404(received, public_id=public_id)
    mark_announcement_read(announcement=announcement, by=membership.user)
    if is_fragment(request):
        announcement = received.get(pk=announcement.pk)
        response = render(request, "announcements/_reading.html", {"announcement": announcement})
        patch_vary_headers(response, ["HX-Request"])
        return response
    return redirect(announcement)


@require_safe
@acting()
def file_fetch(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The file as it was sent, to be saved and never shown by us."""
    fetchable = AnnouncementFile.objects.fetchable_by(acting_as(request))
    file = get_object_or_404(fetchable, public_id=public_id)
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=file.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return HttpResponse(whole(file), content_type=CONTENT_TYPES[file.kind], headers=headers)
