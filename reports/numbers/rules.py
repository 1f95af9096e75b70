"""Who may send, change and declare report numbers, and why not. Pure, like `reports.filings.rules`."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from institutions.roles import Permission
from portal.rules import Allowed, Denied, Verdict
from reports.filings import rules
from reports.filings.models import Filing
from reports.numbers.models import NumberBatch
from reports.rounds.models import Kind


def can_send(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    """Send numbers or declare their count: like filling any form."""
    if filing.round.kind != Kind.QUARTERLY_NUMBERS:
        return Denied(_("Report numbers are filed in quarterly rounds; this is “%(round)s”.") % {"round": filing.round})
    return rules.can_fill(membership, filing, now)


def can_read(membership: Membership, filing: Filing) -> Verdict:
    """Read the numbers of a filing in the member's scope: what was not submitted yet is the institution's own."""
    if filing.revision_id is None and membership.institution_id is None:
        return Denied(_("Nothing was submitted yet. What is being sent in is the institution's own and is not shown."))
    return Allowed()


def can_amend(membership: Membership, institution_id: int) -> Verdict:
    """Void or replace a number that was filed: at any time, also after the round closed."""
    if membership.institution_id != institution_id:
        return Denied(_("Only the institution itself may do this."))
    if not membership.may(Permission.FILL):
        return Denied(_("Your role (%(role)s) may not do this.") % {"role": membership.get_role_display()})
    return Allowed()


def can_cancel(membership: Membership, batch: NumberBatch) -> Verdict:
    if membership.institution_id != batch.filing.institution_id or not membership.may(Permission.FILL):
        return Denied(_("Only the institution itself may do this."))
    if batch.is_over:
        return Denied(_("The file was already dealt with: %(state)s.") % {"state": batch.get_state_display()})
    if batch.is_counted:
        return Denied(
            _(
                "The numbers of “%(name)s” are stored already, so it can no longer be stopped. Wait for its result in a moment; "
                "void the numbers that should not count."
            )
            % {"name": batch.name}
        )
    return Allowed()


def can_see_shared(membership: Membership) -> Verdict:
    """Numbers that two institutions filed are shown to supervisors alone; a filer must not learn of another's."""
    if membership.bureau is None or not membership.may(Permission.READ_FILINGS):
        return Denied(_("Only supervising bureaus see which numbers two institutions share."))
    return Allowed()
