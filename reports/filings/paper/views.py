"""A filing's tables and receipt as PDF, and the public page that tells whether a paper is what was submitted."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal import visits
from portal.clock import database_now
from portal.jobs.actions import create
from portal.paper.answering import attached
from portal.paper.engine import pdf_of
from portal.trail.actions import record
from portal.trail.middleware import peer_address
from reports.filings import receipts
from reports.filings.models import Filing, Revision
from reports.filings.pages import find_annual, find_filing
from reports.filings.paper.document import Paper, html_of, of_draft, of_revision, receipt_html, receipt_name

LONGEST_TYPED = 200
own = acting(Permission.READ_OWN_FILINGS)
reads = acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS, Permission.INSPECT)


@never_cache
@require_safe
@reads
def revision_paper(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """The tables as they were sent. That somebody else than the institution took them stands in the trail."""
    filing = find_annual(request, public_id)
    revision = find_revision(filing, number)
    membership = acting_as(request)
    if membership.institution_id is None:
        record("filing.printed", by=membership, obj=filing, scope=filing.scope, details={"revision": number})
    return _tables(request, of_revision(revision, internal=membership.institution_id is None))


@never_cache
@require_safe
@own
def draft_paper(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _tables(request, of_draft(find_annual(request, public_id)))


@never_cache
@require_safe
@reads
def receipt_paper(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    revision = find_revision(find_filing(request, public_id), number)
    return attached(pdf_of(receipt_html(revision)), receipt_name(revision))


def find_revision(filing: Filing, number: int) -> Revision:
    """With its filing as it was found; 404 when there is none of the number."""
    revision = get_object_or_404(filing.revisions.select_related("filer", "signer"), number=number)
    revision.filing = filing
    return revision


def _tables(request: HttpRequest, paper: Paper) -> HttpResponse:
    """At once while somebody can wait for it, else in the background."""
    if paper.cells <= settings.PAPER_CELLS_AT_ONCE:
        return attached(pdf_of(html_of(paper)), paper.name)
    job = create(kind="filing.paper", by=acting_as(request), params=paper.params)
    return redirect("jobs:job-detail", job.pk)


@require_safe
def receipt_check(request: HttpRequest) -> HttpResponse:
    """`?no=` and `?code=` as printed. A receipt that does not exist and a code that does not match get the same answer."""
    number, code = (_typed(request, name) for name in ("no", "code"))
    status, wait, revision = 200, 0, None
    asked = bool(number and code)
    if asked:
        visitor = visits.network_of(peer_address(request))
        wait = visits.wait_for(f"receipt {visitor}", settings.NUMBERS_LOOKUPS_A_MINUTE)
        if not wait:
            revision = receipts.matching(number, code)
        status = 429 if wait else 200 if revision else 404
    context = {
        "number": number,
        "code": code,
        "asked": asked,
        "wait": wait,
        "limit": settings.NUMBERS_LOOKUPS_A_MINUTE,
        "revision": revision,
        "digest": receipts.digest_groups(revision) if revision else [],
        "latest": revision is not None and revision.filing.revision_id == revision.pk,
        "now": database_now() if asked and not wait else None,
    }
    response = render(request, "filings/paper/check.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _typed(request: HttpRequest, name: str) -> str:
    return " ".join(request.GET.get(name, "").replace("\x00", "").split())[:LONGEST_TYPED]
