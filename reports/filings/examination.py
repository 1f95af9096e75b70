"""The state of a filing's draft as the checks see it: findings, explanations, remarks, progress, readiness.

Computed when asked, never stored: what is stored are the cells and the explanations.
"""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.functional import cached_property

from reports.filings import outside, remembered, statistics
from reports.filings.cellkeys import CellKey, put_value
from reports.filings.differences import Difference
from reports.filings.drafts import TableDraft, load_drafts
from reports.filings.mending import Standing, changes_for
from reports.filings.models import Filing, Remark, Revision
from reports.filings.series import last_year
from reports.filings.statistics import Statistics
from reports.schemes.checking import Cells, Env, Facts, Failure, applicable_tables, derive, progress, run_checks
from reports.schemes.definition import REPORT, SchemeDefinition, TableDefinition
from reports.schemes.explanations import same_words
from reports.schemes.failures import REQUIRED
from reports.schemes.values import NOT_APPLICABLE


def facts_for(filing: Filing, tables: outside.Tables) -> Facts:
    """What checks of the tables know from outside the cells: the period, the register, the roster."""
    return Facts.for_year(
        filing.round.year,
        institution_uscc=filing.institution.uscc,
        registered_certificates=frozenset(filing.registered_certificates),
        # The database holds one filing per institution and one institution per code, so no other can exist.
        other_filings=0,
        **outside.facts(filing, tables),
    )


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: the text that digests cover."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(*parts: Any) -> str:
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def figures_of(definition: SchemeDefinition, cells: Cells) -> list[Decimal | None]:
    """The typed numbers in the order of `definition.figures`; None where blank or not applicable."""
    stored = (cells.single.get(code) for code in definition.figures)
    return [Decimal(value) if value and value != NOT_APPLICABLE else None for value in stored]


def _with_unread(draft: TableDraft) -> dict[str, Any]:
    """The table's cells with what could not be read standing in its cell as typed."""
    if not draft.unread:
        return draft.cells
    cells = deepcopy(draft.cells)
    for name, raw in draft.unread.items():
        put_value(cells, CellKey.parse(name), raw)
    return cells


