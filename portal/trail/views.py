"""The trail for audit administrators: reading, exporting, verifying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.trail import verbs
from portal.trail.actions import record
from portal.trail.exports import ask_for_export
from portal.trail.queries import Filters, Slice, matching, slice_of, visible_to
from portal.trail.reading import detail_lines, verb_words
from portal.trail.rules import NotOpen, can_read
from portal.trail.verify import is_digest, verify

if TYPE_CHECKING:
    from institutions.models import Membership


def _auditor(request: HttpRequest) -> Membership:
    membership: Membership | None = request.membership  # type: ignore[attr-defined]
    verdict = can_read(membership)
    if not verdict or membership is None:
        raise NotOpen(verdict.reason)
    return membership


@never_cache
@require_safe
@login_required
def event_list(request: HttpRequest) -> HttpResponse:
    membership = _auditor(request)
    filters = Filters.read(request.GET.dict())
    found = slice_of(
        matching(visible_to(membership), filters),
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )
    return render(request, "trail/list.html", _list_context(filters, found))


def _list_context(filters: Filters, found: Slice) -> dict[str, Any]:
    chosen = filters.chosen()
    rows = [{"event": one, "verb": verb_words(one), "details": detail_lines(one.details)} for one in found.events]
    return {
        "rows": rows,
        "filters": filters,
        "chosen": chosen,
        "verbs": verbs.choices(),
        "newer": urlencode(chosen | {"after": found.newer}) if found.newer else "",
        "older": urlencode(chosen | {"before": found.older}) if found.older else "",
        "newest": urlencode(chosen),
    }


@require_POST
@login_required
def export(request: HttpRequest) -> HttpResponse:
    membership = _auditor(request)
    filters = Filters.read(request.POST.dict())
    job = ask_for_export(by=membership, filters=filters, kind=request.POST.get("format", ""))
    return redirect("jobs:job-detail", job_id=job.pk)


@require_POST
@login_required
def verify_chain(request: HttpRequest) -> HttpResponse:
    """Recompute everything, say what came out, and note that it was asked. Some seconds for a million events."""
    membership = _auditor(request)
    anchor = request.POST.get("anchor", "").strip().lower()
    if anchor and not is_digest(anchor):
        return render(request, "trail/verified.html", {"found": None, "anchor": anchor}, status=422)
    found = verify(anchor=anchor)
    record(
        "trail.verified",
        by=membership,
        details={"count": found.count, "head": found.head, "anchor": anchor, "fault": str(found.broken or "")},
        succeeded=found.broken is None,
    )
    return render(request, "trail/verified.html", {"found": found, "anchor": anchor})
