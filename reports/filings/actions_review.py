"""What a bureau does with a filing: open it, remark, pass it on, return it, excuse the institution from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from institutions.models import Bureau, Membership
from portal.clock import database_now
from portal.trail.actions import record
from reports.filings import messages, rules
from reports.filings.actions import locked
from reports.filings.errors import Incomplete, NotAllowed, StaleFiling, must
from reports.filings.models import Decision, Filing, OffReason, Remark, State
from reports.filings.passing import nothing_open
from reports.filings.routes import next_step
from reports.filings.transitions import Words, apply, quicker


def open_for_review(*, filing: Filing, by: Membership) -> Filing:
    """Note that a reviewer whose turn it is has the filing before them; from then on it cannot be recalled."""
    now = database_now()
    if rules.can_review(by, filing, now) and filing.opened_at is None:
        with transaction.atomic():
            opened = Filing.objects.filter(pk=filing.pk, version=filing.version, opened_at=None).update(opened_at=now)
            if opened:
                record("filing.opened", by=by, obj=filing, scope=filing.scope)
        filing.opened_at = now
    return filing


@dataclass(frozen=True, slots=True)
class RemarkDraft:
    """A remark to send: where (table, row, indicator; all blank = whole filing), coded reason, words."""

    table: str
    row_id: str
    indicator: str
    reason: str
    text: str


def add_remark(*, filing: Filing, remark: RemarkDraft, by: Membership) -> Remark:
    """Keep a remark while reading; it reaches the institution only with a return."""
    with transaction.atomic():
        filing = locked(filing)
        must(rules.can_remark(by, filing, database_now()))
        if not remark.text.strip():
            raise Incomplete(_("Write what is wrong and what to do; the institution reads exactly this."))
        assert by.bureau is not None, "rules.can_remark"
        assert filing.revision is not None, "rules.can_remark"
        return Remark.objects.create(
            filing=filing,
            revision=filing.revision,
            bureau=by.bureau,
            table=remark.table,
            row_id=remark.row_id,
            indicator=remark.indicator,
            reason=Remark.Reason(remark.reason),
            text=remark.text.strip()[:1000],
            by=by.user,
        )


def remove_remark(*, remark: Remark, by: Membership) -> None:
    """Take back a remark of one's own bureau that was not sent yet."""
    with transaction.atomic():
        locked(remark.filing)  # a return under way counts the remarks that go with it
        gone, _each = Remark.objects.filter(pk=remark.pk, decision=None, bureau=by.bureau_id).delete()
        if not gone:
            raise NotAllowed(_("This remark was already sent, or is not your bureau's."))


def pass_on(
    *, filing: Filing, by: Membership, version: int, revision: int, note: str = "", only_clean: bool = False
) -> Decision:
    """Pass the revision: to the next bureau of the route, or accepted when this was the last.

    Raises Incomplete while remarks wait to be sent or an explanation was not accepted; with `only_clean` also while
    one was not judged.
    """
    with transaction.atomic():
        filing = _locked_for(filing, version, revision)
        now = database_now()
        must(rules.can_review(by, filing, now))
        if not (verdict := nothing_open(filing, by.bureau_id, only_clean=only_clean)):
            raise Incomplete(verdict.reason)
        decision = _decide(filing, by, Decision.Verdict.PASS, note)
        following = next_step(filing)
        words = Words(note=note, details={"revision": revision})
        if following is None:
            apply(
                "accept", filing=filing, by=by, version=version, now=now, words=words,
                step=None, step_tier="", step_since=None,
            )  # fmt: skip
            messages.accepted(filing)
        else:
            tier = _tier_of(following)
            apply(
                "forward", filing=filing, by=by, version=version, now=now, words=words,
                step_id=following, step_tier=tier, step_since=now, opened_at=None,
            )  # fmt: skip
    return decision


def give_back(
    *, filing: Filing, by: Membership, version: int, revision: int, note: str, remarks: Sequence[RemarkDraft] = ()
) -> Decision:
    """Return to the institution with the remarks kept while reading and those given here; at least one in all.

    From "accepted" only the province can (reopen); the same words are needed.
    """
    with transaction.atomic():
        filing = _locked_for(filing, version, revision)
        now = database_now()
        verb = "reopen" if filing.state == State.ACCEPTED else "return"
        must(rules.can_reopen(by, filing, now) if verb == "reopen" else rules.can_review(by, filing, now))
        kept = filing.remarks.filter(decision=None, revision=filing.revision_id, bureau=by.bureau_id)
        count = kept.count() + len(remarks)
        decision = _decide(filing, by, Decision.Verdict.RETURN, note) if count and note.strip() else None
        apply(
            verb, filing=filing, by=by, version=version, now=now,
            words=Words(note=note, remarks=count, details={"revision": revision}),
            step=None, step_tier="", step_since=None,
        )  # fmt: skip
        assert decision is not None, "apply refuses a return without words"
        kept.update(decision=decision)
        Remark.objects.bulk_create(_remark(filing, draft, by, decision) for draft in remarks)
        messages.returned(filing, decision, count)
    return decision


def _locked_for(filing: Filing, version: int, revision: int) -> Filing:
    """The filing under a lock, still at the version and revision the reviewer judged."""
    filing = locked(filing)
    if filing.version != version or filing.revision is None or filing.revision.number != revision:
        raise StaleFiling(quicker(filing))
    return filing


def _decide(filing: Filing, by: Membership, verdict: str, note: str) -> Decision:
    assert by.bureau is not None, "rules.can_review"
    assert filing.revision is not None, "rules.can_review"
    with override("zh-hans"):
        label = f"{by.bureau} {by.who}"
    return Decision.objects.create(
        filing=filing, revision=filing.revision, bureau=by.bureau, tier=by.bureau.tier, verdict=verdict,
        note=note.strip()[:1000], by=by.user, by_label=label,
        stood_in=by.grant_id is not None,
    )  # fmt: skip


def _tier_of(bureau_id: int) -> str:
    return Bureau.objects.values_list("tier", flat=True).get(pk=bureau_id)


def _remark(filing: Filing, draft: RemarkDraft, by: Membership, decision: Decision) -> Remark:
    return Remark(
        filing=filing, revision=filing.revision, decision=decision, bureau=by.bureau, table=draft.table,
        row_id=draft.row_id, indicator=draft.indicator, reason=Remark.Reason(draft.reason),
        text=draft.text.strip()[:1000], by=by.user,
    )  # fmt: skip


def excuse(*, filing: Filing, by: Membership, version: int, note: str, off_reason: str = OffReason.EXEMPT) -> Filing:
    """Close the roster line without data: exempt, or reviewed elsewhere."""
    with transaction.atomic():
        filing = locked(filing)
        words = Words(note=note, details={"off_reason": str(off_reason)})
        return apply("excuse", filing=filing, by=by, version=version, words=words, off_reason=off_reason)
