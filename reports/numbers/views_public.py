"""The public question: was this report number filed? One number at a time, no list, no session."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from institutions.access import acting, acting_as
from institutions.models import Institution
from institutions.roles import Permission
from institutions.words import institution_name
from portal import visits
from portal.clock import database_now
from portal.trail.middleware import peer_address
from reports.numbers import lookup
from reports.numbers.keys import key_of
from reports.numbers.models import NumberChange, ReportNumber
from reports.numbers.retyping import retyped

LONGEST_TYPED = 200
STATES = {ReportNumber.State.VALID: "valid", ReportNumber.State.VOID: "voided", ReportNumber.State.REPLACED: "replaced"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` is found, several (whose is it?), unknown_institution or not_found. `newer` is what replaced a number."""

    code: str
    number: str
    found: lookup.Found | None = None
    change: NumberChange | None = None
    newer: str = ""

    @property
    def quarter(self) -> str:
        """The quarter of a number found, as it is spoken of."""
        assert self.found is not None, "asked only of a number found"
        words = {
            1: _("the first quarter of %(year)s"),
            2: _("the second quarter of %(year)s"),
            3: _("the third quarter of %(year)s"),
            4: _("the fourth quarter of %(year)s"),
        }
        return words[self.found.quarter.number] % {"year": self.found.quarter.year}

    @property
    def state(self) -> str:
        """A code of `portal.ui.states`."""
        return STATES[ReportNumber.State(self.found.number.state)] if self.found else "not_found"

    @property
    def meant(self) -> str:
        """What may have been meant by a number that was not found; it says nothing about what is filed."""
        return retyped(self.number) if self.code == "not_found" else ""


def ask(number: str, whose: str) -> Answer:
    """The question itself: one query on the numbers, and one for each thing the answer tells beside them."""
    institution = None
    if whose:
        institution = institution_named(whose)
        if institution is None:
            return Answer("unknown_institution", number)
    found = lookup.find(number, institution)
    if not found:
        return Answer("not_found", number)
    if len(found) > 1:
        return Answer("several", number)
    [one] = found
    change = None
    if one.number.state != ReportNumber.State.VALID:
        change = NumberChange.objects.filter(institution=one.institution, key=one.number.key).first()
    newer = change.replacement_key if change else ""
    if one.number.state == ReportNumber.State.REPLACED and not newer:
        newer = lookup.newer_of(one.number)
    return Answer("found", number, one, change, newer)


def institution_named(words: str) -> Institution | None:
    """By its code, or by its name exactly as registered; brackets of either width are the same."""
    code = key_of(words).replace(" ", "")
    if len(code) == 18 and code.isascii() and code.isalnum():
        return Institution.objects.filter(uscc=code).first()
    return Institution.objects.filter(name=institution_name(words)).first()


def _typed(request: HttpRequest, name: str) -> str:
    return " ".join(request.GET.get(name, "").replace("\x00", "").split())[:LONGEST_TYPED]


@require_safe
def lookup_page(request: HttpRequest) -> HttpResponse:
    """`?no=` is the number, `?org=` the institution. Answers are kept by no cache: a number may be voided any moment."""
    number, whose, status, wait, answer = _typed(request, "no"), _typed(request, "org"), 200, 0, None
    if number:
        address = visits.network_of(peer_address(request))
        wait = visits.wait_for(f"lookup {address}", settings.NUMBERS_LOOKUPS_A_MINUTE)
        if wait:
            status = 429
        else:
            answer = ask(number, whose)
    now: dt.datetime | None = database_now() if answer else None
    context = {
        "number": number,
        "missing": "no" in request.GET and not number,
        "whose": whose,
        "answer": answer,
        "wait": wait,
        "limit": settings.NUMBERS_LOOKUPS_A_MINUTE,
        "now": now,
    }
    response = render(request, "numbers/lookup.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    if wait:
        response["Retry-After"] = str(wait)
    return response


def address_of(institution: Institution) -> str:
    """The look-up with the institution filled in, for its QR code."""
    return f"{settings.PORTAL_BASE_URL}{reverse('numbers:lookup')}?{urlencode({'org': institution.uscc})}"


def code_of(address: str) -> SafeString:
    code = segno.make(address, error="m", micro=False)
    # segno writes numbers and fixed names only.
    return mark_safe(code.svg_inline(scale=4, border=2, svgclass=None, lineclass=None, omitsize=False))  # noqa: S308


@require_GET
@acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS)
def lookup_code(request: HttpRequest, public_id: str) -> HttpResponse:
    """The QR code of an institution, to print on reports and walls."""
    visible = Institution.objects.visible_to(acting_as(request))
    institution = get_object_or_404(visible, public_id=public_id)
    address = address_of(institution)
    context = {"institution": institution, "address": address, "code": code_of(address)}
    return render(request, "numbers/lookup_code.html", context)
