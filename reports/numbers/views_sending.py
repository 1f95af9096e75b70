"""Sending numbers in from the page: files, a pasted list, a range; and the template to fill in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from institutions.access import acting, acting_as, is_fragment
from institutions.roles import Permission
from portal.errors import TooLarge
from portal.uploads.bodies import must_not_exceed
from reports.filings.models import Filing
from reports.numbers.actions import Received, add_range, expand, paste, receive
from reports.numbers.errors import NotTaken
from reports.numbers.forms import PasteForm, RangeForm
from reports.numbers.models import NumberBatch
from reports.numbers.pages import Typed, find_quarter, quarter_of
from reports.numbers.template_book import template_answer
from reports.numbers.views import batches_fragment, or_turned_away, quarter_page
from reports.rounds.quarters import Quarter

fills = acting(Permission.FILL)
own = acting(Permission.READ_OWN_FILINGS)


@dataclass(frozen=True, slots=True)
class Told:
    """What was said about one file: `state` is a code of `portal.ui.states`."""

    name: str
    state: str
    words: str
    batch: NumberBatch | None = None


def told_of(name: str, received: Received) -> Told:
    batch = received.batch
    if not received.again:
        return Told(name, "running", _("Received. It is being read."), batch)
    if not batch.is_over:
        words = _("The same file is being read already as “%(name)s”.") % {"name": batch.name}
    elif batch.refused:
        words = _(
            "The same file came before as “%(name)s”, and the register has not changed since; nothing was changed. Correct "
            "the refused rows, or send the file again when your bureau has amended the register."
        ) % {"name": batch.name}
    else:
        words = _("The same file came before as “%(name)s”; nothing was changed.") % {"name": batch.name}
    return Told(name, "excused", words, batch)


@csrf_exempt  # checked in `_upload`, after the length: reading a body that is too long costs memory and disk
@require_POST
@fills
def batch_upload(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One or more files. Each is taken or refused by itself."""
    words = _("More than %(size)s MB were sent at once. Send the files one after the other, or split them.")
    must_not_exceed(request, settings.NUMBERS_FILE_MB, words % {"size": settings.NUMBERS_FILE_MB})
    answer: HttpResponse = _upload(request, public_id)
    return answer


@csrf_protect
@or_turned_away
def _upload(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_quarter(request, public_id)
    uploads = request.FILES.getlist("file")
    if not uploads:
        raise NotTaken(_("No file was chosen. Choose one or more .xlsx or .csv files, or drop them on the field."))
    told = [_take(request, filing, upload) for upload in uploads]
    refused = all(one.batch is None for one in told)
    if is_fragment(request):
        return batches_fragment(request, find_quarter(request, public_id), told, status=422 if refused else 200)
    if len(told) == 1 and told[0].batch is not None:
        if told[0].state == "excused":
            messages.warning(request, told[0].words)
        return redirect("numbers:batch-detail", told[0].batch.public_id)
    for one in told:
        add = messages.success if one.state == "running" else messages.warning
        add(request, _("%(name)s: %(words)s") % {"name": one.name, "words": one.words})
    return redirect("numbers:quarter-detail", public_id)


def _take(request: HttpRequest, filing: Filing, upload: UploadedFile) -> Told:
    name = upload.name or ""
    try:
        return told_of(name, receive(filing=filing, chunks=upload.chunks(2**20), name=name, by=acting_as(request)))
    except TooLarge as refused:
        return Told(name, "hard", str(refused.reason))


def _certificates(filing: Filing) -> list[str]:
    return [certificate.number for certificate in filing.institution.certificates.all()]


@require_POST
@fills
@or_turned_away
def batch_paste(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_quarter(request, public_id)
    form = PasteForm(request.POST, certificates=_certificates(filing))
    if form.is_valid() and not _is_outside(form, quarter_of(filing)):
        try:
            received = paste(filing=filing, by=acting_as(request), **form.cleaned_data)
        except NotTaken as refused:
            form.add_error("text", str(refused.reason))
        else:
            return _arrived(request, received)
    return _form_again(request, public_id, "paste", form)


def _form_again(
    request: HttpRequest, public_id: UUID, name: str, form: PasteForm | RangeForm, **shown: Any
) -> HttpResponse:
    """The page with the form as it was typed, beginning at its first fault."""
    wrong = next((field for field in form.fields if field in form.errors), None)
    if wrong:
        form.fields[wrong].widget.attrs["autofocus"] = True
    filing, status = find_quarter(request, public_id), 422 if wrong else 200
    return quarter_page(request, filing, typed=Typed(name), status=status, **{name: form}, **shown)


def _is_outside(form: PasteForm | RangeForm, quarter: Quarter) -> bool:
    """Whether the date of issue typed for all numbers is not in the quarter; the form then says so."""
    day = form.cleaned_data["issued_on"]
    if day is None or quarter.start <= day <= quarter.end:
        return False
    form.add_error(
        "issued_on",
        _("The date of issue lies in the quarter, from %(first)s to %(last)s.")
        % {"first": quarter.start.isoformat(), "last": quarter.end.isoformat()},
    )
    return True


@dataclass(frozen=True, slots=True)
class Preview:
    """A range spelled out far enough to be recognised."""

    count: int
    shown: list[str]
    last: str


SHOWN_OF_RANGE = 3


@require_POST
@fills
@or_turned_away
def batch_range(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """With the button "add" the range is stored; otherwise it is shown first."""
    filing = find_quarter(request, public_id)
    form, preview = RangeForm(request.POST, certificates=_certificates(filing)), None
    if form.is_valid() and not _is_outside(form, quarter_of(filing)):
        typed = form.cleaned_data
        try:
            numbers = expand(typed["first"], typed["last"])
            if "add" in request.POST:
                return _arrived(request, add_range(filing=filing, by=acting_as(request), **typed))
            preview = Preview(len(numbers), numbers[:SHOWN_OF_RANGE], numbers[-1])
        except NotTaken as refused:
            form.add_error("first", str(refused.reason))
    return _form_again(request, public_id, "range", form, preview=preview)


def _arrived(request: HttpRequest, received: Received) -> HttpResponse:
    if received.again:
        messages.warning(request, _("The same list came before; nothing was changed. This is what became of it."))
    page = reverse("numbers:batch-detail", args=[received.batch.public_id])
    return HttpResponse(headers={"HX-Redirect": page}) if is_fragment(request) else redirect(page)


@require_GET
@own
def template(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The workbook to fill in, with the institution's certificates and sites in its drop-downs."""
    return template_answer(find_quarter(request, public_id))
