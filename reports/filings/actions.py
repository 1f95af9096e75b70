"""What an institution does with a filing: explain, answer remarks, submit, recall. What a bureau does is in actions_review."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from institutions.models import Membership
from portal.clock import database_now
from reports.filings import messages, rules
from reports.filings.errors import Incomplete, NotAllowed, NotReady, StaleFiling, must
from reports.filings.examination import Examination, examine, figures_of
from reports.filings.mending import MADE_OF_CELLS, place_of
from reports.filings.models import (
    Decision,
    Draft,
    Explanation,
    Filing,
    Finding,
    Recall,
    Remark,
    Revision,
    State,
)
from reports.filings.routes import entry_step, route_for
from reports.filings.scoring import score
from reports.filings.signing.clearing import end_handover
from reports.filings.signing.models import Handover
from reports.filings.transitions import Words, apply
from reports.schemes.definition import ANNUAL
from reports.schemes.explanations import refuse_poor_explanation

PLEDGE = _(
    "I have read the whole filing. I declare that the figures are true, accurate and complete, and that the "
    "institution answers for them under the Statistics Law."
)


def locked(filing: Filing) -> Filing:
    """The filing as it stands once nobody else holds it.

    Two statements: one that waits for a lock joins the rows of before the wait to the new row, so that a revision made
    meanwhile would be missing beside its own id.
    """
    Filing.objects.select_for_update().values_list("pk").get(pk=filing.pk)
    return Filing.objects.for_page().get(pk=filing.pk)


def explain(*, filing: Filing, key: str, text: str, by: Membership, told: Iterable[str] = ()) -> Explanation | None:
    """Answer a verify finding; an empty text takes the answer back. Poor answers raise Incomplete with the reason.

    `told` is what the finding itself says, in both languages: repeating it is no answer.
    """
    with transaction.atomic():
        filing = locked(filing)
        must(rules.can_fill(by, filing, database_now()))
        text = text.strip()
        if not text:
            filing.explanations.filter(key=key).delete()
            end_handover(filing, how=Handover.End.CHANGED, by=by.user)
            return None
        refusal = refuse_poor_explanation(text, told)
        if refusal:
            raise Incomplete(refusal)
        explanation, _created = Explanation.objects.update_or_create(
            filing=filing, key=key[:80], defaults={"text": text[:1000], "by": by.user, "at": database_now()}
        )
        end_handover(filing, how=Handover.End.CHANGED, by=by.user)
    return explanation


def answer_remark(*, remark: Remark, resolution: str, answer: str, by: Membership) -> Remark:
    """Mark a reviewer's remark as fixed or explained; "fixed" needs a change where the remark is, "explained" needs words."""
    with transaction.atomic():
        filing = locked(remark.filing)
        must(rules.can_fill(by, filing, database_now()))
        answer = answer.strip()
        if resolution == Remark.Resolution.EXPLAINED and (refusal := refuse_poor_explanation(answer)):
            raise Incomplete(refusal)
        if resolution == Remark.Resolution.FIXED and filing.round.kind in MADE_OF_CELLS:
            _refuse_unmended(remark, examine(filing))
        remark.resolution = Remark.Resolution(resolution)
        remark.answer, remark.answered_by, remark.answered_at = answer[:1000], by.user, database_now()
        remark.save(update_fields=["resolution", "answer", "answered_by", "answered_at"])
        end_handover(filing, how=Handover.End.CHANGED, by=by.user)
    return remark


def _refuse_unmended(remark: Remark, examination: Examination) -> None:
    if remark.pk not in examination.mended:
        raise Incomplete(_("The remark is not one of the last return; it was dealt with before."))
    if not examination.mended[remark.pk]:
        raise Incomplete(
            _(
                "Nothing has changed in %(place)s since revision %(number)d, so it cannot be “fixed”. Change it first; or, "
                "if it is right as it is, say why and choose “Nothing to change, explained”."
            )
            % {"place": place_of(examination.definition, remark), "number": remark.revision.number}
        )


def submit(*, filing: Filing, by: Membership, version: int, stamp: str, pledged: bool) -> Revision:
    """Store what the signer saw as an immutable revision and send it on its route.

    `stamp` is the digest shown in the preview; when the cells changed since, StaleFiling. The same submission sent
    twice gives one revision, and both calls return it. Raises NotAllowed, Incomplete (no pledge), NotReady.
    """
    with transaction.atomic():
        filing = locked(filing)
        already = _same_submission(filing, by, stamp)
        if already is not None:
            return already
        now = database_now()
        must(rules.can_submit(by, filing, now))
        if not pledged:
            raise Incomplete(_("Tick the pledge: the signer confirms that the figures are true and complete."))
        examination = examine(filing)
        if examination.digest != stamp:
            raise StaleFiling(_("The filing changed after you opened the preview. Look through it again, then sign."))
        refuse_unready(examination)
        revision = _store_revision(examination, by, now)
        _move_to_review(filing, revision, examination, by, version, now)
    return revision


