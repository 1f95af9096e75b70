"""Why an act on report numbers was refused."""

from __future__ import annotations

from portal.errors import Refused


class NotTaken(Refused):
    """What was sent cannot be taken; the reason says how to mend it. Nothing was stored."""

    status = 422


class BeingRead(NotTaken):
    """A file of the institution is being read, and the act would have to wait for it."""


class NoSuchNumber(Refused):
    """The institution has not filed such a number, or it is no longer in the state the act needs."""

    status = 422
