"""Declaring the count of a quarter, the nil return (零报告), and sending the quarterly filing on its route.

The cells of a quarterly filing are the single table RN-Q; nobody types them: they follow from the declaration and the
batches. A nil return is reviewed lightly: the first tier of its route decides alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from institutions.models import Membership
from portal.clock import database_now
from portal.trail.actions import record
from reports.filings import messages
from reports.filings import rules as filing_rules
from reports.filings.actions import PLEDGE
from reports.filings.errors import Incomplete, NotAllowed, NotReady, StaleFiling
from reports.filings.examination import digest_of
from reports.filings.models import Decision, Filing, Finding, Remark, Revision, State
from reports.filings.routes import entry_step, route_for
from reports.filings.transitions import Words, apply
from reports.numbers import figures, rules
from reports.numbers.errors import NotTaken
from reports.numbers.issues import Issue, issues_of
from reports.numbers.models import NumberBatch, QuarterReturn
from reports.rounds.quarters import Quarter

TABLE = "RN-Q"
MOST_DECLARED = 99_999_999


# -- declaring ------------------------------------------------------------------------------------


def declare(*, filing: Filing, count: int, by: Membership) -> QuarterReturn:
    """Say how many valid reports the quarter had (Q103). Zero is said with `declare_nil`."""
    if not 0 < count <= MOST_DECLARED:
        raise NotTaken(
            _("Enter a whole number from 1 to %(most)s. A quarter without reports is declared as nil.")
            % {"most": MOST_DECLARED}
        )
    return _declare(filing, by, declared=count, nil=False)


def declare_nil(*, filing: Filing, by: Membership) -> QuarterReturn:
    """Declare that the quarter had no report (零报告). Refused while valid numbers of the quarter stand."""
    return _declare(filing, by, declared=0, nil=True)


def _declare(filing: Filing, by: Membership, *, declared: int, nil: bool) -> QuarterReturn:
    with transaction.atomic():
        fresh = _locked(filing)
        now = database_now()
        verdict = rules.can_send(by, fresh, now)
        if not verdict:
            raise NotAllowed(verdict.reason)
        row = figures.made_return(fresh)
        if nil:
            _refuse_numbers(fresh, row)
        if fresh.state == State.DUE:
            apply("begin", filing=fresh, by=by, version=fresh.version, now=now)
        row.declared, row.nil, row.declared_by, row.declared_at = declared, nil, by.user, now
        row.save(update_fields=["declared", "nil", "declared_by", "declared_at"])
        record("numbers.declared", by=by, obj=fresh, scope=fresh.scope, details={"declared": declared, "nil": nil})
        filing.state, filing.version = fresh.state, fresh.version
    return row


def _refuse_numbers(filing: Filing, row: QuarterReturn) -> None:
    if row.valid:
        raise NotTaken(
            ngettext(
                "%(count)s valid number of this quarter is filed, so it is no nil return. Void the number first if it is wrong.",
                "%(count)s valid numbers of this quarter are filed, so it is no nil return. Void them first if they are wrong.",
                row.valid,
            )
            % {"count": row.valid}
        )
    if filing.number_batches.unfinished().exists():
        raise NotTaken(_("A file is still being read. Wait for it or cancel it, then declare the nil return."))


def _locked(filing: Filing) -> Filing:
    """Locked first and loaded then: a statement that waits would join the revision that stood before the wait."""
    Filing.objects.select_for_update().values_list("pk").get(pk=filing.pk)
    return Filing.objects.for_page().get(pk=filing.pk)


# -- what the checks say --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """The quarterly filing as it would be submitted now. `last_year` as in `figures.Report`, `remarks` of the last return
    with their bureaus."""

    filing: Filing
    returned: QuarterReturn
    cells: dict[str, dict[str, str]]
    issues: list[Issue]
    explanations: dict[str, str]
    reading: bool
    last_year: int | None
    remarks: list[Remark]

    @property
    def open_remarks(self) -> int:
        return sum(remark.resolution == Remark.Resolution.OPEN for remark in self.remarks)

    @property
    def hard(self) -> list[Issue]:
        return [issue for issue in self.issues if issue.severity == "hard"]

    @property
    def unexplained(self) -> list[Issue]:
        return [issue for issue in self.issues if issue.severity == "verify" and issue.key not in self.explanations]

    @property
    def kept(self) -> dict[str, str]:
        return {issue.key: self.explanations[issue.key] for issue in self.issues if issue.key in self.explanations}

    @property
    def derived(self) -> dict[str, str]:
        """Counts stored with the revision, as strings like every derived value."""
        row = self.returned
        counts = {
            "valid": row.valid, "void": row.void, "replaced": row.replaced, "cma_valid": row.cma_valid,
            "invalid_certificate": row.invalid_certificate,
        }  # fmt: skip
        return {name: str(count) for name, count in counts.items()}

    @property
    def digest(self) -> str:
        """What the signer sees and signs."""
        return digest_of(self.filing.round.scheme.digest, self.cells, self.derived, self.kept)

    @property
    def is_ready(self) -> bool:
        return self.returned.declared is not None and not (
            self.reading or self.hard or self.unexplained or self.open_remarks
        )


def look(filing: Filing, now: dt.datetime | None = None) -> Look:
    """The quarterly filing loaded with `for_page()`, as its page and its submission see it. Writes nothing."""
    returned = figures.return_of(filing)
    last_year = figures.same_quarter_last_year(filing.institution_id, Quarter.parse(filing.round.period))
    cells = {TABLE: _cells(filing, returned, _lists_of(filing))}
    remarks = filing.remarks.filter(decision__isnull=False, revision=filing.revision_id).select_related("bureau")
    return Look(
        filing=filing,
        returned=returned,
        cells=cells,
        issues=issues_of(filing, returned, last_year, cells, now or database_now()),
        explanations=dict(filing.explanations.values_list("key", "text")),
        reading=filing.number_batches.unfinished().exists(),
        last_year=last_year,
        remarks=list(remarks),
    )


def _lists_of(filing: Filing) -> list[str]:
    """Names of what was sent and read, each list once however often it was read. Replacements of single numbers are none."""
    read = filing.number_batches.counted().exclude(source=NumberBatch.Source.SINGLE)
    return list({sha256: name for name, sha256 in read.order_by("id").values_list("name", "sha256")}.values())


def _cells(filing: Filing, returned: QuarterReturn, lists: list[str]) -> dict[str, str]:
    quarter = Quarter.parse(filing.round.period)
    cells = {"Q101": str(quarter.year), "Q102": str(quarter.number)}
    if returned.declared is not None:
        cells["Q103"] = str(returned.declared)
    if returned.nil:
        cells["Q104"] = "1"
    elif lists:
        names = "、".join(lists)
        cells["Q105"] = names if len(names) <= 200 else names[:199] + "…"
    return cells


@dataclass(frozen=True, slots=True)
class Sent:
    """What a revision of a quarterly filing says: the declaration, and the counts of that moment."""

    declared: int
    nil: bool
    files: str
    valid: int
    void: int
    replaced: int
    cma_valid: int
    invalid_certificate: int

    @classmethod
    def of(cls, revision: Revision) -> Sent:
        cells: dict[str, str] = revision.cells[TABLE]
        counts = {name: int(count) for name, count in revision.derived.items()}
        return cls(int(cells.get("Q103", "0")), cells.get("Q104") == "1", cells.get("Q105", ""), **counts)

    @property
    def difference(self) -> int:
        """Valid numbers beyond the declared count; negative when numbers are missing."""
        return self.valid - self.declared


# -- submitting -----------------------------------------------------------------------------------


def submit(*, filing: Filing, by: Membership, version: int, stamp: str, pledged: bool) -> Revision:
    """Store the declaration and the counts as an immutable revision and send it on its route.

    `stamp` is the digest shown to the signer. The same submission sent twice gives one revision.
    """
    with transaction.atomic():
        fresh = _locked(filing)
        latest = fresh.revision
        own = by.institution_id == fresh.institution_id
        if (
            own
            and fresh.state == State.IN_REVIEW
            and latest
            and latest.digest == stamp
            and latest.signer_id == by.user_id
        ):
            return latest
        now = database_now()
        verdict = filing_rules.can_submit(by, fresh, now)
        if not verdict:
            raise NotAllowed(verdict.reason)
        if not pledged:
            raise Incomplete(_("Tick the pledge: the signer confirms that the figures are true and complete."))
        figures.recompute(fresh)
        state = look(fresh, now)
        if state.digest != stamp:
            raise StaleFiling(_("The filing changed after you opened the preview. Look through it again, then sign."))
        refuse_unready(state)
        revision = _store_revision(state, by, now)
        _move(state, revision, by, version, now)
    return revision


def refuse_unready(state: Look) -> None:
    if state.returned.declared is None:
        raise NotReady(_("Say first how many valid reports the quarter had, or declare a nil return."))
    if state.reading:
        raise NotReady(_("A file is still being read. Wait for it or cancel it, then submit."))
    if state.returned.nil and state.returned.valid:
        raise NotReady(
            _("Valid numbers of this quarter are filed, so it is no nil return. Declare their count instead.")
        )
    if state.hard:
        raise NotReady(state.hard[0].message_zh if _chinese() else state.hard[0].message_en)
    if state.unexplained:
        count = len(state.unexplained)
        raise NotReady(
            ngettext(
                "%(count)d finding still needs an explanation.", "%(count)d findings still need an explanation.", count
            )
            % {"count": count}
        )
    if state.open_remarks:
        raise NotReady(
            ngettext(
                "%(count)d remark is not answered yet.", "%(count)d remarks are not answered yet.", state.open_remarks
            )
            % {"count": state.open_remarks}
        )


def _chinese() -> bool:
    from django.utils.translation import get_language

    return not (get_language() or "").startswith("en")


def _store_revision(state: Look, by: Membership, now: dt.datetime) -> Revision:
    filing = state.filing
    last = filing.revisions.order_by("-number").first()
    row = state.returned
    revision = Revision.objects.create(
        filing=filing,
        number=last.number + 1 if last else 1,
        scheme=filing.round.scheme,
        cells=state.cells,
        derived=state.derived,
        figures=[row.declared, row.valid, row.void, row.replaced],
        explanations=state.kept,
        digest=state.digest,
        filer=row.declared_by or by.user,
        signer=by.user,
        pledge=str(PLEDGE),
        late=filing.late
        if filing.revisions.filter(recall=None).exists()
        else filing_rules.is_late(filing.round, now, filing.extended_until),
        repeat=filing.decisions.filter(verdict=Decision.Verdict.RETURN, tier="province").exists(),
    )
    Finding.objects.bulk_create(
        Finding(
            revision=revision,
            key=issue.key,
            check_code=issue.code,
            severity=issue.severity,
            table=TABLE,
            cells=issue.cells,
            message_zh=issue.message_zh,
            message_en=issue.message_en,
            explanation=state.explanations.get(issue.key, ""),
        )
        for issue in state.issues
    )
    return revision


def _move(state: Look, revision: Revision, by: Membership, version: int, now: dt.datetime) -> None:
    filing = state.filing
    route = route_for(filing.reviewing_bureau)
    if state.returned.nil:
        route = route[:1]
    first = entry_step(filing, route)
    apply(
        "submit",
        filing=filing,
        by=by,
        version=version,
        now=now,
        words=Words(details={"revision": revision.number, "digest": revision.digest, "nil": state.returned.nil}),
        revision=revision,
        route=[bureau.pk for bureau in route],
        step=first,
        step_tier=first.tier,
        step_since=now,
        opened_at=None,
        late=revision.late,
        repeat=revision.repeat,
        hard_count=0,
        verify_count=len([issue for issue in state.issues if issue.severity == "verify"]),
        score=0,
    )
    messages.submitted(filing, revision)
