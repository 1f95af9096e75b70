"""Who sees which requests for more time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from institutions.roles import Permission

if TYPE_CHECKING:
    from institutions.models import Membership
    from reports.filings.extensions.models import Extension  # noqa: F401 -- named in the class below


class ExtensionQuerySet(models.QuerySet["Extension"]):
    def visible_to(self, membership: Membership | None) -> ExtensionQuerySet:
        """Like the filings they belong to: own ones, and for bureaus those reviewed in their subtree."""
        if membership is None:
            return self.none()
        if membership.institution_id is not None and membership.may(Permission.READ_OWN_FILINGS):
            return self.filter(filing__institution=membership.institution_id)
        if membership.bureau is not None and membership.may(Permission.READ_FILINGS):
            return self.filter(filing__scope__startswith=membership.bureau.path)
        return self.none()

    def waiting(self) -> ExtensionQuerySet:
        """To be decided: nothing was submitted meanwhile, and the round runs."""
        return self.filter(state="asked", filing__revision=None, filing__round__closed_at=None)

    def for_list(self) -> ExtensionQuerySet:
        """With what a line of a list reads: a fixed number of queries."""
        return self.select_related(
            "filing__round", "filing__institution", "filing__reviewing_bureau", "asked_by__user", "decided_by__user",
            "decided_by__bureau",
        ).prefetch_related("filing__round__phases")  # fmt: skip
