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
