"""The checks of a draft over filings that were accepted: which would fail, which say nothing, which never come to speak.

Pure over given filings; who asks and where the answer is kept is in `actions_trials` and `tasks`.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from reports.filings import statistics
from reports.filings.examination import facts_for
from reports.filings.models import Filing
from reports.filings.series import carried
from reports.rounds.models import Kind
from reports.schemes.checking import CONTEXT, Cells, Env
from reports.schemes.definition import ANNUAL, DERIVED, HARD, REPORT, VERIFY, Check, SchemeDefinition
from reports.schemes.values import NOT_APPLICABLE

#: Filings named for each check, so that somebody can look at what it found.
EXAMPLES = 3
#: Kinds of round whose filings can be tried, with the kinds of table whose checks are asked.
ASKED = {Kind.ANNUAL_STATISTICS: (ANNUAL, DERIVED), Kind.ANNUAL_REPORT: (REPORT,)}


@dataclass(slots=True)
class Tally:
    """Of one check over all filings: in how many it was asked, in how many it failed, and in how many a value was missing."""

    asked: int = 0
    failed: int = 0
    blank: int = 0
    examples: list[int] = field(default_factory=list)

    def fail(self, filing: int) -> None:
        self.failed += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(filing)


@dataclass(slots=True)
class Outcome:
    """`checks` by code; `missing` are required cells without an answer and `unread` values that are none any more, by indicator."""

    filings: int = 0
    blocked: int = 0
    doubtful: int = 0
    checks: dict[str, Tally] = field(default_factory=dict)
    missing: dict[str, Tally] = field(default_factory=dict)
    unread: dict[str, Tally] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        def rows(found: dict[str, Tally]) -> dict[str, list[Any]]:
            return {code: [one.asked, one.failed, one.blank, one.examples] for code, one in sorted(found.items())}

        return {
            "filings": self.filings,
            "blocked": self.blocked,
            "doubtful": self.doubtful,
            "checks": rows(self.checks),
            "missing": rows(self.missing),
            "unread": rows(self.unread),
        }


class Trial:
    """Built once for a draft and a kind of round; `add` takes one filing after the other, loaded with revision, institution,
    round and last year."""

    def __init__(self, definition: SchemeDefinition, kind: str = Kind.ANNUAL_STATISTICS) -> None:
        self.definition, self.kind = definition, kind
        self.asked = checks_of(definition, kind)
        codes = dict.fromkeys(check.code for check in self.asked)
        self.outcome = Outcome(checks={code: Tally() for code in codes})

    def add(self, filing: Filing) -> None:
        if filing.revision is None:
            return
        with decimal.localcontext(CONTEXT):
            env = self._env(filing)
            hard, verify = self._checks(env, filing.pk)
            hard |= self._cells(env, filing.pk)
        self.outcome.filings += 1
        self.outcome.blocked += hard
        self.outcome.doubtful += verify and not hard

    def _env(self, filing: Filing) -> Env:
        assert filing.revision is not None
        now = carried(filing.revision, self.definition)
        last = filing.last_accepted
        before = Cells.from_tables(carried(last, self.definition).cells) if last is not None else None
        tables, facts = now.cells, facts_for(filing, now.cells)
        if self.kind == Kind.ANNUAL_REPORT:
            beside = statistics.statistics_of(filing, now.cells.get(statistics.TABLE, {}).get(statistics.SUMMARY))
            facts = replace(facts, **statistics.facts(beside, filing))
            if beside.drawn is not None:
                tables = carried(beside.drawn, self.definition).cells | tables
        return Env(self.definition, Cells.from_tables(tables), before, facts)

    def _checks(self, env: Env, filing: int) -> tuple[bool, bool]:
        """(whether one that must be corrected failed, whether one that must be explained did)."""
        answers: dict[str, set[bool | None]] = {}
        severe: set[str] = set()
        for check in self.asked:
            found = _answers(env, check)
            answers.setdefault(check.code, set()).update(found)
            if False in found:
                severe.add(check.severity)
        for code, found in answers.items():
            tally = self.outcome.checks[code]
            tally.asked += bool(found)
            if False in found:
                tally.fail(filing)
            elif found == {None}:
                tally.blank += 1
        return HARD in severe, VERIFY in severe

    def _cells(self, env: Env, filing: int) -> bool:
        missing: set[str] = set()
        tables = [table for table in self.definition.tables_of(self.kind) if env.applies(table)]
        for table in tables:
            for _row_id, stored, converted in env.lines(table):
                missing |= {
                    item.code
                    for item in table.indicators
                    if stored.get(item.code) in (None, "", NOT_APPLICABLE) and item.is_required(env, converted)
                }
        here = {table.code for table in tables}
        unread = {trouble.indicator.code for trouble in env.troubles if trouble.indicator.table in here}
        for codes, found in ((missing - unread, self.outcome.missing), (unread, self.outcome.unread)):
            for code in codes:
                found.setdefault(code, Tally()).fail(filing)
        return bool(missing or unread)


def checks_of(definition: SchemeDefinition, kind: str) -> list[Check]:
    """Those of the forms of a round; checks on derived figures go with the statistics."""
    kinds = {table.code: table.kind for table in definition.tables}
    return [check for check in definition.checks if kinds[check.table] in ASKED[Kind(kind)]]


def _answers(env: Env, check: Check) -> set[bool | None]:
    """What the check answers, line by line: true, false, or None where a value is missing; empty where it rests."""
    table = env.scheme.table_by_code[check.table]
    if check.rule is None or (table.kind != DERIVED and not env.applies(table)):
        return set()
    lines: Iterable[Any] = env.rows.get(check.table, ()) if check.per_row else (None,)
    found: set[bool | None] = set()
    for row in lines:
        if check.when_rule is None or check.when_rule.run(env, row) is True:
            answer = check.rule.run(env, row)
            found.add(answer if isinstance(answer, bool) else None)
    return found
