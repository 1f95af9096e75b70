"""Who may move a filing because of what befell its institution, and who changes the frozen roster, and why not."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from institutions.roles import Permission
from portal.rules import Allowed, Denied, Verdict
from reports.filings.models import Filing, State
from reports.filings.rules import day_and_time
from reports.rounds.models import Round


def can_follow(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    """In the course of an act on the institution, which its own rule has allowed to the bureau."""
    if membership.bureau is None or not membership.may(Permission.READ_INSTITUTIONS):
        return Denied(_("Only the bureaus that keep the register do this, by what they enter there."))
    if filing.round.closed_at is not None:
        return Denied(_("The round is closed; its roster stays as it was."))
    return Allowed()


def can_change_roster(membership: Membership, round: Round) -> Verdict:
    if not membership.may(Permission.MANAGE_ROUNDS):
        return Denied(_("Only the provincial bureau changes a frozen roster."))
    if round.closed_at is not None:
        return Denied(_("The round closed on %(date)s.") % {"date": day_and_time(round.closed_at)})
    if round.roster_frozen_at is None:
        return Denied(_("Freeze the roster first; then institutions are added and taken off one by one."))
    return Allowed()


def can_restore(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    """Back on the roster."""
    allowed = can_change_roster(membership, filing.round)
    if not allowed:
        return allowed
    if filing.state != State.EXCUSED:
        return Denied(_("Only an institution that was taken off the roster can be put back on it."))
    if filing.institution.status != "active":
        return Denied(
            _("%(institution)s is closed. Reopen it in the register first.") % {"institution": filing.institution}
        )
    return Allowed()
