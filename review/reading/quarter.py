"""A quarterly filing as the reviewer reads it: the declaration, the counts, what was refused, sequences, a sample."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page

from institutions.models import Membership
from portal.ui.paging import page_at
from reports.filings.models import Filing, Revision
from reports.numbers import figures
from reports.numbers.models import NumberBatch, ReportNumber
from reports.numbers.pages import Count, lists_read, refused_in
from reports.numbers.sampling import sample_of
from reports.numbers.submitting import Sent
from reports.rounds.quarters import Quarter


@dataclass(frozen=True, slots=True)
class QuarterSheet:
    """`sent` is what was submitted, `before` what the revision before said; the rest is as it stands now.

    `batches` is one page of the lists that were read, `refused` the reasons of all of them.
    Of a nil return there is nothing to look at but the declaration and last year.
    """

    quarter: Quarter
    revision: Revision
    sent: Sent
    before: Sent | None
    report: figures.Report
    batches: Page[NumberBatch] | None
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


def make_quarter(
    filing: Filing, revision: Revision, before: Revision | None, membership: Membership, page: str
) -> QuarterSheet:
    """A fixed number of queries, fewer for a nil return. `page` is what stood in `?page=`."""
    quarter, sent = Quarter.parse(filing.round.period), Sent.of(revision)
    report = figures.report(filing)
    shared = figures.shared_numbers(membership, quarter).filter(institution=filing.institution_id)
    return QuarterSheet(
        quarter=quarter,
        revision=revision,
        sent=sent,
        before=Sent.of(before) if before is not None else None,
        report=report,
        batches=None if sent.nil else page_at(page, lists_read(filing)),
        refused=[] if sent.nil else refused_in(filing),
        sample=[] if sent.nil else sample_of(filing, revision.number),
        shared=0 if sent.nil else shared.count(),
    )
