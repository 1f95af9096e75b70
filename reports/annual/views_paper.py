"""The annual report as PDF: to sign and seal, and as it was sent."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.paper.engine import pdf_of
from portal.trail.actions import record
from reports.annual.document import Paper, html_of
from reports.annual.heads import Report
from reports.annual.pages import find_report, look_at

own = acting(Permission.READ_OWN_FILINGS)
reads = acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS, Permission.INSPECT)


@never_cache
@require_safe
@own
def draft_paper(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_report(request, public_id)
    return _attached(Paper(filing, look_at(request, filing).report))


@never_cache
@require_safe
@reads
def revision_paper(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """That a bureau took it stands in the trail."""
    filing, membership = find_report(request, public_id), acting_as(request)
    revision = get_object_or_404(filing.revisions.select_related("filer", "signer"), number=number)
    revision.filing = filing
    if membership.institution_id is None:
        record("annual.printed", by=membership, obj=filing, scope=filing.scope, details={"revision": number})
    return _attached(Paper(filing, Report.as_sent(filing, revision), revision))


def _attached(paper: Paper) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=paper.name) or "attachment"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(pdf_of(html_of(paper)), content_type="application/pdf", headers=headers)
