"""Who may ask for more time, take the request back, and decide it. Pure, like `reports.filings.rules`."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from institutions.models import Membership, Tier
from institutions.roles import Permission
from portal.rules import Allowed, Denied, Verdict
from reports.filings import rules
from reports.filings.extensions.models import Extension
from reports.filings.models import Filing


def can_ask(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    """While a first submission is still to come: afterwards there is no due time that could move."""
    fills = rules.can_fill(membership, filing, now)
    if not fills:
        return fills
    if filing.revision_id is not None:
        return Denied(_("The filing was submitted already; corrections may arrive until the round closes."))
    return Allowed()


def can_take_back(membership: Membership, extension: Extension) -> Verdict:
    if membership.institution_id != extension.filing.institution_id or not membership.may(Permission.FILL):
        return Denied(_("Only the institution itself may do this."))
    if extension.state != Extension.State.ASKED:
        return Denied(_("The request was decided already: %(state)s.") % {"state": extension.get_state_display()})
    return Allowed()


def can_decide(membership: Membership, extension: Extension, now: dt.datetime) -> Verdict:
    """The bureau that reviews the institution first, or the province."""
    filing, bureau = extension.filing, membership.bureau
    if bureau is None or not membership.may(Permission.REVIEW):
        return Denied(_("Your role (%(role)s) does not review filings.") % {"role": membership.get_role_display()})
    if bureau.tier != Tier.PROVINCE and bureau.pk != filing.reviewing_bureau_id:
        return Denied(_("%(bureau)s decides this, or the province.") % {"bureau": filing.reviewing_bureau})
    if extension.state != Extension.State.ASKED:
        return Denied(_("The request was decided already: %(state)s.") % {"state": extension.get_state_display()})
    if filing.revision_id is not None:
        return Denied(_("The institution has submitted meanwhile; there is no due time left that could move."))
    if rules.holds_place_at(membership, filing.institution_id):
        return Denied(_("You also work for this institution. Another reviewer of your bureau must judge it."))
    return rules.round_runs(filing.round, now)
