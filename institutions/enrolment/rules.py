"""Who manages the people of an institution or a bureau. The scope was judged by whoever found the object."""

from __future__ import annotations

from django.utils.translation import gettext as _

from institutions.enrolment.models_applying import Application
from institutions.models import Bureau, Institution, Membership
from institutions.roles import Permission
from institutions.rules import can_amend, can_appoint, can_register, stands_under
from portal.rules import Allowed, Denied, Verdict


def can_manage_people(membership: Membership, place: Bureau | Institution) -> Verdict:
    """Of an institution its signer or administrator, or a bureau above it; of a bureau a system administrator above it.

    Reads the home bureau of an institution.
    """
    if isinstance(place, Bureau):
        return _can_staff(membership, place)
    if membership.institution_id != place.pk:
        return can_amend(membership, place)
    if not membership.may(Permission.MANAGE_PEOPLE):
        return Denied(_("Only your institution's signer or administrator invites people and ends their roles."))
    return Allowed()


def _can_staff(membership: Membership, bureau: Bureau) -> Verdict:
    return can_appoint(membership) and stands_under(membership, bureau)


def can_end(by: Membership, membership: Membership) -> Verdict:
    """Reads the membership's place. Somebody who leaves hands the role over, so that the institution is not left alone."""
    if membership.ended_at is not None:
        return Denied(_("This role has ended already."))
    if by.user_id == membership.user_id:
        return Denied(
            _("Nobody ends their own role. Hand it over to your successor, or ask your bureau to end it for you.")
        )
    return can_manage_people(by, membership.place)


def can_hand_over(by: Membership, membership: Membership) -> Verdict:
    """As `can_end`, and also one's own."""
    if membership.ended_at is not None:
        return Denied(_("This role has ended already."))
    return can_manage_people(by, membership.place)


def can_decide(membership: Membership, application: Application) -> Verdict:
    """The bureau of the application, or one above it. Reads `application.decider`."""
    return can_register(membership, application.decider)
