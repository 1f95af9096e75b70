"""What the pages tell of a handover."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from reports.filings.differences import Difference, differences
from reports.filings.examination import Examination
from reports.filings.models import Filing, State
from reports.filings.signing.models import Handover

#: States in which the institution works on the filing.
FILLED_IN = (State.DUE, State.DRAFTING, State.RETURNED)
#: Handovers in which the one that came back is looked for; each holds the cells of the whole filing.
MOST_LOOKED_AT = 4


@dataclass(frozen=True, slots=True)
class Signing:
    """The last handover since the last submission. `changes` are the cells that differ now from what was handed over; of
    one that was handed over again, from what the signer had handed back before: `before`."""

    handover: Handover
    changes: list[Difference]
    before: Handover | None = None

    @property
    def heading(self) -> str:
        """Above the values of before."""
        return _("As handed back") if self.before is not None else _("As handed over")

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
    given = list(filing.handovers.select_related("by", "ended_by").order_by("-id")[:MOST_LOOKED_AT])
    if not given or not is_current(given[0], filing):
        return None
    last = given[0]
    before = None
    if not last.ended_as:
        earlier = (one for one in given[1:] if is_current(one, filing))
        before = next((one for one in earlier if one.ended_as == Handover.End.BACK), None)
    return Signing(last, differences(examination.definition, (before or last).cells, examination.tables), before)
