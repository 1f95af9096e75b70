"""A quarterly filing as the reviewer reads it: the declaration, the counts, what was refused, sequences, a sample."""

from __future__ import annotations

from dataclasses import dataclass

from institutions.models import Membership
from reports.filings.models import Filing, Revision
from reports.numbers import figures
from reports.numbers.models import NumberBatch, ReportNumber
from reports.numbers.pages import BatchRow, Count, batch_rows, counts_of
from reports.numbers.sampling import sample_of
from reports.numbers.submitting import Sent
from reports.rounds.quarters import Quarter


@dataclass(frozen=True, slots=True)
class QuarterSheet:
    """`sent` is what was submitted, `before` what the revision before said; the rest is as it stands now.

    Of a nil return there is nothing to look at but the declaration and last year.
    """

    quarter: Quarter
    revision: Revision
    sent: Sent
    before: Sent | None
    report: figures.Report
    batches: list[BatchRow]
    refused: list[Count]
    sample: list[ReportNumber]
    shared: int

    @property
    def patterns(self) -> list[dict]:
        found: list[dict] = self.report.returned.patterns
        return found

    @property
    def moved(self) -> bool:
        """Numbers were voided, replaced or added since it was submitted."""
        return self.report.returned.valid != self.sent.valid


def make_quarter(filing: Filing, revision: Revision, before: Revision | None, membership: Membership) -> QuarterSheet:
    """A fixed number of queries, fewer for a nil return."""
    quarter, sent = Quarter.parse(filing.round.period), Sent.of(revision)
    report = figures.report(filing)
    batches = [] if sent.nil else [row for row in batch_rows(filing) if row.batch.state == NumberBatch.State.DONE]
    refused: dict[str, int] = {}
    for row in batches:
        for code, count in row.batch.causes.items():
            refused[code] = refused.get(code, 0) + count
    shared = figures.shared_numbers(membership, quarter).filter(institution=filing.institution_id)
    return QuarterSheet(
        quarter=quarter,
        revision=revision,
        sent=sent,
        before=Sent.of(before) if before is not None else None,
        report=report,
        batches=batches,
        refused=counts_of(refused),
        sample=[] if sent.nil else sample_of(filing, revision.number),
        shared=0 if sent.nil else shared.count(),
    )
