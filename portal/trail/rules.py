"""Who may read the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext_lazy as _

from portal.errors import Refused
from portal.rules import Allowed, Denied, Verdict

if TYPE_CHECKING:
    from institutions.models import Membership
    from institutions.roles import Permission

READ_TRAIL = cast("Permission", "read_trail")  # this room knows nothing of the rooms above it
MANAGE_ACCOUNTS = cast("Permission", "manage_accounts")


class NotOpen(Refused):
    """The present role does not read the trail."""


def can_read(membership: Membership | None) -> Verdict:
    if membership is not None and membership.may(READ_TRAIL):
        return Allowed()
    return Denied(
        _(
            "The trail is read by audit administrators alone. If you hold that role, switch to it in the menu at the top right."
        )
    )


def can_look_up(membership: Membership | None) -> Verdict:
    """Who is called with a reference number: it leads to what was refused, not to what anybody filed."""
    if membership is not None and (membership.may(READ_TRAIL) or membership.may(MANAGE_ACCOUNTS)):
        return Allowed()
    return Denied(
        _(
            "Reference numbers are looked up by system and audit administrators. Give them the number that the page showed."
        )
    )
