"""Looking through the whole, signing and sending it, taking it back, and the receipt."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.rules import Denied, Verdict
from reports.filings import actions, receipts, rules
from reports.filings.actions import PLEDGE
from reports.filings.differences import differences
from reports.filings.examination import Examination
from reports.filings.grid import Grid, make_grid
from reports.filings.models import Filing
from reports.filings.pages import find_annual, find_filing, look_at, revision_address
from reports.filings.sending import posted_number, sign_and_send
from reports.filings.signing import rules as signing_rules
from reports.filings.signing.showing import signing_of
from reports.filings.todo import counts
from reports.filings.untouched import untouched

own = acting(Permission.READ_OWN_FILINGS)
reads = acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS, Permission.INSPECT)


@require_GET
@own
def filing_preview(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return preview_page(request, find_annual(request, public_id))


def preview_page(
    request: HttpRequest,
    filing: Filing,
    *,
    refusal: str = "",
    pledged: bool = False,
    note: str = "",
    status: int = 200,
) -> HttpResponse:
    """The filing as it would be sent now. `refusal` says why the last try was not taken, `note` is what was typed with it."""
    look, membership = look_at(request, filing), acting_as(request)
    examination = look.examination
    grids = grids_of(examination)
    sent = filing.revision
    context = {
        "filing": filing,
        "look": look,
        "panel": look.panel,
        "contents": look.contents,
        "at": "",
        "may_fill": bool(look.may_fill),
        "grids": grids,
        "moved": [cell for grid in grids for cell in grid.cells if cell.change is not None and cell.change.warm],
        "untouched": untouched(examination),
        "corrected": differences(examination.definition, sent.cells, examination.tables) if sent else [],
        "pledge": PLEDGE,
        "stamp": examination.digest,
        "submit": may_send(rules.can_submit(membership, filing, look.now), examination),
        "signing": signing_of(filing, examination),
        "may_sign": membership.may(Permission.SIGN),
        "hand_over": may_send(signing_rules.can_hand_over(membership, filing, look.now), examination),
        "hand_back": signing_rules.can_hand_back(membership, filing, look.now),
        "note": note,
        "refusal": refusal,
        "pledged": pledged,
        "late": rules.is_late(filing.round, look.now, filing.extended_until) and sent is None,
    }
    return render(request, "filings/filing_preview.html", context, status=status)


def grids_of(examination: Examination) -> list[Grid]:
    """Every applicable table, to read, without the lines that do not apply."""
    grids = []
    for code in examination.tables:
        grid = make_grid(examination, examination.definition.table(code), {}, editable=False)
        for group in grid.groups:
            group.cells = [cell for cell in group.cells if not cell.hidden]
        grid.groups = [group for group in grid.groups if group.cells]
        grids.append(grid)
    return grids


def may_send(verdict: Verdict, examination: Examination) -> Verdict:
    """The rule's answer, and then whether anything is still open."""
    if not verdict or examination.is_ready:
        return verdict
    return Denied(
        _("Still open: %(counts)s.")
        % {
            "counts": counts(
                blank=len(examination.blanks),
                hard=len(examination.wrong),
                verify=len(examination.unexplained),
                remarks=len(examination.open_remarks),
            )
        }
    )


@require_POST
@own
def filing_submit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Sign and send what the preview showed. What cannot be sent comes back as the preview of now, with the reason."""
    return sign_and_send(request, lambda: find_annual(request, public_id), actions.submit, preview_page)


@require_POST
@acting(Permission.FILL)
def filing_recall(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_annual(request, public_id)
    actions.recall(filing=filing, by=acting_as(request), version=posted_number(request, "version"))
    messages.success(request, _("Recalled. You can go on filling; the submitted revision stays in the history."))
    return redirect(filing)


@require_GET
@reads
def receipt_detail(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """The receipt of one revision, to print. Its code leads to the page that checks it, for everybody."""
    filing = find_filing(request, public_id)
    revision = get_object_or_404(filing.revisions.select_related("filer", "signer"), number=number)
    revision.filing = filing
    address = receipts.check_address(revision)
    context = {
        "filing": filing,
        "revision": revision,
        "address": address,
        "digest": receipts.digest_groups(revision),
        "check_code": receipts.code_of(revision),
        "code": receipts.qr_of(address),
        "latest": filing.revision_id == revision.pk,
        "sent": revision_address(filing, number),
    }
    return render(request, "filings/receipt.html", context)
