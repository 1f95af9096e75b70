"""Why an act on report numbers was refused."""

from __future__ import annotations

from django.utils.functional import Promise

from portal.errors import Refused
from reports.numbers.models import ReportNumber
from reports.rounds.quarters import Quarter


class NotTaken(Refused):
    """What was sent cannot be taken; the reason says how to mend it. Nothing was stored."""

    status = 422


class NoReason(NotTaken):
    """Void or replaced without a word that says why."""


class BeingRead(NotTaken):
    """A file of the institution is being read, and the act would have to wait for it."""


class WrongDay(NotTaken):
    """The day of issue cannot be that of the replacing report."""


class OtherQuarter(WrongDay):
    """The day of issue is in another quarter than the replaced number, and nobody said that this is meant."""

    def __init__(self, reason: str | Promise, quarter: Quarter) -> None:
        super().__init__(reason)
        self.quarter = quarter


class NoSuchNumber(Refused):
    """The institution has not filed such a number, or it is no longer in the state the act needs: that is `row`."""

    status = 422

    def __init__(self, reason: str | Promise, row: ReportNumber | None = None) -> None:
        super().__init__(reason)
        self.row = row
