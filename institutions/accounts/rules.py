"""Who may sign in, and what an administrator may do with an account."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from institutions.models import Membership, User
from institutions.roles import Permission
from portal.clock import database_now
from portal.errors import Refused
from portal.rules import Allowed, Denied, Verdict


class AccountStopped(Refused):
    """The password was right, but the account is not to be used."""


def can_sign_in(user: User) -> Verdict:
    """Reads the account's memberships: one query when it may, one more for the contact when it may not; one for the clock where
    a first password has an end."""
    until = user.first_password_until if user.must_change_password else None
    if user.is_active and until is not None and until < database_now():
        return Denied(
            _("This first password has run out. Please call %(contact)s for a new one.") % {"contact": _contact(user)}
        )
    if user.is_active and user.memberships.current().exists():
        return Allowed()
    contact = _contact(user)
    if not user.is_active:
        return Denied(_("This account is stopped. Please call %(contact)s.") % {"contact": contact})
    held = user.memberships.filter(ended_at=None, institution__isnull=False).select_related("institution").first()
    if held is not None:
        return Denied(
            _("%(institution)s is registered as closed, so its accounts no longer open. Please call %(contact)s.")
            % {"institution": held.place, "contact": contact}
        )
    return Denied(_("This account holds no role at present. Please call %(contact)s.") % {"contact": contact})


def _contact(user: User) -> str:
    """The bureau that looks after the person with its telephone, else the help line."""
    last = user.memberships.own().select_related("bureau__parent", "institution__home_bureau").order_by("-id").first()
    bureau = None
    if last is not None:
        bureau = (
            last.institution.home_bureau if last.institution else last.bureau and (last.bureau.parent or last.bureau)
        )
    if bureau is None or not bureau.phone:
        label, phone = settings.HELP_CONTACTS[-1]
        return _("%(label)s, telephone %(phone)s") % {"label": label, "phone": phone}
    return _("%(label)s, telephone %(phone)s") % {"label": bureau, "phone": bureau.phone}


def can_manage(membership: Membership, account: User) -> Verdict:
    """Whether the administrator may stop, open or reset this account; the scope was judged by whoever found it."""
    if not membership.may(Permission.MANAGE_ACCOUNTS):
        return Denied(_("Only the system administrator manages accounts."))
    if account.pk == membership.user_id:
        return Denied(_("Nobody stops, opens or resets their own account. Ask another system administrator."))
    return Allowed()
