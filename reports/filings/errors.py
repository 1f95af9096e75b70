"""Why an act on a filing was refused. Each carries a status and a reason for the person who asked."""

from __future__ import annotations

from portal.errors import Refused
from portal.rules import NotYet, Verdict


class NotAllowed(Refused):
    """The rule says no; the reason is the rule's."""

    status = 403


class OutOfTurn(NotAllowed):
    """Another bureau comes first; the reason names it."""

    status = 409


class StaleFiling(Refused):
    """Somebody else acted on the filing first, or what was shown is no longer what is stored."""

    status = 409


class NotReady(Refused):
    """The filing cannot be sent as it stands: open hard findings, explanations or remarks."""

    status = 422


class Incomplete(Refused):
    """The act lacks a note, a remark or a confirmation that it needs."""

    status = 422


def must(verdict: Verdict) -> None:
    """Raises the rule's no, where it is one: OutOfTurn or NotAllowed."""
    if isinstance(verdict, NotYet):
        raise OutOfTurn(verdict.reason)
    if not verdict:
        raise NotAllowed(verdict.reason)
