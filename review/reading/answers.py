"""What the institution answered to the remarks of earlier returns, and what it changed for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.filings.differences import Difference
from reports.filings.mending import MADE_OF_CELLS, Standing, changes_for
from reports.filings.models import Filing, Recall, Remark, Revision


@dataclass(frozen=True, slots=True)
class Answered:
    """A remark that was sent. `after` is the submission that answered it, None while there is none; `changes` are the
    cells and explanations changed between the two, for filings made of tables."""

    remark: Remark
    after: Revision | None
    changes: list[Difference]

    @property
    def unchanged(self) -> bool:
        """Said to be fixed, and nothing is different where it stands."""
        return self.after is not None and self.remark.resolution == Remark.Resolution.FIXED and not self.changes


def answered(
    filing: Filing, remarks: Iterable[Remark], revisions: Sequence[Revision], recalls: Iterable[Recall]
) -> list[Answered]:
    """No queries. `revisions` are all of the filing, in order; one that was recalled answered nothing."""
    gone = {recall.revision_id for recall in recalls}
    return [_answered(filing, remark, [one for one in revisions if one.pk not in gone]) for remark in remarks]


def _answered(filing: Filing, remark: Remark, revisions: Sequence[Revision]) -> Answered:
    before = next((one for one in revisions if one.pk == remark.revision_id), None)
    if before is None or filing.round.kind not in MADE_OF_CELLS:
        return Answered(remark, None, [])
    after = next((one for one in revisions if one.number > before.number), None)
    if after is None:
        return Answered(remark, None, [])
    definition = filing.round.scheme.definition
    now = Standing(after.cells, after.explanations)
    return Answered(remark, after, changes_for(definition, remark, Standing(before.cells, before.explanations), now))
