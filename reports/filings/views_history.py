"""What was submitted and decided, and what changed between two revisions."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from institutions.access import acting
from institutions.roles import Permission
from reports.filings.differences import Difference, differences
from reports.filings.drafts import TableDraft
from reports.filings.examination import Examination
from reports.filings.models import Filing, Revision
from reports.filings.pages import ROOMS, find_filing, revision_address
from reports.filings.series import carried
from reports.filings.timeline import moments_of
from reports.filings.views_sending import grids_of

reads = acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS, Permission.INSPECT)


@require_GET
@reads
def revision_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The history; the two revisions compared are `?from=` and `?to=`, by default the last two."""
    filing = find_filing(request, public_id)
    people = filing.revisions.select_related("filer", "signer", "recall__by", "scheme").defer("scheme__content")
    revisions = list(people.order_by("number"))
    for revision in revisions:
        revision.filing = filing
    pages = {revision.number: revision_address(filing, revision.number) for revision in revisions}
    decisions = filing.decisions.select_related("bureau", "by").prefetch_related("remarks")
    before, after = _pair(request, revisions)
    context = {
        "filing": filing,
        "revisions": [(revision, pages[revision.number]) for revision in revisions],
        "moments": moments_of(revisions, decisions),
        "before": before,
        "after": after,
        "changes": _changes(before, after) if before and after else [],
    }
    return render(request, "filings/revision_list.html", context)


def _changes(before: Revision, after: Revision) -> list[Difference]:
    """Under the scheme of the later one; what had another code in the earlier scheme is found under its own."""
    definition = after.scheme.definition
    return differences(definition, carried(before, definition).cells, after.cells)


def _pair(request: HttpRequest, revisions: list[Revision]) -> tuple[Revision | None, Revision | None]:
    if len(revisions) < 2:
        return None, None
    by_number = {str(revision.number): revision for revision in revisions}
    after = by_number.get(request.GET.get("to", ""), revisions[-1])
    earlier = [revision for revision in revisions if revision.number != after.number]
    return by_number.get(request.GET.get("from", ""), earlier[-1]), after


@require_GET
@reads
def revision_detail(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """One revision as it was sent, with the findings that stood and what was said about them."""
    filing = find_filing(request, public_id)
    if filing.round.kind in ROOMS:
        return redirect(revision_address(filing, number))
    sent = filing.revisions.select_related("filer", "signer", "scheme").defer("scheme__content")
    revision = get_object_or_404(sent, number=number)
    revision.filing = filing
    context = {
        "filing": filing,
        "revision": revision,
        "scheme": revision.scheme,
        "grids": grids_of(as_sent(filing, revision)),
        "findings": list(revision.findings.all()),
        "others": list(filing.revisions.order_by("number").values_list("number", flat=True)),
    }
    return render(request, "filings/revision_detail.html", context)


def as_sent(filing: Filing, revision: Revision) -> Examination:
    """The revision's cells in the place of the draft, under the scheme of that time whatever the round has now."""
    definition = revision.scheme.definition
    drafts = {
        table.code: TableDraft(revision.cells.get(table.code, {}), {}, 0)
        for table in definition.tables_of(filing.round.kind)
    }
    examination = Examination(filing, definition, drafts)
    examination.derived = revision.derived  # as computed then, not anew with what is known today
    return examination
