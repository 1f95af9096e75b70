"""Why an act on a scheme version is refused."""

from __future__ import annotations

from portal.errors import Conflict, Refused
from portal.rules import Verdict


class NotAllowed(Refused):
    """The role or the state of the version does not allow it."""


class NotReady(Refused):
    """The version has things to be mended first."""

    status = 422


class NotTaken(Refused):
    """The file or the form cannot be used as it stands; nothing was changed."""

    status = 422


class ChangedMeanwhile(Conflict):
    """Somebody else changed the draft after it was read."""


def must(verdict: Verdict) -> None:
    """Raises the rule's no, where it is one."""
    if not verdict:
        raise NotAllowed(verdict.reason)
