"""Everything the page of one filing shows a bureau."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.http import QueryDict

from institutions.models import Bureau, Membership
from portal.rules import Verdict
from reports.annual.heads import Report
from reports.filings import rules
from reports.filings.models import Filing, Finding, Recall, Remark
from reports.filings.passing import nothing_open
from reports.rounds.models import Kind
from review.queue.queries import following
from review.reading.answers import Answered, answered
from review.reading.forms import reasons_for
from review.reading.lines import VIEWS, Line, Section, Sheet, make_sheet
from review.reading.peers import peers_of
from review.reading.quarter import QuarterSheet, make_quarter
from review.reading.route import Act, Station, acts, stations

#: What was submitted, by kind of round.
BODIES = {
    Kind.ANNUAL_STATISTICS: "review/_figures.html",
    Kind.ANNUAL_REPORT: "review/_report.html",
    Kind.QUARTERLY_NUMBERS: "review/_quarter.html",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A remark as typed, kept when it is refused; `cell` is a line's key, "" for the whole filing. `wrong` is by field."""

    cell: str = ""
    reason: str = ""
    text: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opinion:
    """The words with a decision as typed, and why the decision was refused."""

    text: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """`unsent` are the reader's own remarks for the next return; `sent` those that went with the last returns."""

    filing: Filing
    sheet: Sheet | None
    quarter: QuarterSheet | None
    report: Report | None
    view: str
    sections: list[Section]
    findings: list[Finding]
    unsent: list[Remark]
    sent: list[Answered]
    stations: list[Station]
    acts: list[Act]
    may_judge: Verdict
    may_pass: Verdict
    may_reopen: Verdict
    may_excuse: Verdict
    next: Filing | None
    typed: Typed | None
    opinion: Opinion
    lines_by_key: dict[str, Line] = field(default_factory=dict)

    @property
    def body(self) -> str:
        """Template of what was submitted, by kind of round; empty where nothing was."""
        return BODIES[Kind(self.filing.round.kind)] if self.filing.revision is not None else ""

    @property
    def revision_number(self) -> int:
        return self.filing.revision.number if self.filing.revision is not None else 0

    @property
    def views(self) -> list[tuple[str, int]]:
        """The views that have something to show, with the number of their lines."""
        if self.sheet is None:
            return []
        counts = [(view, self.sheet.count(view)) for view in VIEWS]
        return [(view, count) for view, count in counts if count or view != "changed"]

    @property
    def explained(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "verify"]

    @property
    def notes(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "info"]

    @property
    def to_judge(self) -> int:
        return sum(1 for finding in self.explained if finding.verdict == Finding.Verdict.OPEN)

    @property
    def typed_outside(self) -> bool:
        """Whether the remark being written belongs to no line of the sheet as shown."""
        return self.typed is not None and self.typed.cell not in self.lines_by_key

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return reasons_for(self.filing.round.kind)


def build(
    filing: Filing,
    membership: Membership,
    params: QueryDict,
    now: dt.datetime,
    typed: Typed | None = None,
    opinion: Opinion | None = None,
) -> Reading:
    """`filing` comes from `for_page()`. A fixed number of queries whatever the filing holds."""
    revisions = list(filing.revisions.select_related("filer", "signer").order_by("number"))
    decisions = list(filing.decisions.select_related("bureau").order_by("id"))
    remarks = list(filing.remarks.select_related("bureau", "by").order_by("id"))
    unsent = [
        r for r in remarks if r.decision_id is None and r.bureau_id == membership.bureau_id and _current(r, filing)
    ]
    sent = [r for r in remarks if r.decision_id is not None]
    findings = list(filing.revision.findings.all()) if filing.revision is not None else []
    earlier = [revision for revision in revisions if filing.revision and revision.number < filing.revision.number]
    sheet = quarter = report = None
    if filing.revision is not None:
        before = earlier[-1] if earlier else None
        if filing.round.kind == Kind.QUARTERLY_NUMBERS:
            quarter = make_quarter(filing, filing.revision, before, membership, params.get("page", ""))
        else:
            annual = filing.round.kind == Kind.ANNUAL_STATISTICS
            peers = peers_of(filing) if annual else None
            sheet = make_sheet(filing, filing.revision, before, peers, findings, unsent)
            report = None if annual else Report.as_sent(filing, filing.revision)
    view = params.get("view", "")
    view = view if view in VIEWS else "all" if report is not None else "flagged"
    if view == "changed" and (sheet is None or not sheet.count(view)):
        view = "flagged"
    sections = sheet.seen(view) if sheet is not None else []
    recalls = list(Recall.objects.filter(revision__filing=filing).select_related("by"))
    can_review = rules.can_review(membership, filing, now)
    return Reading(
        filing=filing,
        sheet=sheet,
        quarter=quarter,
        report=report,
        view=view,
        sections=sections,
        findings=findings,
        unsent=unsent,
        sent=answered(filing, sent, revisions, recalls),
        stations=stations(filing, decisions, Bureau.objects.in_bulk(filing.route), now),
        acts=acts(filing, revisions, decisions, recalls, sent),
        may_judge=can_review,
        may_pass=nothing_open(filing, membership.bureau_id) if can_review else can_review,
        may_reopen=rules.can_reopen(membership, filing, now),
        may_excuse=rules.can_excuse(membership, filing, now),
        next=following(filing, membership),
        typed=typed or _asked_for(params),
        opinion=opinion or Opinion(),
        lines_by_key={line.key: line for section in sections for line in section.lines},
    )


def _current(remark: Remark, filing: Filing) -> bool:
    return remark.revision_id == filing.revision_id


def _asked_for(params: QueryDict) -> Typed | None:
    """A remark about to be written: `?remark=JC02::E215`; "all" is the whole filing."""
    cell = params.get("remark", "")
    return Typed(cell="" if cell == "all" else cell[:60]) if cell else None
