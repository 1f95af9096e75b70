"""Scope and lists of batches and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from institutions.roles import Permission
from reports.rounds.quarters import Quarter

if TYPE_CHECKING:
    from institutions.models import Membership
    from reports.numbers.models import ApiToken, NumberBatch, ReportNumber  # noqa: F401 -- the bases name them


class BatchQuerySet(models.QuerySet["NumberBatch"]):
    def visible_to(self, membership: Membership | None) -> BatchQuerySet:
        """Own batches; for bureaus those of submitted filings reviewed in their subtree."""
        if membership is None:
            return self.none()
        if membership.institution_id is not None and membership.may(Permission.READ_OWN_FILINGS):
            return self.filter(filing__institution=membership.institution_id)
        if membership.bureau is not None and membership.may(Permission.READ_FILINGS):
            return self.filter(filing__scope__startswith=membership.bureau.path, filing__revision__isnull=False)
        return self.none()

    def of_institution(self, institution_id: int) -> BatchQuerySet:
        return self.filter(filing__institution=institution_id)

    def counted(self) -> BatchQuerySet:
        """`NumberBatch.is_counted`, as a query."""
        return self.filter(read__gt=0)

    def unfinished(self) -> BatchQuerySet:
        return self.filter(state__in=("waiting", "running"))


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, membership: Membership | None) -> ApiTokenQuerySet:
        """Those of the own institution, for people who may use them."""
        if membership is None or membership.institution_id is None or not membership.may(Permission.FILL):
            return self.none()
        return self.filter(institution=membership.institution_id)

    def in_force(self) -> ApiTokenQuerySet:
        return self.filter(revoked_at=None)


class ReportNumberQuerySet(models.QuerySet["ReportNumber"]):
    """No `visible_to`: whoever sees a filing sees the numbers of its institution and quarter, and asks for no others."""

    def of(self, institution_id: int) -> ReportNumberQuerySet:
        return self.filter(institution_id=institution_id)

    def in_quarter(self, quarter: Quarter) -> ReportNumberQuerySet:
        return self.filter(quarter=quarter.code)
