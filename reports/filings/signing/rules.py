from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from institutions.roles import Permission
from portal.rules import Allowed, Denied, Verdict
from reports.filings import rules
from reports.filings.models import Filing


def can_hand_over(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    """Mark the filing as ready to sign: for filers who do not sign themselves."""
    fills = rules.can_fill(membership, filing, now)
    if not fills:
        return fills
    if membership.may(Permission.SIGN):
        return Denied(_("You sign yourself: look through the filing and submit it."))
    if filing.ready_since is not None:
        return Denied(
            _("It has been with the signer since %(date)s.") % {"date": rules.day_and_time(filing.ready_since)}
        )
    return Allowed()


def can_hand_back(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    """Give it back to the filer, with words."""
    if membership.institution_id != filing.institution_id or not membership.may(Permission.SIGN):
        return Denied(_("Only a signer of the institution can hand the filing back."))
    if filing.ready_since is None:
        return Denied(_("The filing is not marked as ready to sign; there is nothing to hand back."))
    return rules.round_runs(filing.round, now)
