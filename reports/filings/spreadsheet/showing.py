"""The comparison as its page shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby

from reports.filings.spreadsheet.comparing import Comparison
from reports.filings.spreadsheet.difference import Change, TableDifference
from reports.schemes.checking import Failure

#: Findings and cells changed since that the page lists; the marked copy has all.
MOST = 30


@dataclass(frozen=True, slots=True)
class Line:
    """Changes under one tick box: one cell, or a whole line of a long table. `ticked` unless somebody changed it since."""

    box: str
    changes: tuple[Change, ...]

    @property
    def first(self) -> Change:
        return self.changes[0]

    @property
    def others(self) -> tuple[Change, ...]:
        return self.changes[1:]

    @property
    def clash(self) -> bool:
        return any(change.clash for change in self.changes)


@dataclass(frozen=True, slots=True)
class Section:
    own: TableDifference
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Page:
    comparison: Comparison
    sections: tuple[Section, ...]
    findings: tuple[Failure, ...]
    more_findings: int
    seen: str

    @property
    def clean(self) -> bool:
        """Nothing to save and nothing wrong with the file."""
        return not (self.sections or self.comparison.difference.unreadable)


def page_of(comparison: Comparison) -> Page:
    findings = [*comparison.hard, *comparison.verify]
    sections = tuple(Section(own, _lines(own.changes)) for own in comparison.difference.tables)
    seen = {code: draft.version for code, draft in comparison.examination.drafts.items()}
    return Page(comparison, sections, tuple(findings[:MOST]), max(0, len(findings) - MOST), json.dumps(seen))


def _lines(changes: list[Change]) -> tuple[Line, ...]:
    return tuple(Line(box, tuple(group)) for box, group in groupby(changes, key=lambda change: change.box))
