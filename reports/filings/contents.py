"""The tables of a filing as a list: how far each is, what is open in it, whether it applies at all."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString

from reports.filings.examination import Examination
from reports.filings.findings import open_by_table
from reports.filings.links import rail_of, table_address
from reports.schemes.definition import ANNUAL


@dataclass(frozen=True, slots=True)
class Section:
    """`state` is a code of portal.ui.states: empty, drafting, complete or not_applicable."""

    code: str
    name: str
    url: str
    state: str
    filled: int
    required: int
    hard: int
    verify: int

    @property
    def applies(self) -> bool:
        return self.state != "not_applicable"


@dataclass(frozen=True, slots=True)
class Contents:
    """`at` is the code of the table being read, empty on other pages."""

    sections: list[Section]
    filled: int
    required: int
    at: str = ""

    @property
    def rail(self) -> SafeString:
        """The list of tables as a page shows it."""
        return rail_of(self.sections, self.at)

    def after(self, code: str) -> Section | None:
        """The next applicable table that is not complete, else the next applicable one."""
        codes = [section.code for section in self.sections]
        at = codes.index(code) if code in codes else -1
        later = [section for section in self.sections[at + 1 :] if section.applies]
        return next((section for section in later if section.state != "complete"), later[0] if later else None)

    @property
    def first_open(self) -> Section | None:
        """Where to go on: the first applicable table that is not complete or has errors."""
        return next(
            (one for one in self.sections if one.applies and (one.state != "complete" or one.hard or one.verify)), None
        )


def contents_of(examination: Examination, at: str = "") -> Contents:
    open_counts = open_by_table(examination)
    sections = []
    for table in examination.definition.tables_of(ANNUAL):
        filled, required = examination.progress.get(table.code, (0, 0))
        hard, verify = open_counts.get(table.code, (0, 0))
        url = table_address(examination.filing.public_id, table.code)
        state = _state(examination, table.code, filled, required, hard)
        sections.append(Section(table.code, table.name(), url, state, filled, required, hard, verify))
    pairs = examination.progress.values()
    filled, required = sum(filled for filled, _required in pairs), sum(required for _filled, required in pairs)
    return Contents(sections, filled, required, at)


def _state(examination: Examination, code: str, filled: int, required: int, hard: int) -> str:
    if code not in examination.tables:
        return "not_applicable"
    if filled >= required and not hard:
        return "complete"
    return "drafting" if filled or examination.drafts[code].version else "empty"
