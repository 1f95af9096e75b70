"""Who may make, change and publish a scheme version, and why not."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from institutions.roles import Permission
from portal.rules import Allowed, Denied, Verdict
from reports.schemes.models import Scheme


def can_make(membership: Membership) -> Verdict:
    if not membership.may(Permission.MANAGE_SCHEMES):
        return Denied(_("Only the provincial bureau makes schemes."))
    return Allowed()


def can_change(membership: Membership, scheme: Scheme) -> Verdict:
    """Upload into it, map its indicators, delete it."""
    if not membership.may(Permission.MANAGE_SCHEMES):
        return Denied(_("Only the provincial bureau makes schemes."))
    if scheme.is_published:
        return Denied(
            _(
                "%(scheme)s is published and never changes: rounds and filings stand on it. Make a new draft from it instead."
            )
            % {"scheme": scheme}
        )
    return Allowed()


def can_try(membership: Membership, scheme: Scheme, faults: int) -> Verdict:
    """Try its checks on filings."""
    verdict = can_change(membership, scheme)
    if not verdict:
        return verdict
    if faults:
        return Denied(_("%(count)s things have to be mended before its checks can be tried.") % {"count": faults})
    return Allowed()


def can_preview(membership: Membership, faults: int) -> Verdict:
    """Look at its form."""
    if not membership.may(Permission.MANAGE_SCHEMES):
        return Denied(_("Only the provincial bureau makes schemes."))
    if faults:
        return Denied(_("%(count)s things have to be mended before the form can be shown.") % {"count": faults})
    return Allowed()


def can_publish(membership: Membership, scheme: Scheme, faults: int) -> Verdict:
    verdict = can_change(membership, scheme)
    if not verdict:
        return verdict
    if faults:
        return Denied(_("%(count)s things have to be mended before the version can be published.") % {"count": faults})
    return Allowed()
