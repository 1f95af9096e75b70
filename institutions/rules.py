"""Who may do what with bureaus and institutions. The scope was judged by whoever found the object."""

from __future__ import annotations

from django.utils.translation import gettext as _

from institutions.models import Bureau, Institution, Membership, Tier
from institutions.roles import Permission
from portal.rules import Allowed, Denied, Verdict


def can_authorise(membership: Membership, bureau: Bureau) -> Verdict:
    """The province lets a prefecture below it review."""
    if not membership.may(Permission.AUTHORISE):
        return Denied(_("Only the provincial statistician gives and withdraws authorisations."))
    if membership.bureau is None or not membership.bureau.contains(bureau.path or ""):
        return Denied(_("%(bureau)s does not stand under your bureau.") % {"bureau": bureau})
    if bureau.tier != Tier.PREFECTURE:
        return Denied(_("Only a prefecture needs an authorisation; %(bureau)s is none.") % {"bureau": bureau})
    return Allowed()


def can_register(membership: Membership, bureau: Bureau) -> Verdict:
    """A bureau keeps the register of the institutions of its subtree."""
    if not membership.may(Permission.READ_INSTITUTIONS):
        return Denied(_("Only reviewing bureaus keep the register of institutions."))
    if membership.bureau is None or not membership.bureau.contains(bureau.path or ""):
        return Denied(_("%(bureau)s does not stand under your bureau.") % {"bureau": bureau})
    return Allowed()


def can_amend(membership: Membership, institution: Institution) -> Verdict:
    """Name, certificates and sites of the register. Reads `institution.home_bureau`."""
    if institution.status == Institution.Status.CLOSED:
        return Denied(_("%(institution)s is registered as closed.") % {"institution": institution})
    return can_register(membership, institution.home_bureau)


def can_appoint(membership: Membership) -> Verdict:
    if not membership.may(Permission.MANAGE_ACCOUNTS):
        return Denied(_("Only the system administrator appoints people and ends appointments."))
    return Allowed()
