"""Who may do what to a round, and why not."""

from __future__ import annotations

import datetime as dt

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


def can_open(membership: Membership) -> Verdict:
    if not membership.may(Permission.MANAGE_ROUNDS):
        return Denied(_("Only the provincial bureau opens a round."))
    return Allowed()


def can_plan(membership: Membership, round: Round, now: dt.datetime) -> Verdict:
    """Change the calendar."""
    if not membership.may(Permission.MANAGE_ROUNDS):
        return Denied(_("Only the provincial bureau changes the calendar."))
    if round.over_since(now) is not None:
        return Denied(_("The round is closed. Open it again first, then change its calendar."))
    return Allowed()


def can_close(membership: Membership, round: Round, now: dt.datetime) -> Verdict:
    if not membership.may(Permission.MANAGE_ROUNDS):
        return Denied(_("Only the provincial bureau closes a round."))
    if round.over_since(now) is not None:
        return Denied(_("The round is closed already."))
    return Allowed()


def can_open_again(membership: Membership, round: Round, now: dt.datetime) -> Verdict:
    if not membership.may(Permission.MANAGE_ROUNDS):
        return Denied(_("Only the provincial bureau opens a round."))
    if round.over_since(now) is None:
        return Denied(_("The round is not closed."))
    return Allowed()