def _same_submission(filing: Filing, by: Membership, stamp: str) -> Revision | None:
    """The revision in review, if this person just signed exactly what they are sending again."""
    latest = filing.revision
    if filing.state != State.IN_REVIEW or latest is None:
        return None
    if by.institution_id == filing.institution_id and latest.digest == stamp and latest.signer_id == by.user_id:
        return latest
    return None


def refuse_unready(examination: Examination) -> None:
    if examination.hard:
        count = len(examination.hard)
        raise NotReady(
            ngettext("%(count)d error must be mended first.", "%(count)d errors must be mended first.", count)
            % {"count": count}
        )
    if examination.unexplained:
        count = len(examination.unexplained)
        raise NotReady(
            ngettext(
                "%(count)d finding still needs an explanation.", "%(count)d findings still need an explanation.", count
            )
            % {"count": count}
        )
    if examination.open_remarks:
        count = len(examination.open_remarks)
        raise NotReady(
            ngettext("%(count)d remark is not answered yet.", "%(count)d remarks are not answered yet.", count)
            % {"count": count}
        )


def _store_revision(examination: Examination, by: Membership, now: dt.datetime) -> Revision:
    filing, definition = examination.filing, examination.definition
    last = filing.revisions.order_by("-number").first()
    last_saved = Draft.objects.filter(filing=filing, saved_by__isnull=False).order_by("-saved_at").first()
    returned_by_province = filing.decisions.filter(verdict=Decision.Verdict.RETURN, tier="province").exists()
    revision = Revision.objects.create(
        filing=filing,
        number=last.number + 1 if last else 1,
        scheme=filing.round.scheme,
        cells=examination.tables,
        derived=examination.derived,
        figures=figures_of(definition, examination.cells) if examination.kind == ANNUAL else [],
        explanations=examination.kept_explanations,
        digest=examination.digest,
        filer=last_saved.saved_by if last_saved and last_saved.saved_by else by.user,
        signer=by.user,
        pledge=str(PLEDGE),
        # What was recalled was never judged: the submission that replaces it is the first.
        late=filing.late
        if filing.revisions.filter(recall=None).exists()
        else rules.is_late(filing.round, now, filing.extended_until),
        repeat=returned_by_province,
    )
    Finding.objects.bulk_create(_findings(examination, revision))
    return revision


def _findings(examination: Examination, revision: Revision) -> list[Finding]:
    return [
        Finding(
            revision=revision,
            key=failure.key,
            check_code=failure.code,
            severity=failure.severity,
            table=failure.table,
            row_id=failure.row_id or "",
            cells=[list(cell) for cell in failure.cells],
            message_zh=failure.message("zh"),
            message_en=failure.message("en"),
            explanation=examination.explanations.get(failure.key, ""),
            from_last_year=examination.says_last_years(failure.key),
        )
        for failure in examination.failures
    ]


def _move_to_review(
    filing: Filing, revision: Revision, examination: Examination, by: Membership, version: int, now: dt.datetime
) -> None:
    route = route_for(filing.reviewing_bureau)
    first = entry_step(filing, route)
    apply(
        "submit",
        filing=filing,
        by=by,
        version=version,
        now=now,
        words=Words(details={"revision": revision.number, "digest": revision.digest}),
        revision=revision,
        route=[bureau.pk for bureau in route],
        step=first,
        step_tier=first.tier,
        step_since=now,
        opened_at=None,
        late=revision.late,
        repeat=revision.repeat,
        hard_count=0,
        verify_count=len(examination.verify),
        score=score(examination),
    )
    messages.submitted(filing, revision)


def recall(*, filing: Filing, by: Membership, version: int) -> Filing:
    """Take a submission back before any reviewer opened or passed it; the revision stays in the history."""
    with transaction.atomic():
        filing = locked(filing)
        if filing.state == State.IN_REVIEW and filing.decisions.filter(revision=filing.revision_id).exists():
            must(rules.can_recall(by, filing, database_now()))
            raise NotAllowed(rules.passed_on(filing).reason)
        apply("recall", filing=filing, by=by, version=version, step=None, step_tier="", step_since=None)
        assert filing.revision is not None, "filing_judged_has_revision"
        Recall.objects.create(revision=filing.revision, by=by.user)
    return filing
