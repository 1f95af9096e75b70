"""The statistics of the same institution and year, as the annual report reads them: never typed, named by their digest.

The report keeps the digest of the revision whose summary it gives (R401). When another revision was filed since, or none
stands filed any more, the check says so (K122).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.filings.models import Filing, Revision, State
from reports.rounds.models import Kind
from reports.schemes.values import show_value

if TYPE_CHECKING:
    from reports.filings.drafts import TableDraft

TABLE, SUMMARY = "AR", "R401"
#: The summary: persons, laboratories and equipment, income, reports. Codes that a scheme does not have are left out.
MAIN = ("A301", "A335", "W201", "W211", "S201", "E201", "E202", "E215", "X001", "W301")
FILED = (State.IN_REVIEW, State.RETURNED, State.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Statistics:
    """`filing` is the statistical filing, if there is one; `latest` its revision as it stands filed; `drawn` the one whose
    summary the report gives."""

    filing: Filing | None
    latest: Revision | None
    drawn: Revision | None

    @property
    def current(self) -> bool:
        return self.latest is not None and self.drawn is not None and self.latest.pk == self.drawn.pk

    @property
    def figures(self) -> list[tuple[str, str, str, str]]:
        """(code, name, unit, value as shown) of the summary."""
        if self.drawn is None:
            return []
        definition, found = self.drawn.scheme.definition, self.drawn.derived | _single(self.drawn)
        items = (definition.indicator_by_code[code] for code in MAIN if found.get(code))
        return [(item.code, item.name(), item.unit_name(), show_value(item, found[item.code])) for item in items]


def _single(revision: Revision) -> dict[str, str]:
    return {code: value for cells in revision.cells.values() if "rows" not in cells for code, value in cells.items()}


def latest(filing: Filing) -> tuple[Filing | None, Revision | None]:
    """The statistical filing of the year with its revision, while that stands filed. One query."""
    found = (
        Filing.objects.filter(
            institution=filing.institution_id,
            round__kind=Kind.ANNUAL_STATISTICS,
            round__period=str(filing.round.year),
        )
        .select_related("revision__scheme")
        .defer("revision__scheme__content")
        .first()
    )
    return found, found.revision if found is not None and found.state in FILED else None


def statistics_of(filing: Filing, digest: str | None) -> Statistics:
    """`digest` is what the report keeps. Nothing is asked for filings that are no annual report."""
    if filing.round.kind != Kind.ANNUAL_REPORT:
        return Statistics(None, None, None)
    own, standing = latest(filing)
    if own is None or not digest:
        return Statistics(own, standing, None)
    if standing is not None and standing.digest == digest:
        return Statistics(own, standing, standing)
    drawn = Revision.objects.select_related("scheme").defer("scheme__content").filter(filing=own, digest=digest)
    return Statistics(own, standing, drawn.order_by("-number").first())


def kept_digest(drafts: Mapping[str, TableDraft]) -> str | None:
    draft = drafts.get(TABLE)
    return draft.cells.get(SUMMARY) if draft is not None else None


def facts(found: Statistics, filing: Filing) -> dict[str, Any]:
    return {"statistics_current": found.current} if filing.round.kind == Kind.ANNUAL_REPORT else {}
