"""Attaching a file, fetching it, and taking it out again."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.errors import TooLarge
from portal.trail.actions import record
from portal.uploads.bodies import must_not_exceed
from reports.annual import attachments
from reports.annual.errors import NotTaken
from reports.annual.heads import Typed
from reports.annual.models import Attachment
from reports.annual.pages import find_report, look_at
from reports.annual.views import head_page
from reports.filings.examination import examine, note_counts

fills = acting(Permission.FILL)
reads = acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS, Permission.INSPECT)


@csrf_exempt  # checked in `_add`, after the length: reading a body that is too long costs memory and disk
@require_POST
@fills
def attachment_add(request: HttpRequest, public_id: UUID, code: str) -> HttpResponse:
    words = _("A file may have at most %(most)d MB. Scan it in grey at 200 points an inch, or split it.")
    must_not_exceed(request, settings.ANNUAL_FILE_MB, words % {"most": settings.ANNUAL_FILE_MB})
    answer: HttpResponse = _add(request, public_id, code)
    return answer


@csrf_protect
def _add(request: HttpRequest, public_id: UUID, code: str) -> HttpResponse:
    filing = find_report(request, public_id)
    head = next(
        (head for head in look_at(request, filing).report.heads for a in head.answers if a.item.code == code), None
    )
    item = filing.round.scheme.definition.indicator_by_code.get(code)
    if head is None or item is None or item.dtype != "file":
        raise Http404
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise NotTaken(_("No file was chosen. Choose a PDF or a picture first."))
        attachments.receive(
            filing=filing, item=item, chunks=upload.chunks(2**20), name=upload.name or "", by=acting_as(request)
        )
    except (NotTaken, TooLarge) as refused:
        typed = Typed(wrong={code: str(refused.reason)})
        return head_page(request, find_report(request, public_id), head.number, typed=typed, status=refused.status)
    note_counts(examine(find_report(request, public_id)))
    messages.success(request, _("The file was looked into and attached."))
    return redirect(f"{head.url}#c-{code}")


@require_safe
@reads
def attachment_fetch(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The file as it was sent, to be saved and never shown by us. That a bureau took it stands in the trail."""
    membership = acting_as(request)
    visible = Attachment.objects.visible_to(membership).select_related("filing")
    attachment = get_object_or_404(visible, public_id=public_id)
    content = attachments.whole(attachment)
    if membership.institution_id is None:
        details = {"item": attachment.item, "sha256": attachment.sha256}
        record("annual.fetched", by=membership, obj=attachment.filing, scope=attachment.filing.scope, details=details)
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=attachment.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return HttpResponse(content, content_type=attachment.content_type, headers=headers)


@require_POST
@fills
def attachment_remove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    visible = Attachment.objects.visible_to(acting_as(request)).select_related("filing")
    attachment = get_object_or_404(visible, public_id=public_id)
    attachments.remove(attachment=attachment, by=acting_as(request))
    filing = find_report(request, attachment.filing.public_id)
    look = look_at(request, filing)
    note_counts(look.examination)
    messages.success(request, _("“%(name)s” was removed.") % {"name": attachment.name})
    number = next(
        (head.number for head in look.report.heads for a in head.answers if a.item.code == attachment.item), 1
    )
    return redirect(f"{reverse('annual:head-edit', args=[filing.public_id, number])}#c-{attachment.item}")
