"""Reading one filing and deciding on it."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from institutions.access import acting, acting_as, is_fragment
from institutions.roles import Permission
from portal.clock import database_now
from reports.filings.actions_review import add_remark, excuse, give_back, open_for_review, pass_on, remove_remark
from reports.filings.errors import Incomplete
from reports.filings.kin import kin_of
from reports.filings.models import Filing, Finding, Remark
from review.queue.queries import following
from review.reading.actions import judge_finding
from review.reading.forms import DecisionForm, ExcuseForm, RemarkForm, VerdictForm
from review.reading.page import Opinion, Typed, build

AnyForm = TypeVar("AnyForm", bound=Form)


def _filing(request: HttpRequest, public_id: uuid.UUID) -> Filing:
    filings = Filing.objects.visible_to(acting_as(request)).for_page()
    return get_object_or_404(filings.select_related("round__previous__scheme"), public_id=public_id)


def _page(
    request: HttpRequest,
    filing: Filing,
    *,
    typed: Typed | None = None,
    opinion: Opinion | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page, or for htmx the part that acts change."""
    reading = build(filing, acting_as(request), request.GET, database_now(), typed, opinion)
    template = "review/_reading.html" if is_fragment(request) else "review/filing_read.html"
    answer = render(request, template, {"reading": reading, "kin": kin_of(filing)}, status=status)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _again(request: HttpRequest, filing: Filing) -> HttpResponse:
    """After an act: the part again for htmx, otherwise back to the page as it was seen."""
    if is_fragment(request):
        return _page(request, _filing(request, filing.public_id))
    query = {"view": request.GET["view"]} if request.GET.get("view") else {}
    address = reverse("review:filing-read", args=[filing.public_id])
    return redirect(f"{address}?{urlencode(query)}" if query else address)


def _refused(request: HttpRequest, filing: Filing, why: Incomplete, typed: Typed | None = None) -> HttpResponse:
    """The page again, with what was typed and beside it why nothing was decided."""
    opinion = Opinion(request.POST.get("note", ""), str(why.reason))
    return _page(request, filing, typed=typed, opinion=opinion, status=why.status)


def _typed(request: HttpRequest, form: RemarkForm) -> Typed:
    cell, reason, text = (request.POST.get(name, "") for name in ("cell", "reason", "text"))
    return Typed(cell, reason, text, form.what_is_wrong())


def _valid(form: AnyForm) -> AnyForm:
    """The form, valid; but for a note that is too long the page itself never sends anything else."""
    if not form.is_valid():
        if set(form.errors) == {"note"}:
            raise Incomplete(" ".join(str(error) for error in form.errors["note"]))
        raise Incomplete(
            _("The form arrived incomplete or altered. Reload the page and decide again; nothing was changed.")
        )
    return form


@require_safe
@acting(Permission.REVIEW)
def filing_read(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _page(request, _filing(request, public_id))


@require_POST
@acting(Permission.REVIEW)
def filing_open(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Sent by the page once it is before the reader's eyes; a GET alone records nothing."""
    open_for_review(filing=_filing(request, public_id), by=acting_as(request))
    return HttpResponse(status=204)


@require_POST
@acting(Permission.REVIEW)
def filing_pass(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    filing = _filing(request, public_id)
    try:
        pass_on(filing=filing, by=acting_as(request), **_valid(DecisionForm(request.POST)).cleaned_data)
    except Incomplete as refused:
        return _refused(request, filing, refused)
    return _on_to_next(request, filing, _("%(institution)s: passed."))


@require_POST
@acting(Permission.REVIEW)
def filing_return(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    filing = _filing(request, public_id)
    try:
        give_back(filing=filing, by=acting_as(request), **_valid(DecisionForm(request.POST)).cleaned_data)
    except Incomplete as refused:
        return _refused(request, filing, refused)
    return _on_to_next(request, filing, _("%(institution)s: returned with remarks; the institution has been told."))


def _on_to_next(request: HttpRequest, filing: Filing, said: str) -> HttpResponse:
    """The next filing of the queue, or the queue when it is empty."""
    messages.success(request, said % {"institution": filing.institution})
    upcoming = following(filing, acting_as(request))
    return redirect("review:filing-read", upcoming.public_id) if upcoming is not None else redirect("review:queue")


@require_POST
@acting(Permission.REVIEW)
def filing_reopen(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The province returns an accepted filing with one remark and a note."""
    filing = _filing(request, public_id)
    remark = RemarkForm(request.POST, kind=filing.round.kind)
    if not remark.is_valid():
        opinion = Opinion(request.POST.get("note", ""))
        return _page(request, filing, typed=_typed(request, remark), opinion=opinion, status=422)
    try:
        form = _valid(DecisionForm(request.POST))
        give_back(filing=filing, by=acting_as(request), remarks=[remark.draft()], **form.cleaned_data)
    except Incomplete as refused:
        return _refused(request, filing, refused, _typed(request, remark))
    messages.success(request, _("%(institution)s: reopened and returned.") % {"institution": filing.institution})
    return redirect("review:filing-read", filing.public_id)


@require_POST
@acting(Permission.MANAGE_ROUNDS)
def filing_excuse(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    filing = _filing(request, public_id)
    try:
        excuse(filing=filing, by=acting_as(request), **_valid(ExcuseForm(request.POST)).cleaned_data)
    except Incomplete as refused:
        return _refused(request, filing, refused)
    messages.success(request, _("%(institution)s: excused from this round.") % {"institution": filing.institution})
    return redirect("review:filing-read", filing.public_id)


@require_POST
@acting(Permission.REVIEW)
def remark_add(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    filing = _filing(request, public_id)
    form = RemarkForm(request.POST, kind=filing.round.kind)
    if not form.is_valid():
        return _page(request, filing, typed=_typed(request, form), status=422)
    add_remark(filing=filing, remark=form.draft(), by=acting_as(request))
    return _again(request, filing)


@require_POST
@acting(Permission.REVIEW)
def remark_remove(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Filing.objects.visible_to(acting_as(request))
    remark = get_object_or_404(Remark.objects.filter(filing__in=visible).select_related("filing"), pk=pk)
    remove_remark(remark=remark, by=acting_as(request))
    return _again(request, remark.filing)


@require_POST
@acting(Permission.REVIEW)
def finding_judge(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Filing.objects.visible_to(acting_as(request))
    found = Finding.objects.filter(revision__filing__in=visible).select_related("revision__filing")
    finding = get_object_or_404(found, pk=pk)
    form = _valid(VerdictForm(request.POST))
    judge_finding(finding=finding, verdict=form.cleaned_data["verdict"], by=acting_as(request))
    return _again(request, finding.revision.filing)
