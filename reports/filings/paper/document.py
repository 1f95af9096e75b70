"""What a filing's paper is made of, and the paper as HTML for `portal.paper.engine`.

A revision is printed as it was sent, with the code that leads to the public check; the draft is marked as such on every page.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reports.filings import receipts
from reports.filings.examination import Examination, examine
from reports.filings.grid import Grid
from reports.filings.models import Filing, Finding, Revision
from reports.filings.views_history import as_sent
from reports.filings.views_sending import grids_of

WIDE = 7  # a table with more columns lies on its side


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table on paper. `marks` is (mark, value) of the scheme."""

    grid: Grid
    marks: list[tuple[str, str]]

    @property
    def wide(self) -> bool:
        return len(self.grid.heads) > WIDE

    @property
    def cells(self) -> int:
        return sum(1 for _cell in self.grid.cells)


@dataclass(frozen=True, slots=True)
class Paper:
    """`revision` None is the draft; `findings` are those sent along with an explanation; `internal` when a bureau asked."""

    filing: Filing
    revision: Revision | None
    scheme: str
    sheets: list[Sheet]
    findings: list[Finding]
    internal: bool = False

    @property
    def params(self) -> dict[str, int]:
        """Of the job that prints it."""
        return {"filing": self.filing.pk, "revision": self.revision.number if self.revision else 0}

    @property
    def cells(self) -> int:
        """How much there is to set."""
        return sum(sheet.cells for sheet in self.sheets)

    @property
    def code(self) -> str:
        return receipts.code_of(self.revision) if self.revision else ""

    @property
    def qr(self) -> SafeString | None:
        return receipts.qr_of(receipts.check_address(self.revision)) if self.revision else None

    @property
    def digest(self) -> list[str]:
        return receipts.digest_groups(self.revision) if self.revision else []

    @property
    def name(self) -> str:
        """Of the file."""
        which = _("revision %(number)d") % {"number": self.revision.number} if self.revision else _("draft")
        return f"{self.filing.institution.name} {self.filing.round.title} {which}.pdf"


def of_revision(revision: Revision, *, internal: bool) -> Paper:
    """`revision` with its filing as `for_page()` loads it, filer and signer."""
    return _paper(
        as_sent(revision.filing, revision), revision, list(revision.findings.exclude(explanation="")), internal
    )


def of_draft(filing: Filing) -> Paper:
    return _paper(examine(filing), None, [])


def _paper(
    examination: Examination, revision: Revision | None, findings: list[Finding], internal: bool = False
) -> Paper:
    sheets = [Sheet(grid, grid.table.legal_marks()) for grid in grids_of(examination)]
    return Paper(examination.filing, revision, examination.definition.title(), sheets, findings, internal)


def html_of(paper: Paper) -> str:
    """In the active language."""
    return render_to_string("filings/paper/tables.html", {"paper": paper})


def receipt_html(revision: Revision) -> str:
    address = receipts.check_address(revision)
    context = {
        "revision": revision,
        "filing": revision.filing,
        "digest": receipts.digest_groups(revision),
        "code": receipts.code_of(revision),
        "address": address,
        "qr": receipts.qr_of(address),
    }
    return render_to_string("filings/paper/receipt.html", context)


def receipt_name(revision: Revision) -> str:
    return _("Receipt %(number)s.pdf") % {"number": revision.receipt_number}
