"""The part of every first page: what the reader has not read yet."""

from __future__ import annotations

from institutions.models import Membership
from portal.ui.parts import Part
from review.announcements import rules
from review.announcements.models import Announcement


def unread(membership: Membership) -> Part:
    """One query."""
    number = Announcement.objects.unread_by(membership.user).count()
    return Part("announcements/_home.html", {"unread": number, "may_write": bool(rules.can_write(membership))})
