"""What the pages tell of a handover."""

from __future__ import annotations

from dataclasses import dataclass

from reports.filings.differences import Difference, differences
from reports.filings.examination import Examination
from reports.filings.models import Filing
from reports.filings.signing.models import Handover


@dataclass(frozen=True, slots=True)
class Signing:
    """The last handover since the last submission. `changes` are the cells that differ now from what was handed over."""

    handover: Handover
    changes: list[Difference]

    @property
    def waits(self) -> bool:
        return not self.handover.ended_as

    @property
    def was_changed(self) -> bool:
        return self.handover.ended_as == Handover.End.CHANGED

    @property
    def came_back(self) -> bool:
        return self.handover.ended_as == Handover.End.BACK


def signing_of(filing: Filing, examination: Examination) -> Signing | None:
    """One query."""
    handover = filing.handovers.select_related("by", "ended_by").order_by("-id").first()
    if handover is None or handover.ended_as in (Handover.End.SIGNED, Handover.End.CLOSED):
        return None
    return Signing(handover, differences(examination.definition, handover.cells, examination.tables))
