"""A row of the queue and the panel beside it, ready for the template."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from reports.filings.models import Filing, Finding, State
from reports.rounds.models import Kind, Round
from reports.schemes.definition import SchemeDefinition
from review.queue.changes import Moved, main_figures, most_moved
from review.queue.waiting import LONG, days_waited

#: Findings that the panel shows; the rest is on the page of the filing.
SHOWN = 2


@dataclass(frozen=True, slots=True)
class Row:
    filing: Filing
    size: str
    days: int | None
    moved: Moved | None
    share: str

    @property
    def is_long(self) -> bool:
        return self.days is not None and self.days > LONG

    @property
    def is_clean(self) -> bool:
        return self.filing.state == State.IN_REVIEW and not self.filing.verify_count

    @property
    def ticket(self) -> str:
        """What a bulk pass sends for this row: the filing, and what the reviewer saw of it."""
        revision = self.filing.revision
        return f"{self.filing.public_id}:{self.filing.version}:{revision.number if revision else 0}"


@dataclass(frozen=True, slots=True)
class Peek:
    filing: Filing
    figures: list[Moved]
    findings: list[Finding]
    more: int


def schemes_of(round: Round) -> tuple[SchemeDefinition, SchemeDefinition]:
    """Of the round and of the one before; the same twice where there is none before."""
    now = round.scheme.definition
    return now, round.previous.scheme.definition if round.previous is not None else now


def size_of(filing: Filing, definition: SchemeDefinition) -> str:
    """Size class of the submission, in words."""
    revision = filing.revision
    code = revision.derived.get("A218") if revision is not None else None
    item = definition.indicator_by_code.get("A218")
    option = item.option_by_code.get(code) if item is not None and code else None
    return option.label() if option is not None else ""


def rows_of(filings: list[Filing], round: Round, now: dt.datetime) -> list[Row]:
    this, last = schemes_of(round)
    quarterly = round.kind == Kind.QUARTERLY_NUMBERS
    top = max((filing.score for filing in filings), default=Decimal(0))
    return [
        Row(
            filing=filing,
            size=size_of(filing, this),
            days=days_waited(filing.step_since, now) if filing.step_since and filing.state == State.IN_REVIEW else None,
            moved=most_moved(main_figures(filing, this, last, quarterly=quarterly))
            if filing.revision is not None
            else None,
            share=f"{filing.score * 60 / top:.1f}" if top else "0",
        )
        for filing in filings
    ]


def peek_of(filing: Filing, round: Round) -> Peek:
    """One query: the findings."""
    findings = list(filing.revision.findings.exclude(severity="info")) if filing.revision is not None else []
    quarterly = round.kind == Kind.QUARTERLY_NUMBERS
    moved = main_figures(filing, *schemes_of(round), quarterly=quarterly)
    return Peek(filing, moved, findings[:SHOWN], max(len(findings) - SHOWN, 0))
