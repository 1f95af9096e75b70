"""Passing many filings at once, each judged on its own: one that cannot pass does not hold up the others."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from institutions.models import Membership
from portal.errors import Refused
from reports.filings.actions_review import pass_on
from reports.filings.errors import Incomplete
from reports.filings.models import Filing

#: Most filings in one go; more than a page of the queue never arrives from the page itself.
MOST = 500


@dataclass(frozen=True, slots=True)
class Ticket:
    """A filing as the reviewer saw it."""

    public_id: uuid.UUID
    version: int
    revision: int

    @classmethod
    def read(cls, text: str) -> Ticket | None:
        """From "id:version:revision"; None when it is not one."""
        parts = text.split(":")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts[1:]):
            return None
        try:
            return cls(uuid.UUID(parts[0]), int(parts[1]), int(parts[2]))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one filing; `reason` is empty when it passed."""

    filing: Filing
    reason: str | Promise = ""


def pass_many(*, tickets: Sequence[Ticket], by: Membership) -> list[Outcome]:
    """Pass each filing in a transaction of its own, in the order given.

    One that changed since, has a doubt that nobody accepted, or is not this bureau's turn stays as it is and is told
    with its reason. Filings outside the scope are left out without a word.
    """
    if len(tickets) > MOST:
        raise Incomplete(
            _("At most %(count)d filings are passed at once. Nothing was passed; select fewer.") % {"count": MOST}
        )
    ids = [ticket.public_id for ticket in tickets]
    found = {
        filing.public_id: filing
        for filing in Filing.objects.visible_to(by).filter(public_id__in=ids).select_related("institution", "round")
    }
    return [
        _pass_one(found[ticket.public_id], ticket, by) for ticket in dict.fromkeys(tickets) if ticket.public_id in found
    ]


def _pass_one(filing: Filing, ticket: Ticket, by: Membership) -> Outcome:
    try:
        pass_on(filing=filing, by=by, version=ticket.version, revision=ticket.revision, only_clean=True)
    except Refused as refusal:
        return Outcome(filing, refusal.reason)
    return Outcome(filing)
