"""Why an invitation was not made or does not open."""

from __future__ import annotations

from django.utils.functional import Promise

from portal.errors import Refused


class NotAllowed(Refused):
    """The rule refused; its words are the reason."""


class NotInvited(Refused):
    """The invitation cannot be made as it was entered."""

    status = 422


class NoSuchInvitation(Refused):
    """The secret belongs to no invitation."""

    status = 404


class DeadInvitation(Refused):
    """The invitation was there, and opens nothing any more. `state` is the one of the invitation, or "closed"."""

    status = 410

    def __init__(self, reason: str | Promise, state: str) -> None:
        super().__init__(reason)
        self.state = state
