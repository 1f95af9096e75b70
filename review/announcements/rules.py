"""Who may write, publish, withdraw and remind. Pure; wants `announcement.bureau` loaded."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from institutions.roles import Permission
from portal.rules import Allowed, Denied, Verdict
from review.announcements.models import Announcement


def can_write(membership: Membership) -> Verdict:
    """Who may urge may also announce; the audience stays within the subtree."""
    if membership.bureau is None or not membership.may(Permission.URGE):
        return Denied(_("Only reviewing bureaus write announcements."))
    return Allowed()


def can_keep(membership: Membership, announcement: Announcement) -> Verdict:
    """Publish, withdraw and remind: the bureau that wrote it."""
    verdict = can_write(membership)
    if not verdict:
        return verdict
    if announcement.bureau_id != membership.bureau_id:
        return Denied(_("%(bureau)s wrote it and keeps it.") % {"bureau": announcement.bureau})
    return Allowed()


def can_change(membership: Membership, announcement: Announcement) -> Verdict:
    verdict = can_keep(membership, announcement)
    if verdict and not announcement.is_draft:
        return Denied(_("It is published; what people were told does not change. Withdraw it and write another."))
    return verdict


def can_publish(membership: Membership, announcement: Announcement, people: int) -> Verdict:
    verdict = can_change(membership, announcement)
    if verdict and not people:
        return Denied(_("It reaches nobody: nobody with these roles has an account in this area. Widen the audience."))
    return verdict


def can_withdraw(membership: Membership, announcement: Announcement) -> Verdict:
    verdict = can_keep(membership, announcement)
    if verdict and announcement.is_draft:
        return Denied(_("It is a draft that nobody has been told of. Delete it instead."))
    if verdict and announcement.is_withdrawn:
        return Denied(_("It is withdrawn already."))
    return verdict


def can_remind(membership: Membership, announcement: Announcement, unread: int, today: dt.date) -> Verdict:
    """Once on a day; `today` is the database's in Asia/Shanghai."""
    verdict = can_keep(membership, announcement)
    if not verdict:
        return verdict
    if announcement.state != Announcement.State.PUBLISHED:
        return Denied(_("Only what is published and stands is reminded of."))
    if announcement.people is None:
        return Denied(_("It is still going out."))
    if not unread:
        return Denied(_("Everybody has read it."))
    if announcement.reminded_on is not None and announcement.reminded_on >= today:
        return Denied(_("They were reminded today already; again from tomorrow on."))
    return Allowed()
