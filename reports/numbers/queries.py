"""Scope and lists of batches and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from institutions.roles import Permission
from reports.numbers.quarters import Quarter

if TYPE_CHECKING:
    from institutions.models import Membership


class BatchQuerySet(models.QuerySet["NumberBatch"]):
    def visible_to(self, membership: Membership | None) -> BatchQuerySet:
        """Own batches; for bureaus those of the filings reviewed in their subtree."""
        if membership is None:
            return self.none()
        if membership.institution_id is not None and membership.may(Permission.READ_OWN_FILINGS):
            return self.filter(filing__institution=membership.institution_id)
        if membership.bureau is not None and membership.may(Permission.READ_FILINGS):
            return self.filter(filing__scope__startswith=membership.bureau.path)
        return self.none()

    def of_institution(self, institution_id: int) -> BatchQuerySet:
        return self.filter(filing__institution=institution_id)

    def unfinished(self) -> BatchQuerySet:
        return self.filter(state__in=("waiting", "running"))


class ReportNumberQuerySet(models.QuerySet["ReportNumber"]):
    """No `visible_to`: whoever sees a filing sees the numbers of its institution and quarter, and asks for no others."""

    def of(self, institution_id: int) -> ReportNumberQuerySet:
        return self.filter(institution_id=institution_id)

    def in_quarter(self, quarter: Quarter) -> ReportNumberQuerySet:
        return self.filter(quarter=quarter.code)
