"""The institution's requests for more time of one filing, and their files."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.clock import database_now
from portal.uploads.storage import path_of
from reports.filings.errors import Incomplete
from reports.filings.extensions import actions, rules
from reports.filings.extensions.files import FOLDER
from reports.filings.extensions.forms import AskForm, end_of
from reports.filings.extensions.models import Extension
from reports.filings.pages import deadline_of, find_filing


@require_http_methods(["GET", "HEAD", "POST"])
@acting(Permission.READ_OWN_FILINGS)
def extension_ask(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing, membership, now = find_filing(request, public_id), acting_as(request), database_now()
    form = AskForm(request.POST, request.FILES) if request.method == "POST" else AskForm()
    if request.method == "POST" and form.is_valid():
        data, file = form.cleaned_data, form.cleaned_data["file"]
        try:
            actions.ask(
                filing=filing,
                until=end_of(data["until"]),
                reason=data["reason"],
                by=membership,
                chunks=file.chunks() if file else (),
                name=file.name if file else "",
            )
        except Incomplete as refused:
            form.add_error(None, str(refused.reason))
        else:
            messages.success(request, _("Asked. You get a message when it is decided."))
            return redirect("filings:extension-ask", filing.public_id)
    context = {
        "filing": filing,
        "form": form,
        "deadline": deadline_of(filing.round, now, filing.extended_until),
        "may_ask": rules.can_ask(membership, filing, now),
        "requests": filing.extensions.for_list(),
    }
    return render(request, "filings/extension.html", context, status=422 if form.errors else 200)


@require_POST
@acting(Permission.FILL)
def extension_take_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    extension = get_object_or_404(Extension.objects.visible_to(acting_as(request)).for_list(), public_id=public_id)
    actions.take_back(extension=extension, by=acting_as(request))
    messages.success(request, _("The request is taken back."))
    return redirect("filings:extension-ask", extension.filing.public_id)


@never_cache
@require_safe
@acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS)
def extension_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    extension = get_object_or_404(Extension.objects.visible_to(acting_as(request)), public_id=public_id)
    if not extension.stored_as:
        raise Http404
    # At most 10 MB: read whole, so that nothing stays open behind an answer that is dropped.
    content = path_of(extension.stored_as, FOLDER).read_bytes()
    disposition = content_disposition_header(as_attachment=True, filename=extension.name)
    return HttpResponse(
        content, "application/octet-stream", headers={"Content-Disposition": disposition or "attachment"}
    )
