"""What a try-out found, as its page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports.filings.models import Filing
from reports.schemes.definition import SchemeDefinition
from reports.schemes.helptexts import CheckCard, cards
from reports.versions.models import SchemeTrial

FAILS, SILENT, IDLE = "fails", "silent", "idle"
VIEWS = (FAILS, SILENT, IDLE)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """`then` is in how many filings it stood when they were sent; `fresh` marks a check that the version before lacks."""

    card: CheckCard
    asked: int
    failed: int
    blank: int
    then: int
    fresh: bool
    examples: list[Filing]

    @property
    def view(self) -> str:
        """FAILS where it failed, SILENT where it was answered and never failed, IDLE where it was never answered."""
        if self.failed:
            return FAILS
        return SILENT if self.asked > self.blank else IDLE


@dataclass(frozen=True, slots=True)
class CellLine:
    code: str
    name: str
    table: str
    failed: int
    examples: list[Filing]


@dataclass(frozen=True, slots=True)
class Found:
    filings: int
    blocked: int
    doubtful: int
    lines: list[CheckLine]
    missing: list[CellLine]
    unread: list[CellLine]

    def of(self, view: str) -> list[CheckLine]:
        chosen = [line for line in self.lines if line.view == view]
        return sorted(chosen, key=lambda line: (-line.failed, line.card.code)) if view == FAILS else chosen

    @property
    def counts(self) -> dict[str, int]:
        return {view: sum(1 for line in self.lines if line.view == view) for view in VIEWS}


def found_of(trial: SchemeTrial, definition: SchemeDefinition, filings: Iterable[Filing]) -> Found | None:
    """`filings` are those that may be named, with their institutions; None while nothing was found yet."""
    told: Mapping[str, Any] | None = trial.result
    if told is None:
        return None
    known = {filing.pk: filing for filing in filings}
    before = {row.get("code") for row in (trial.scheme.base.content.get("checks", ()) if trial.scheme.base else ())}

    def named(ids: list[int]) -> list[Filing]:
        return [known[pk] for pk in ids if pk in known]

    def cells(rows: Mapping[str, list[Any]]) -> list[CellLine]:
        lines = [
            CellLine(code, item.name(), item.table, row[1], named(row[3]))
            for code, row in rows.items()
            if (item := definition.indicator_by_code.get(code)) is not None
        ]
        return sorted(lines, key=lambda line: (-line.failed, line.code))

    by_code = {card.code: card for card in cards(definition.checks)}
    lines = [
        CheckLine(
            by_code[code],
            asked,
            failed,
            blank,
            told["then"].get(code, 0),
            bool(before) and code not in before,
            named(ids),
        )
        for code, (asked, failed, blank, ids) in told["checks"].items()
        if code in by_code
    ]
    return Found(
        told["filings"], told["blocked"], told["doubtful"], lines, cells(told["missing"]), cells(told["unread"])
    )


def ids_of(trial: SchemeTrial) -> set[int]:
    """Filings that the result names."""
    told = trial.result or {}
    return {pk for part in ("checks", "missing", "unread") for row in told.get(part, {}).values() for pk in row[3]}
