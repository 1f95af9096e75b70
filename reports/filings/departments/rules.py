"""Who may ask for another reviewing department, take the request back, and answer it. Pure, like `reports.filings.rules`."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from institutions.roles import Permission
from portal.rules import Allowed, Denied, Verdict
from reports.filings import rules
from reports.filings.departments.models import DepartmentChange
from reports.filings.models import Filing, State


def can_ask(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    """The institution, or the department that has the filing; until the first submission fixes the route."""
    if filing.revision_id is not None or filing.state not in (State.DUE, State.DRAFTING):
        return Denied(_("The filing was submitted; its reviewing department is fixed for this round."))
    if membership.institution_id is not None:
        return rules.can_fill(membership, filing, now)
    if membership.bureau_id != filing.reviewing_bureau_id or not membership.may(Permission.REVIEW):
        return Denied(_("The institution asks for this, or %(bureau)s.") % {"bureau": filing.reviewing_bureau})
    return rules.round_runs(filing.round, now)


def _is_waiting(change: DepartmentChange) -> Verdict:
    if change.state != DepartmentChange.State.ASKED:
        return Denied(_("The request was decided already: %(state)s.") % {"state": change.get_state_display()})
    return Allowed()


def can_take_back(membership: Membership, change: DepartmentChange) -> Verdict:
    own = (membership.institution_id, membership.bureau_id) == (
        change.asked_by.institution_id, change.asked_by.bureau_id,
    )  # fmt: skip
    return _is_waiting(change) if own else Denied(_("Only who asked takes the request back."))


def can_answer(membership: Membership, change: DepartmentChange, now: dt.datetime) -> Verdict:
    """The department that is asked, and no other."""
    filing = change.filing
    if membership.bureau_id != change.wanted_id or not membership.may(Permission.REVIEW):
        return Denied(_("Only %(bureau)s accepts or refuses this.") % {"bureau": change.wanted})
    if not (waits := _is_waiting(change)):
        return waits
    if filing.revision_id is not None or filing.state not in (State.DUE, State.DRAFTING):
        return Denied(_("The filing was submitted; its reviewing department is fixed for this round."))
    if rules.holds_place_at(membership, filing.institution_id):
        return Denied(_("You also work for this institution. Another reviewer of your bureau must judge it."))
    return rules.round_runs(filing.round, now)
