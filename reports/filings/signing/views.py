from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from institutions.access import acting, acting_as
from institutions.roles import Permission
from reports.filings.errors import Incomplete, NotReady, StaleFiling
from reports.filings.pages import find_annual
from reports.filings.signing import actions
from reports.filings.views_sending import preview_page


@require_POST
@acting(Permission.FILL)
def filing_hand_over(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ready to sign. What cannot be handed over comes back as the preview of now, with the reason and the note as typed."""
    filing, note = find_annual(request, public_id), request.POST.get("note", "")
    try:
        actions.hand_over(filing=filing, by=acting_as(request), stamp=request.POST.get("stamp", ""), note=note)
    except (StaleFiling, NotReady, Incomplete) as refused:
        filing = find_annual(request, public_id)
        return preview_page(request, filing, refusal=str(refused.reason), note=note, status=refused.status)
    messages.success(request, _("Marked as ready to sign; the signers of your institution have been told."))
    return redirect(filing)


@require_POST
@acting(Permission.SIGN)
def filing_hand_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing, words = find_annual(request, public_id), request.POST.get("words", "")
    try:
        actions.hand_back(filing=filing, by=acting_as(request), words=words)
    except Incomplete as refused:
        return preview_page(request, filing, refusal=str(refused.reason), status=refused.status)
    messages.success(request, _("Handed back; the filer has been told."))
    return redirect(filing)
