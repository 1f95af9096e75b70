"""The job that tries a draft's checks on the filings of a round."""

from __future__ import annotations

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.errors import Refused
from portal.jobs.models import Job
from portal.jobs.registry import Progress, handler
from reports.filings.models import Filing, Finding, State
from reports.rounds.models import Round
from reports.schemes.building import ContentError
from reports.versions.actions_trials import keep_result
from reports.versions.models import SchemeTrial
from reports.versions.trying import Trial

AT_ONCE = 100


@handler("scheme.trial", title=_("Try-out of a scheme’s checks"), phases={"try": _("Trying the checks")})
def try_scheme(job: Job, progress: Progress) -> None:
    """Fill in the result of `params["trial"]`. Run twice, the same comes out unless filings were accepted meanwhile."""
    trial = SchemeTrial.objects.select_related("scheme", "round", "by").filter(pk=job.params["trial"]).first()
    if trial is None or trial.scheme.digest != trial.digest:
        raise Refused(_("The draft was changed or deleted meanwhile. Ask for a try-out of the draft as it is now."))
    try:
        tried = Trial(trial.scheme.definition, trial.round.kind)
    except ContentError:
        raise Refused(_("The draft has things to be mended first; then its checks can be tried.")) from None
    filings = tried_filings(trial.round)
    progress(phase="try", done=0, total=filings.count())
    for done, filing in enumerate(filings.iterator(chunk_size=AT_ONCE), start=1):
        tried.add(filing)
        progress(done=done)
    keep_result(trial, {**tried.outcome.as_json(), "then": found_then(trial.round)})


def tried_filings(round: Round) -> QuerySet[Filing]:
    return (
        Filing.objects.in_round(round)
        .filter(state=State.ACCEPTED)
        .select_related("round", "institution", "revision", "previous__revision")
        .prefetch_related("institution__certificates")
        .order_by("pk")
    )


def found_then(round: Round) -> dict[str, int]:
    """In how many of these filings each check stood when they were sent."""
    findings = Finding.objects.filter(
        revision__in=Filing.objects.in_round(round).filter(state=State.ACCEPTED).values("revision")
    )
    rows = findings.values("check_code").annotate(filings=Count("revision", distinct=True))
    return {row["check_code"]: row["filings"] for row in rows}
