"""Trying a draft's checks on filings that were accepted, and what it found."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from institutions.access import acting_as
from institutions.models import Membership
from portal.jobs.models import Job
from portal.jobs.queries import visible_to
from portal.jobs.showing import Shown, shown
from reports.filings.models import Filing, State
from reports.rounds.models import Round
from reports.schemes.models import Scheme
from reports.versions import rules
from reports.versions.actions_trials import ask_trial
from reports.versions.models import SchemeTrial
from reports.versions.pages import address, find_scheme, makes
from reports.versions.showing import FAILS, VIEWS, Found, found_of, ids_of
from reports.versions.standing import standing_of
from reports.versions.trying import ASKED


@require_http_methods(["GET", "HEAD", "POST"])
@makes
def scheme_trial(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """POST asks for a try-out on the chosen round; GET shows the last one, `?view=` a part of its checks."""
    scheme, membership = find_scheme(request, code, version), acting_as(request)
    rounds = _rounds(membership)
    if request.method == "POST":
        round = next((one for one in rounds if str(one.public_id) == request.POST.get("round", "")), None)
        if round is None:
            raise Http404
        ask_trial(scheme=scheme, round=round, by=membership, language=get_language() or "")
        return redirect(address("scheme-trial", scheme))
    trial, running = _last(scheme, membership)
    faults = len(standing_of(scheme).faults)
    found = _found(trial, scheme, membership) if trial is not None and not faults else None
    view = request.GET.get("view", FAILS)
    view = view if view in VIEWS else FAILS
    context = {
        "scheme": scheme,
        "rounds": rounds,
        "chosen": trial.round if trial is not None else _usual(rounds, scheme),
        "trial": trial,
        "running": running,
        "found": found,
        "view": view,
        "lines": found.of(view) if found is not None else [],
        "stale": trial is not None and trial.digest != scheme.digest,
        "may_try": rules.can_try(membership, scheme, faults),
    }
    return render(request, "versions/scheme_trial.html", context)


def _rounds(membership: Membership) -> list[Round]:
    """Rounds of statistics and of annual reports in which something was accepted, the latest first."""
    accepted = Filing.objects.filter(state=State.ACCEPTED).values("round")
    rounds = Round.objects.visible_to(membership).filter(kind__in=ASKED, pk__in=accepted)
    return list(rounds.order_by("-period", "kind"))


def _usual(rounds: list[Round], scheme: Scheme) -> Round | None:
    """The year before the draft's; else the latest that is closed; else the latest."""
    before = [one for one in rounds if one.year == scheme.year - 1]
    closed = [one for one in rounds if one.closed_at is not None]
    return next(iter(before + closed + rounds), None)


def _last(scheme: Scheme, membership: Membership) -> tuple[SchemeTrial | None, Shown | None]:
    """The last try-out, and its job while that is at work or where it failed, if it is the reader's own."""
    job = None
    for _look in range(2):  # it may end between the two questions
        trial = scheme.trials.select_related("round", "by__user").first()
        if trial is None or trial.result is not None:
            job = None
            break
        job = visible_to(membership.user).filter(pk=trial.job_id).first()
        if job is None or job.state != Job.State.DONE:
            break
    if trial is not None:
        trial.scheme = scheme
    return trial, shown(job) if job is not None else None


def _found(trial: SchemeTrial, scheme: Scheme, membership: Membership) -> Found | None:
    filings = Filing.objects.visible_to(membership).filter(pk__in=ids_of(trial)).select_related("institution")
    return found_of(trial, scheme.definition, filings)
