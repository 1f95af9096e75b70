"""The province's part of the first page: the latest builds."""

from __future__ import annotations

from institutions.models import Membership
from portal.ui.parts import Part
from reports.summaries.models import Build


def builds(membership: Membership) -> Part:
    latest = Build.objects.select_related("round", "job").order_by("-created_at")[:5]
    return Part("summaries/_home.html", {"builds": list(latest)})
