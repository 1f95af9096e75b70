"""Asking for a try-out of a draft's checks, and keeping what it found."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from portal.clock import statement_now
from portal.jobs import actions as jobs
from portal.trail.actions import record
from reports.rounds.models import Round
from reports.schemes.models import Scheme
from reports.versions import rules
from reports.versions.actions import locked
from reports.versions.errors import ChangedMeanwhile, NotReady, must
from reports.versions.models import SchemeTrial
from reports.versions.standing import standing_of


def ask_trial(*, scheme: Scheme, round: Round, by: Membership, language: str = "") -> SchemeTrial:
    """A job that tries the draft as it is now; one that runs already for the same draft and round is answered again."""
    with transaction.atomic():
        scheme = locked(scheme)
        must(rules.can_change(by, scheme))
        verdict = rules.can_try(by, scheme, len(standing_of(scheme).faults))
        if not verdict:
            raise NotReady(verdict.reason)
        running = (
            scheme.trials.filter(round=round, digest=scheme.digest, result__isnull=True)
            .exclude(job__state="failed")
            .first()
        )
        if running is not None:
            return running
        trial = SchemeTrial(scheme=scheme, digest=scheme.digest, round=round, by=by)
        trial.save()
        trial.job = jobs.create(kind="scheme.trial", by=by, params={"trial": trial.pk}, language=language)
        trial.save(update_fields=["job"])
        record("scheme.tried", by=by, obj=scheme, details={"round": str(round), "digest": scheme.digest})
    return trial


def keep_result(trial: SchemeTrial, result: dict[str, Any]) -> None:
    """Raises ChangedMeanwhile when the draft went meanwhile."""
    if not SchemeTrial.objects.filter(pk=trial.pk).update(result=result, finished_at=statement_now()):
        raise ChangedMeanwhile(_("The draft was deleted meanwhile."))
