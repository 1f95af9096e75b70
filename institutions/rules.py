"""Who may do what with bureaus and institutions. The scope was judged by whoever found the object."""

from __future__ import annotations

from django.utils.translation import gettext as _

from institutions.models import Bureau, Grant, Institution, Membership, Tier, User
from institutions.roles import ADMIN_ROLES, BUREAU_ROLES, Permission
from portal.rules import Allowed, Denied, Verdict


def stands_under(membership: Membership, bureau: Bureau) -> Verdict:
    """Whether it is the membership's own bureau or one below."""
    if membership.bureau is None or not membership.bureau.contains(bureau.path or ""):
        return Denied(_("%(bureau)s does not stand under your bureau.") % {"bureau": bureau})
    return Allowed()


def can_authorise(membership: Membership, bureau: Bureau) -> Verdict:
    """The province lets a prefecture below it review."""
    if not membership.may(Permission.AUTHORISE):
        return Denied(_("Only the provincial statistician gives and withdraws authorisations."))
    if not (verdict := stands_under(membership, bureau)):
        return verdict
    if bureau.tier != Tier.PREFECTURE:
        return Denied(_("Only a prefecture needs an authorisation; %(bureau)s is none.") % {"bureau": bureau})
    return Allowed()


def can_lend(membership: Membership, bureau: Bureau) -> Verdict:
    """Send somebody to the area of a bureau, and end it: the province, and administrators for their subtree."""
    if not (membership.may(Permission.AUTHORISE) or membership.may(Permission.MANAGE_ACCOUNTS)):
        return Denied(
            _("Only the provincial statistician and the system administrator of a bureau above give and withdraw this.")
        )
    return stands_under(membership, bureau)


def can_be_lent(membership: Membership, person: User) -> Verdict:
    """Whether the person is one whom the membership may send elsewhere. Reads `person.current_memberships`."""
    if person.pk == membership.user_id:
        return Denied(_("Nobody gives this to themselves. Ask your superior bureau."))
    own = [one for one in person.current_memberships if one.grant_id is None]
    if any(one.role in ADMIN_ROLES for one in own):
        return Denied(_("%(person)s is one of the three administrators, who read no filings.") % {"person": person})
    if any(one.bureau is None for one in own):
        return Denied(_("%(person)s works for an institution, so cannot do this for a bureau.") % {"person": person})
    if not any(_employs(membership, one) for one in own):
        return Denied(_("%(person)s works for no bureau under yours.") % {"person": person})
    return Allowed()


def _employs(membership: Membership, other: Membership) -> bool:
    if membership.bureau is None or other.bureau is None or other.role not in BUREAU_ROLES:
        return False
    return membership.bureau.contains(other.bureau.path or "")


def can_stand_in(membership: Membership, bureau: Bureau, person: User) -> Verdict:
    """As `can_lend` and `can_be_lent`; and the person is not of that bureau."""
    for verdict in (can_lend(membership, bureau), can_be_lent(membership, person)):
        if not verdict:
            return verdict
    if any(one.grant_id is None and one.bureau_id == bureau.pk for one in person.current_memberships):
        return Denied(_("%(person)s works for %(bureau)s already.") % {"person": person, "bureau": bureau})
    return Allowed()


def can_inspect(membership: Membership, institution: Institution, person: User) -> Verdict:
    """As `can_lend` and `can_be_lent`. Reads `institution.home_bureau`."""
    return can_lend(membership, institution.home_bureau) and can_be_lent(membership, person)


def can_end_grant(membership: Membership, grant: Grant) -> Verdict:
    """Whoever may give such a grant may end it. Reads the grant's place."""
    rule = can_authorise if grant.kind == Grant.Kind.REVIEW else can_lend
    return rule(membership, grant.home)


def can_register(membership: Membership, bureau: Bureau) -> Verdict:
    """A bureau keeps the register of the institutions of its subtree."""
    if not membership.may(Permission.READ_INSTITUTIONS):
        return Denied(_("Only reviewing bureaus keep the register of institutions."))
    return stands_under(membership, bureau)


def can_amend(membership: Membership, institution: Institution) -> Verdict:
    """Name, certificates and sites of the register. Reads `institution.home_bureau`."""
    if institution.status == Institution.Status.CLOSED:
        return Denied(_("%(institution)s is registered as closed.") % {"institution": institution})
    return can_register(membership, institution.home_bureau)


def can_appoint(membership: Membership) -> Verdict:
    if not membership.may(Permission.MANAGE_ACCOUNTS):
        return Denied(_("Only the system administrator appoints people and ends appointments."))
    return Allowed()
