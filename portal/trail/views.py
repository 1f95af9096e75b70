"""The trail for audit administrators: reading, exporting, verifying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.jobs.queries import visible_to as jobs_of
from portal.jobs.showing import shown
from portal.trail import verbs
from portal.trail.exports import ask_for_export
from portal.trail.queries import LONGEST, Filters, Slice, matching, slice_of, verification_by, visible_to
from portal.trail.reading import detail_lines, verb_words
from portal.trail.references import look_up
from portal.trail.rules import NotOpen, can_look_up, can_read
from portal.trail.verify import is_digest
from portal.trail.verifying import ask_for_verification

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


@never_cache
@require_safe
@login_required
def reference(request: HttpRequest) -> HttpResponse:
    """What became of a request whose page showed a reference number."""
    membership: Membership | None = request.membership  # type: ignore[attr-defined]
    verdict = can_look_up(membership)
    if not verdict or membership is None:
        raise NotOpen(verdict.reason)
    typed = request.GET.get("number", "").strip()[:LONGEST]
    found = look_up(typed, membership) if typed else None
    context = {
        "typed": typed,
        "found": found,
        "events": [{"event": one, "verb": verb_words(one)} for one in found.events] if found else [],
        "around": [{"event": one, "verb": verb_words(one)} for one in found.around] if found else [],
        "reads_trail": bool(can_read(membership)),
    }
    return render(request, "trail/reference.html", context)


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
    """Everything is recomputed in the background; the page of the outcome shows how far it is."""
    membership = _auditor(request)
    anchor = request.POST.get("anchor", "").strip().lower()
    if anchor and not is_digest(anchor):
        return render(
            request, "trail/verified.html", {"anchor": anchor, "wrong": True, "job": None, "found": None}, status=422
        )
    job = ask_for_verification(by=membership, anchor=anchor)
    return redirect("trail:verification", job_id=job.pk)


@never_cache
@require_safe
@login_required
def verification(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """How far it is, then what came out; for htmx that part alone. Whoever asked reads it."""
    _auditor(request)
    job = get_object_or_404(jobs_of(request.user).filter(kind="trail.verify"), pk=job_id)
    context = {
        "job": shown(job),
        "found": verification_by(job) if job.is_over else None,
        "anchor": job.params["anchor"],
    }
    template = "trail/_verification.html" if request.headers.get("HX-Request") == "true" else "trail/verified.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
