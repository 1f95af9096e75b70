"""Who keeps a bureau's contacts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from institutions.models import Bureau, Membership
from institutions.roles import Permission
from institutions.rules import stands_under
from portal.rules import Denied, Verdict


def can_keep_lines(membership: Membership, bureau: Bureau) -> Verdict:
    """Its reviewers and its system administrator, and those of the bureaus above."""
    if not (membership.may(Permission.READ_INSTITUTIONS) or membership.may(Permission.MANAGE_ACCOUNTS)):
        return Denied(_("Only bureaus keep the contacts for questions."))
    return stands_under(membership, bureau)
