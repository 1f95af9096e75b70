"""The reader's own notices. Opening one is a form, because reading it is recorded and a GET records nothing."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.inbox.actions import mark_all_read, mark_read
from portal.inbox.models import Notice
from portal.inbox.queries import visible_to
from portal.ui.paging import page_of

LARGEST_ID = 2**63 - 1


def _own(request: HttpRequest, notice_id: int) -> Notice:
    notice = visible_to(request.user).filter(pk=notice_id).first() if notice_id <= LARGEST_ID else None
    if notice is None:
        raise Http404
    return notice


@never_cache
@require_safe
@login_required
def notice_list(request: HttpRequest) -> HttpResponse:
    own = visible_to(request.user)
    unread = own.filter(read_at=None).count()
    return render(request, "inbox/list.html", {"page": page_of(request, own), "unread": unread})


@never_cache
@require_safe
@login_required
def notice_detail(request: HttpRequest, notice_id: int) -> HttpResponse:
    return render(request, "inbox/detail.html", {"notice": _own(request, notice_id)})


@require_POST
@login_required
def notice_read(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark it read, then go where the form says: to the notice, to its link, or (htmx) stay with the mark renewed."""
    notice = _own(request, notice_id)
    mark_read(notice=notice, by=request.user)  # type: ignore[arg-type]
    if request.headers.get("HX-Request") == "true":
        notice.refresh_from_db(fields=["read_at"])
        response = render(request, "inbox/_reading.html", {"notice": notice})
        patch_vary_headers(response, ["HX-Request"])
        return response
    if request.POST.get("to") == "link" and notice.link:
        return redirect(notice.link)
    return redirect("inbox:notice-detail", notice_id=notice.pk)


@require_POST
@login_required
def notice_read_all(request: HttpRequest) -> HttpResponse:
    count = mark_all_read(by=request.user)  # type: ignore[arg-type]
    if count:
        words = ngettext("Marked %(count)s message as read.", "Marked %(count)s messages as read.", count)
        messages.success(request, words % {"count": count})
    else:
        messages.info(request, _("There was no unread message."))
    return redirect("inbox:notice-list")
