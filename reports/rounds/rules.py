"""Who may do what to a round, and why not."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from institutions.roles import Permission
from portal.rules import Allowed, Denied, Verdict
from reports.rounds.models import Round


def can_freeze(membership: Membership, round: Round) -> Verdict:
    """Freeze the roster, or add those who came onto the register since."""
    if not membership.may(Permission.MANAGE_ROUNDS):
        return Denied(_("Only the provincial bureau freezes the roster."))
    if round.closed_at is not None:
        return Denied(_("The round is closed; its roster stays as it was."))
    return Allowed()
