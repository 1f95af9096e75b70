"""Why an act on a filing was refused. Each carries a status and a reason for the person who asked."""

from __future__ import annotations

from portal.errors import Refused


class NotAllowed(Refused):
    """The rule says no; the reason is the rule's."""

    status = 403


class StaleFiling(Refused):
    """Somebody else acted on the filing first, or what was shown is no longer what is stored."""

    status = 409


class NotReady(Refused):
    """The filing cannot be sent as it stands: open hard findings, explanations or remarks."""

    status = 422


class Incomplete(Refused):
    """The act lacks a note, a remark or a confirmation that it needs."""

    status = 422
