"""Signing what a preview showed, the same for every kind of filing: it is sent, or the preview of now says why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from institutions.access import acting_as
from institutions.models import Membership
from portal.ui.typed import whole_number
from reports.filings.errors import Incomplete, NotReady, StaleFiling
from reports.filings.models import Filing, Revision, State


class Submit(Protocol):
    def __call__(self, *, filing: Filing, by: Membership, version: int, stamp: str, pledged: bool) -> Revision: ...


class Preview(Protocol):
    def __call__(
        self, request: HttpRequest, filing: Filing, *, refusal: str, pledged: bool, status: int
    ) -> HttpResponse: ...


def sign_and_send(request: HttpRequest, find: Callable[[], Filing], submit: Submit, preview: Preview) -> HttpResponse:
    """Leads to the receipt. What is refused comes back as the preview, unless somebody else has sent the filing already.

    `find` loads the filing anew each time; the form carries the version and the digest that the signer saw.
    """
    filing, pledged = find(), request.POST.get("pledged") == "yes"
    try:
        revision = submit(
            filing=filing,
            by=acting_as(request),
            version=posted_number(request, "version"),
            stamp=request.POST.get("stamp", ""),
            pledged=pledged,
        )
    except (StaleFiling, NotReady, Incomplete) as refused:
        filing = find()
        if filing.state in (State.IN_REVIEW, State.ACCEPTED, State.EXCUSED):
            raise
        return preview(request, filing, refusal=str(refused.reason), pledged=pledged, status=refused.status)
    return redirect("filings:receipt-detail", public_id=filing.public_id, number=revision.number)


def posted_number(request: HttpRequest, name: str) -> int:
    """-1 for what is not a number of at most nine digits: a version nobody saw, a row that is not there."""
    return whole_number(request.POST.get(name, ""), -1)
