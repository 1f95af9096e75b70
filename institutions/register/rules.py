"""Who may import the register, and change what stands in it. The scope was judged by whoever found the object."""

from __future__ import annotations

from django.utils.translation import gettext as _

from institutions.models import Institution, Membership, Tier
from institutions.register.models import RegisterImport
from institutions.roles import Permission
from institutions.rules import can_amend, can_register
from portal.rules import Allowed, Denied, Verdict


def can_import(membership: Membership) -> Verdict:
    """A bureau imports for its own subtree; lines of other areas are told and left out."""
    if membership.bureau is None or not membership.may(Permission.READ_INSTITUTIONS):
        return Denied(_("Only reviewing bureaus keep the register of institutions."))
    return Allowed()


def can_apply(membership: Membership, imported: RegisterImport) -> Verdict:
    allowed = can_import(membership)
    if not allowed:
        return allowed
    if membership.bureau_id != imported.bureau_id:
        return Denied(_("Only %(bureau)s, which sent the file, applies it.") % {"bureau": imported.bureau})
    again = imported.state == RegisterImport.State.APPLYING and imported.stopped
    if imported.state != RegisterImport.State.COMPARED and not again:
        return Denied(
            _("Only a compared file is applied; this one is “%(state)s”.") % {"state": imported.get_state_display()}
        )
    if not (imported.counts.get("new") or imported.counts.get("changed")):
        return Denied(_("The file changes nothing: every line that can be read stands in the register like that."))
    return Allowed()


def can_move(membership: Membership, institution: Institution) -> Verdict:
    """From one bureau to another: whoever stands above both, which the act checks; a county cannot give away or take."""
    amend = can_amend(membership, institution)
    if not amend:
        return amend
    if membership.bureau is not None and membership.bureau.tier == Tier.COUNTY:
        return Denied(
            _("A county does not move institutions. Ask the prefecture, or the province for another prefecture.")
        )
    return Allowed()


def can_reopen(membership: Membership, institution: Institution) -> Verdict:
    allowed = can_register(membership, institution.home_bureau)
    if not allowed:
        return allowed
    if institution.status != Institution.Status.CLOSED:
        return Denied(_("%(institution)s is not closed.") % {"institution": institution})
    if institution.merged_into_id is not None:
        return Denied(
            _("%(institution)s was merged into another. Split it off there if it works on its own again.")
            % {"institution": institution}
        )
    return Allowed()
