"""Looking through the whole, signing and sending it, taking it back, and what was sent."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from institutions.access import acting, acting_as
from institutions.roles import Permission
from reports.annual.heads import Report
from reports.annual.pages import Note, find_remark, find_report, look_at
from reports.annual.views import detail_page
from reports.filings import actions
from reports.filings.actions import PLEDGE
from reports.filings.errors import Incomplete
from reports.filings.models import Filing, Remark
from reports.filings.sending import posted_number, sign_and_send

own = acting(Permission.READ_OWN_FILINGS)
fills = acting(Permission.FILL)
reads = acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS, Permission.INSPECT)


@require_GET
@own
def report_preview(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _preview_page(request, find_report(request, public_id))


def _preview_page(
    request: HttpRequest, filing: Filing, *, refusal: str = "", pledged: bool = False, status: int = 200
) -> HttpResponse:
    """The report as it would be sent now. `refusal` says why the last try was not taken."""
    look = look_at(request, filing)
    context = {
        "filing": filing,
        "look": look,
        "report": look.report,
        "statistics": look.statistics,
        "stamp": look.examination.digest,
        "pledge": PLEDGE,
        "refusal": refusal,
        "pledged": pledged,
    }
    return render(request, "annual/report_preview.html", context, status=status)


@require_POST
@own
def report_submit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Sign and send what the preview showed. What cannot be sent comes back as the preview of now, with the reason."""
    return sign_and_send(request, lambda: find_report(request, public_id), actions.submit, _preview_page)


@require_POST
@fills
def report_recall(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_report(request, public_id)
    actions.recall(filing=filing, by=acting_as(request), version=posted_number(request, "version"))
    messages.success(request, _("Recalled. You can go on; the submitted revision stays in the history."))
    return redirect("annual:report-detail", public_id)


@require_POST
@fills
def remark_answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_report(request, public_id)
    remark = find_remark(filing, posted_number(request, "remark"))
    text, resolution = request.POST.get("answer", ""), request.POST.get("resolution", "")
    try:
        if resolution not in (Remark.Resolution.FIXED, Remark.Resolution.EXPLAINED):
            raise Incomplete(_("Choose whether the remark is fixed or explained, on a remark of the last return."))
        actions.answer_remark(remark=remark, resolution=resolution, answer=text, by=acting_as(request))
    except Incomplete as refused:
        return detail_page(request, filing, refused=Note(remark, text, str(refused.reason)), status=422)
    messages.success(request, _("Saved."))
    return redirect("annual:report-detail", public_id)


@require_GET
@reads
def revision_detail(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """One revision as it was sent, with its files and the statistics whose summary it gives."""
    filing = find_report(request, public_id)
    revision = get_object_or_404(filing.revisions.select_related("filer", "signer"), number=number)
    revision.filing = filing
    report = Report.as_sent(filing, revision)
    context = {
        "filing": filing,
        "revision": revision,
        "report": report,
        "statistics": report.statistics,
    }
    return render(request, "annual/revision_detail.html", context)