@dataclass
class Examination:
    """One look at one filing. Build it with `examine`; the expensive parts are computed once, when first read."""

    filing: Filing
    definition: SchemeDefinition
    drafts: dict[str, TableDraft]

    @cached_property
    def env(self) -> Env:
        """Every table as typed, for the checks: converted once. What could not be read stands in its cell as typed."""
        tables = self.beside | {code: _with_unread(draft) for code, draft in self.drafts.items()}
        facts = replace(facts_for(self.filing, tables), **statistics.facts(self.statistics, self.filing))
        return Env(self.definition, Cells.from_tables(tables), self._before, facts)

    @property
    def kind(self) -> str:
        """Which tables of the scheme the round asks for."""
        return self.filing.round.kind

    @cached_property
    def statistics(self) -> Statistics:
        """What an annual report reads of the statistics of its year; empty for other kinds."""
        return statistics.statistics_of(self.filing, statistics.kept_digest(self.drafts))

    @property
    def beside(self) -> dict[str, dict[str, Any]]:
        """Tables that this filing only reads: the statistics whose summary it gives."""
        return self.statistics.drawn.cells if self.statistics.drawn is not None else {}

    @cached_property
    def tables(self) -> dict[str, dict[str, Any]]:
        """Cells of the applicable tables, as they would be submitted."""
        return {table.code: self.drafts[table.code].cells for table in self._applicable}

    @property
    def _applicable(self) -> list[TableDefinition]:
        return applicable_tables(self.definition, self.env, kind=self.kind)

    @cached_property
    def cells(self) -> Cells:
        return Cells.from_tables(self.tables)

    @property
    def _before(self) -> Cells | Env | None:
        """Last year's cells for the checks, from memory where the revision is."""
        known = self.filing.last_in_memory
        return self.previous if known is None else remembered.figures(*known, self.definition)

    @cached_property
    def previous(self) -> Cells | None:
        """Last year's accepted cells, under the codes of this year's scheme."""
        return Cells.from_tables(self._last.cells) if self._last is not None else None

    @cached_property
    def _last(self) -> Revision | None:
        return last_year(self.filing)

    @property
    def last_tables(self) -> dict[str, dict[str, Any]]:
        """Last year's accepted cells by table; empty without a filing last year."""
        return self._last.cells if self._last else {}

    @property
    def last_derived(self) -> dict[str, str]:
        return self._last.derived if self._last else {}

    @property
    def last_explanations(self) -> dict[str, str]:
        """What was explained last year, by the key of the finding; offered again, never taken over by itself."""
        return self._last.explanations if self._last else {}

    def says_last_years(self, key: str) -> bool:
        """Whether the explanation of a finding is last year's, unchanged."""
        return same_words(self.explanations.get(key, ""), self.last_explanations.get(key, ""))

    @cached_property
    def failures(self) -> list[Failure]:
        return run_checks(self.definition, self.env, kind=self.kind)

    @cached_property
    def explanations(self) -> dict[str, str]:
        if "told" in self.filing.__dict__:  # it came with the filing
            return self.filing.told or {}
        return dict(self.filing.explanations.values_list("key", "text"))

    @cached_property
    def hard(self) -> list[Failure]:
        return [failure for failure in self.failures if failure.severity == "hard"]

    @cached_property
    def blanks(self) -> list[Failure]:
        """Required cells without an answer: hard for a submission, but nothing wrong while somebody is still filling."""
        return [failure for failure in self.hard if failure.code == REQUIRED.code]

    @cached_property
    def wrong(self) -> list[Failure]:
        """Hard findings other than blanks."""
        return [failure for failure in self.hard if failure.code != REQUIRED.code]

    @property
    def mistakes(self) -> list[Failure]:
        """Of what is wrong, what calls for correcting. An annual report has rules about answers that are still to come: where
        nothing a rule speaks of was given, it is not filled rather than wrong."""
        if self.kind != REPORT:
            return self.wrong
        return [one for one in self.wrong if any(self.tables[table].get(code) for table, _row, code in one.cells)]

    @cached_property
    def verify(self) -> list[Failure]:
        return [failure for failure in self.failures if failure.severity == "verify"]

    @cached_property
    def unexplained(self) -> list[Failure]:
        return [failure for failure in self.verify if failure.key not in self.explanations]

    @cached_property
    def remarks(self) -> list[Remark]:
        """What reviewers asked for in the last return, open ones included."""
        if self.filing.revision_id is None:
            return []
        return list(
            self.filing.remarks.filter(decision__isnull=False, revision=self.filing.revision_id).select_related(
                "bureau", "revision"
            )
        )

    @cached_property
    def mended(self) -> dict[int, list[Difference]]:
        """{remark id: what was changed in answer to it since the revision it was made on}."""
        now = Standing(self.tables, self.kept_explanations)
        return {
            remark.pk: changes_for(
                self.definition, remark, Standing(remark.revision.cells, remark.revision.explanations), now
            )
            for remark in self.remarks
        }

    def is_open(self, remark: Remark) -> bool:
        """Not answered, or marked as fixed while everything it is about stands as it was sent."""
        if remark.resolution == Remark.Resolution.FIXED:
            return not self.mended[remark.pk]
        return remark.resolution == Remark.Resolution.OPEN

    @cached_property
    def open_remarks(self) -> list[Remark]:
        return [remark for remark in self.remarks if self.is_open(remark)]

    @cached_property
    def progress(self) -> dict[str, tuple[int, int]]:
        """{table: (filled, required)} of the applicable tables."""
        return progress(self.definition, self.env, kind=self.kind)

    @cached_property
    def derived(self) -> dict[str, str]:
        found = derive(self.definition, self.env)
        if self.kind != REPORT:
            return found
        own = {item.code for code in self.tables for item in self.definition.table(code).indicators}
        return {code: value for code, value in found.items() if code in own}

    @property
    def is_ready(self) -> bool:
        return not (self.hard or self.unexplained or self.open_remarks)

    @cached_property
    def kept_explanations(self) -> dict[str, str]:
        """Explanations of findings that still stand; answers to findings since mended are left out."""
        return {
            failure.key: self.explanations[failure.key] for failure in self.verify if failure.key in self.explanations
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 over scheme, cells, derived values and explanations: what the signer sees and signs."""
        return digest_of(self.filing.round.scheme.digest, self.tables, self.derived, self.kept_explanations)


def examine(filing: Filing) -> Examination:
    """Look at the draft of a filing loaded with `for_page()`."""
    definition = filing.round.scheme.definition
    return Examination(filing, definition, load_drafts(filing, definition))


def note_counts(examination: Examination) -> None:
    """Write the counts that lists show; not a move of the filing, so state and version stay.

    `hard_count` leaves out what is merely blank: `filled` of `required` tells that.
    """
    pairs = examination.progress.values()
    counts = {
        "filled": sum(filled for filled, _ in pairs),
        "required": sum(required for _, required in pairs),
        "hard_count": len(examination.mistakes),
        "verify_count": len(examination.unexplained),
    }
    filing = examination.filing
    if any(getattr(filing, name) != value for name, value in counts.items()):
        Filing.objects.filter(pk=filing.pk).update(**counts)
        for name, value in counts.items():
            setattr(filing, name, value)
