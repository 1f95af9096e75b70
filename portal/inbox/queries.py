"""Notices as their recipient may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, QuerySet

from portal.inbox.models import Notice

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from institutions.models import User


def visible_to(user: User | AnonymousUser) -> QuerySet[Notice]:
    """The person's own, unread first, then the newest."""
    if not user.is_authenticated:
        return Notice.objects.none()
    own = Notice.objects.filter(recipient=user).select_related("institution")
    return own.order_by(F("read_at").desc(nulls_first=True), "-created_at", "-id")
