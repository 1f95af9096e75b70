"""Which rounds a membership sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from institutions.roles import Permission

if TYPE_CHECKING:
    from institutions.models import Membership
    from reports.rounds.models import Round  # noqa: F401 -- named in the class below


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, membership: Membership | None) -> RoundQuerySet:
        """Bureaus see every round; an institution those it has a filing in; an inspector those in which the one institution
        submitted; administrators none."""
        if membership is None:
            return self.none()
        if membership.may(Permission.INSPECT):
            return self.filter(filings__institution=membership.inspects_id, filings__revision__isnull=False)
        if membership.may(Permission.READ_FILINGS):
            return self
        if membership.institution_id is not None and membership.may(Permission.READ_OWN_FILINGS):
            return self.filter(filings__institution=membership.institution_id)
        return self.none()

    def running(self) -> RoundQuerySet:
        """Frozen and not closed, neither by hand nor by the clock: what people are working on."""
        return self.filter(Q(locks_at=None) | Q(locks_at__gte=Now()), roster_frozen_at__isnull=False, closed_at=None)
