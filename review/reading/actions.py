"""What a reviewer does while reading: judge an explanation."""

from __future__ import annotations

from django.db import transaction

from institutions.models import Membership
from portal.clock import database_now
from portal.trail.actions import record
from reports.filings import rules
from reports.filings.errors import StaleFiling, must
from reports.filings.models import Filing, Finding
from reports.filings.transitions import quicker


def judge_finding(*, finding: Finding, verdict: str, by: Membership) -> Finding:
    """Accept the explanation of a finding, decline it, or take the verdict back; the filing's count of doubts follows.

    Raises OutOfTurn when it is not the bureau's turn, StaleFiling when the finding is of an earlier revision.
    """
    with transaction.atomic():
        # Locked first and loaded then: a statement that waits would join what stood before the wait.
        pk = (
            Filing.objects.select_for_update(of=("self",))
            .values_list("pk", flat=True)
            .get(revisions=finding.revision_id)
        )
        filing = Filing.objects.for_page().get(pk=pk)
        if filing.revision_id != finding.revision_id:
            raise StaleFiling(quicker(filing))
        must(rules.can_review(by, filing, database_now()))
        finding.verdict = Finding.Verdict(verdict)
        finding.save(update_fields=["verdict"])
        doubts = (
            Finding.objects.filter(revision=filing.revision_id, severity="verify")
            .exclude(verdict=Finding.Verdict.PLAUSIBLE)
            .count()
        )
        Filing.objects.filter(pk=filing.pk).update(verify_count=doubts)
        details = {"check": finding.check_code, "key": finding.key, "verdict": str(finding.verdict)}
        record("finding.judged", by=by, obj=filing, scope=filing.scope, details=details)
    return finding
