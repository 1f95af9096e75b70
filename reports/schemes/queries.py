"""Which scheme versions a membership sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from institutions.roles import Permission

if TYPE_CHECKING:
    from institutions.models import Membership
    from reports.schemes.models import Scheme  # noqa: F401 -- named in the class below


class SchemeQuerySet(models.QuerySet["Scheme"]):
    def published(self) -> SchemeQuerySet:
        """What a round may use, newest year first."""
        return self.filter(status="published")

    def visible_to(self, membership: Membership | None) -> SchemeQuerySet:
        """Drafts are for those who make schemes; bureaus and institutions see what is published; administrators nothing."""
        if membership is None:
            return self.none()
        if membership.may(Permission.MANAGE_SCHEMES):
            return self
        if membership.may(Permission.READ_FILINGS) or membership.may(Permission.READ_OWN_FILINGS):
            return self.published()
        return self.none()
