"""Scope: which bureaus and institutions a membership sees. No membership, no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from institutions.roles import Permission

if TYPE_CHECKING:
    from institutions.models import Bureau, Institution, Membership


class BureauQuerySet(models.QuerySet["Bureau"]):
    def within(self, bureau: Bureau) -> BureauQuerySet:
        """The bureau itself and everything below it."""
        return self.filter(path__startswith=bureau.path)

    def visible_to(self, membership: Membership | None) -> BureauQuerySet:
        if membership is None or membership.bureau is None:
            return self.none()
        return self.within(membership.bureau)


class InstitutionQuerySet(models.QuerySet["Institution"]):
    def within(self, bureau: Bureau) -> InstitutionQuerySet:
        return self.filter(home_bureau__path__startswith=bureau.path)

    def visible_to(self, membership: Membership | None) -> InstitutionQuerySet:
        """Own institution; for bureaus those whose home bureau lies in the subtree."""
        if membership is None:
            return self.none()
        if membership.institution_id is not None:
            return self.filter(pk=membership.institution_id)
        if membership.bureau is not None and membership.may(Permission.READ_INSTITUTIONS):
            return self.within(membership.bureau)
        return self.none()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> MembershipQuerySet:
        return self.filter(Q(ended_at=None), user__is_active=True)
