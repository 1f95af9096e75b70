"""What the pages tell of a handover."""

from __future__ import annotations

from dataclasses import dataclass

from reports.filings.differences import Difference, differences
from reports.filings.examination import Examination
from reports.filings.models import Filing, State
from reports.filings.signing.models import Handover

#: States in which the institution works on the filing.
FILLED_IN = (State.DUE, State.DRAFTING, State.RETURNED)


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


def is_current(handover: Handover, filing: Filing) -> bool:
    """Whether it still means something: neither signed nor closed, and nothing was submitted since, by whatever way."""
    if handover.ended_as in (Handover.End.SIGNED, Handover.End.CLOSED) or filing.state not in FILLED_IN:
        return False
    return filing.revision is None or handover.at > filing.revision.submitted_at


def signing_of(filing: Filing, examination: Examination) -> Signing | None:
    """One query."""
    handover = filing.handovers.select_related("by", "ended_by").order_by("-id").first()
    if handover is None or not is_current(handover, filing):
        return None
    return Signing(handover, differences(examination.definition, handover.cells, examination.tables))
