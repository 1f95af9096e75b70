"""Jobs as their asker may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from portal.jobs.models import Job

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from institutions.models import User


def visible_to(user: User | AnonymousUser) -> QuerySet[Any]:
    """The person's own, whichever of their memberships in force asked; each with `now`, the database's time.

    What was made for a role is gone with the role, the file too.
    """
    if not user.is_authenticated:
        return Job.objects.none()
    held = user.memberships.current().order_by().values("pk")
    return Job.objects.filter(asker__in=held).annotate(now=Now())
