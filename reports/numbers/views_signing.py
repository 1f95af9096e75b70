"""Explaining findings, answering remarks, looking through the whole, signing and sending it, taking it back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.ui.paging import page_of
from reports.filings import actions
from reports.filings.actions import PLEDGE
from reports.filings.errors import Incomplete
from reports.filings.models import Filing, Remark
from reports.filings.sending import posted_number, sign_and_send
from reports.numbers import submitting, untaken
from reports.numbers.pages import Typed, find_quarter, lists_read, standing_of
from reports.numbers.views import or_turned_away, quarter_page, saved

own = acting(Permission.READ_OWN_FILINGS)
fills = acting(Permission.FILL)
reads = acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS, Permission.INSPECT)


@require_POST
@fills
@or_turned_away
def explanation_save(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_quarter(request, public_id)
    key, text = request.POST.get("key", ""), request.POST.get("text", "")
    issues = {issue.key: issue for issue in submitting.look(filing).issues if issue.severity == "verify"}
    if key not in issues:
        raise Incomplete(_("This finding no longer stands; there is nothing to explain. Reload the page."))
    try:
        told = issues[key].message_zh, issues[key].message_en
        actions.explain(filing=filing, key=key, text=text, by=acting_as(request), told=told)
    except Incomplete as refused:
        return quarter_page(request, filing, typed=Typed(key, text, str(refused.reason)), status=422)
    return saved(request, filing, _("Saved."), posted=key, at="#findings")


@require_POST
@fills
@or_turned_away
def remark_answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_quarter(request, public_id)
    text, resolution = request.POST.get("answer", ""), request.POST.get("resolution", "")
    sent = filing.remarks.filter(decision__isnull=False, revision=filing.revision_id)
    remark = sent.filter(pk=posted_number(request, "remark")).first()
    if remark is None or resolution not in (Remark.Resolution.FIXED, Remark.Resolution.EXPLAINED):
        raise Incomplete(_("Choose whether the remark is fixed or explained, on a remark of the last return."))
    try:
        actions.answer_remark(remark=remark, resolution=resolution, answer=text, by=acting_as(request))
    except Incomplete as refused:
        return quarter_page(request, filing, typed=Typed(f"remark-{remark.pk}", text, str(refused.reason)), status=422)
    return saved(request, filing, _("Saved."), posted=f"remark-{remark.pk}", at="#remarks")


@require_GET
@own
def quarter_preview(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _preview_page(request, find_quarter(request, public_id))


def _preview_page(
    request: HttpRequest, filing: Filing, *, refusal: str = "", pledged: bool = False, status: int = 200
) -> HttpResponse:
    """The quarterly filing as it would be sent now. `refusal` says why the last try was not taken."""
    context = {
        "filing": filing,
        "standing": standing_of(filing, acting_as(request)),
        "batches": page_of(request, lists_read(filing)),
        "untaken": untaken.words(untaken.untaken_of(filing)),
        "pledge": PLEDGE,
        "refusal": refusal,
        "pledged": pledged,
    }
    return render(request, "numbers/quarter_preview.html", context, status=status)


@require_POST
@own
def quarter_submit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Sign and send what the preview showed. What cannot be sent comes back as the preview of now, with the reason."""
    return sign_and_send(request, lambda: find_quarter(request, public_id), submitting.submit, _preview_page)


@require_POST
@fills
def quarter_recall(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_quarter(request, public_id)
    actions.recall(filing=filing, by=acting_as(request), version=posted_number(request, "version"))
    messages.success(request, _("Recalled. You can go on; the submitted revision stays in the history."))
    return redirect("numbers:quarter-detail", public_id)


@require_GET
@reads
def revision_detail(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """One revision as it was sent: the declaration, the counts of that moment, the findings with their explanations."""
    filing = find_quarter(request, public_id)
    revision = get_object_or_404(filing.revisions.select_related("filer", "signer"), number=number)
    revision.filing = filing
    context = {
        "filing": filing,
        "revision": revision,
        "sent": submitting.Sent.of(revision),
        "findings": list(revision.findings.all()),
    }
    return render(request, "numbers/revision_detail.html", context)
