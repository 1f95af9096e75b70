"""The figures of a filing as the reviewer reads them: this year, last year, peers, findings, remarks, corrections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from reports.filings.models import Filing, Finding, Remark, Revision
from reports.filings.series import last_year
from reports.schemes.checking import Cells, applicable_tables, visible_indicators
from reports.schemes.definition import Indicator, SchemeDefinition, TableDefinition
from reports.schemes.structured import StoredFile, files_of
from reports.schemes.values import show_value
from review.queue.changes import number
from review.reading.peers import Peers, Strip, strip

#: Shown also without a flag: persons, money, instruments, reports, and the figures derived from them.
MAIN = frozenset(
    ("A301", "A335", "E111", "E201", "E202", "E215", "E231", "E301", "S201", "S211", "G201", "G203",
     "W201", "W211", "W301", "W504", "X001", "X003", "X005")
)  # fmt: skip
VIEWS = ("flagged", "changed", "all")


@dataclass(slots=True)
class Line:
    """One cell. `key` is "JC02::E215", or "JC01-1:c7:B101" in a row; `was` the value of the revision before, if another."""

    table: str
    row_id: str
    indicator: Indicator
    this: str
    last: str
    this_number: Decimal | None = None
    last_number: Decimal | None = None
    was: str | None = None
    peer: Strip | None = None
    median: Decimal | None = None
    findings: list[Finding] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    files: list[StoredFile] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.table}:{self.row_id}:{self.indicator.code}"

    @property
    def is_flagged(self) -> bool:
        return bool(self.findings or self.remarks) or self.was is not None

    @property
    def doubts(self) -> bool:
        return any(finding.severity == "verify" for finding in self.findings)


@dataclass(slots=True)
class Section:
    """A table, or one row of a repeating table."""

    title: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`before` is the revision before this one, if there is one."""

    filing: Filing
    revision: Revision
    before: Revision | None
    peers: Peers | None
    sections: list[Section]

    def seen(self, view: str) -> list[Section]:
        """Only the lines of the view, and only sections that have any."""
        chosen = {
            "flagged": lambda line: line.is_flagged or (line.indicator.code in MAIN and (line.this or line.last)),
            "changed": lambda line: line.was is not None,
            "all": lambda line: True,
        }[view]
        sections = [
            Section(section.title, [line for line in section.lines if chosen(line)]) for section in self.sections
        ]
        return [section for section in sections if section.lines]

    def count(self, view: str) -> int:
        return sum(len(section.lines) for section in self.seen(view))

    def find(self, key: str) -> Line | None:
        return next((line for section in self.sections for line in section.lines if line.key == key), None)


def make_sheet(
    filing: Filing,
    revision: Revision,
    before: Revision | None,
    peers: Peers | None,
    findings: list[Finding],
    remarks: list[Remark],
) -> Sheet:
    """No queries: everything is given."""
    definition = filing.round.scheme.definition
    last = last_year(filing)
    builder = _Builder(definition, filing.round.kind, revision, before, last, peers)
    sections = [section for section in builder.sections() if section.lines]
    lines = {line.key: line for section in sections for line in section.lines}
    for finding in findings:
        for table, row_id, code in finding.cells:
            if (line := lines.get(f"{table}:{row_id or ''}:{code}")) is not None:
                line.findings.append(finding)
    for remark in remarks:
        if (line := lines.get(f"{remark.table}:{remark.row_id}:{remark.indicator}")) is not None:
            line.remarks.append(remark)
    return Sheet(filing, revision, before, peers, sections)


@dataclass(frozen=True)
class _Builder:
    definition: SchemeDefinition
    kind: str
    revision: Revision
    before: Revision | None
    last: Revision | None
    peers: Peers | None

    def sections(self) -> Iterator[Section]:
        cells = Cells.from_tables(self.revision.cells)
        last = Cells.from_tables(self.last.cells) if self.last is not None else None
        for table in applicable_tables(self.definition, cells, kind=self.kind):
            if table.repeating:
                yield from self._rows(table, cells, last)
            else:
                items = visible_indicators(table, cells, previous=last)
                yield Section(f"{table.code} {table.name()}", [self._line(table, "", item) for item in items])
        derived = [item for item in self.definition.computed if item.table not in self.revision.cells]
        lines = [self._computed(item) for item in derived if self.revision.derived.get(item.code)]
        yield Section(_("Computed by the system"), lines)

    def _rows(self, table: TableDefinition, cells: Cells, last: Cells | None) -> Iterator[Section]:
        """Rows are matched with last year's and the revision before by their ids."""
        for position, row in enumerate(cells.rows.get(table.code, ()), start=1):
            items = visible_indicators(table, cells, row["id"], last)
            title = _("%(table)s, row %(number)d") % {"table": f"{table.code} {table.name()}", "number": position}
            yield Section(title, [self._line(table, row["id"], item) for item in items])

    def _line(self, table: TableDefinition, row_id: str, item: Indicator) -> Line:
        this, last = _stored(self.revision, table, row_id, item), _stored(self.last, table, row_id, item)
        line = Line(table.code, row_id, item, show_value(item, this), show_value(item, last))
        if item.dtype == "file":
            line.files = files_of(this)
        if self.before is not None and not item.computed:
            was = _stored(self.before, table, row_id, item)
            line.was = (show_value(item, was) or _("blank")) if was != this else None
        return self._with_numbers(line, this, last)

    def _computed(self, item: Indicator) -> Line:
        this = self.revision.derived.get(item.code)
        last = self.last.derived.get(item.code) if self.last is not None else None
        line = Line(item.table, "", item, show_value(item, this), show_value(item, last))
        return self._with_numbers(line, this, last)

    def _with_numbers(self, line: Line, this: str | None, last: str | None) -> Line:
        if not line.indicator.numeric:
            return line
        line.this_number, line.last_number = number(this), number(last)
        box = self.peers.boxes.get(line.indicator.code) if self.peers is not None and not line.row_id else None
        if box is not None and line.this_number is not None:
            line.peer, line.median = strip(box, line.this_number, line.last_number), box.median
        return line


def _stored(revision: Revision | None, table: TableDefinition, row_id: str, item: Indicator) -> str | None:
    if revision is None:
        return None
    if item.computed:
        return revision.derived.get(item.code) if not row_id else None
    cells: Mapping[str, Any] = revision.cells.get(table.code, {})
    if row_id:
        cells = next((row for row in cells.get("rows", ()) if row["id"] == row_id), {})
    return cells.get(item.code)
