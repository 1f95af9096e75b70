"""The annual report on paper: the draft is what is signed and sealed, a revision what was sent."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reports.annual.heads import Report
from reports.filings import receipts
from reports.filings.models import Filing, Revision
from reports.filings.statistics import Statistics


@dataclass(frozen=True)
class Paper:
    """`revision` None is the draft."""

    filing: Filing
    report: Report
    revision: Revision | None = None

    @property
    def statistics(self) -> Statistics:
        return self.report.examination.statistics

    @property
    def marks(self) -> list[tuple[str, str]]:
        return self.report.table.legal_marks()

    @property
    def text_digest(self) -> list[str]:
        """Of the answers, without the files and the pledge, in groups of eight: the same before and after the scan."""
        return _groups(self.report.content_digest)

    @property
    def statistics_digest(self) -> list[str]:
        return _groups(self.statistics.drawn.digest) if self.statistics.drawn is not None else []

    @property
    def code(self) -> str:
        return receipts.code_of(self.revision) if self.revision is not None else ""

    @property
    def qr(self) -> SafeString | None:
        return receipts.qr_of(receipts.check_address(self.revision)) if self.revision is not None else None

    @property
    def name(self) -> str:
        """Of the file."""
        which = _("revision %(number)d") % {"number": self.revision.number} if self.revision else _("to sign and seal")
        return f"{self.filing.institution.name} {self.filing.round.title} {which}.pdf"


def _groups(digest: str) -> list[str]:
    return [digest[at : at + 8] for at in range(0, len(digest), 8)]


def html_of(paper: Paper) -> str:
    """In the active language."""
    return render_to_string("annual/paper/report.html", {"paper": paper})
