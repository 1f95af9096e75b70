"""Who sees which requests; and the filings whose department is missing, or not the same in two rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from institutions.models import Membership
from institutions.roles import Permission, Role

if TYPE_CHECKING:
    from reports.filings.departments.models import DepartmentChange  # noqa: F401 -- named in the class below
    from reports.filings.models import Filing
    from reports.filings.queries import FilingQuerySet

#: What is still to be reviewed, or may still come.
OPEN = ("due", "drafting", "in_review", "returned")


class DepartmentChangeQuerySet(models.QuerySet["DepartmentChange"]):
    def visible_to(self, membership: Membership | None) -> DepartmentChangeQuerySet:
        """Own ones; for bureaus those of filings in their subtree, and those that ask a bureau of it."""
        if membership is None:
            return self.none()
        if membership.institution_id is not None and membership.may(Permission.READ_OWN_FILINGS):
            return self.filter(filing__institution=membership.institution_id)
        if membership.bureau is not None and membership.may(Permission.READ_FILINGS):
            path = membership.bureau.path
            return self.filter(
                Q(filing__scope__startswith=path) | Q(wanted__path__startswith=path) | Q(before__path__startswith=path)
            )
        return self.none()

    def waiting(self) -> DepartmentChangeQuerySet:
        """To be answered: nothing was submitted meanwhile, and the round runs."""
        return self.filter(state="asked", filing__revision=None, filing__round__closed_at=None)

    def asked_of(self, bureau: int | None) -> DepartmentChangeQuerySet:
        return self.waiting().filter(wanted=bureau)

    def for_list(self) -> DepartmentChangeQuerySet:
        """With what a line of a list reads: a fixed number of queries."""
        return self.select_related(
            "filing__round", "filing__institution", "filing__reviewing_bureau", "before", "wanted", "asked_by__user",
            "decided_by__user",
        ).prefetch_related("filing__round__phases")  # fmt: skip


def _open_filings(membership: Membership) -> FilingQuerySet:
    filings: type[Filing] = apps.get_model("filings", "Filing")
    found = filings.objects.visible_to(membership).filter(round__closed_at=None, state__in=OPEN)
    return found.select_related("round", "institution__home_bureau", "reviewing_bureau").order_by(
        "reviewing_bureau__path", "id"
    )


def orphans(membership: Membership) -> FilingQuerySet:
    """Filings at a bureau where nobody reviews."""
    reviewers = Membership.objects.current().filter(
        bureau=OuterRef("reviewing_bureau"), role__in=(Role.REVIEWER, Role.STATISTICIAN), user__is_active=True
    )
    return _open_filings(membership).filter(~Exists(reviewers))


def clashes(membership: Membership) -> FilingQuerySet:
    """Filings of institutions that two departments review in the rounds that run."""
    filings: type[Filing] = apps.get_model("filings", "Filing")
    others = filings.objects.filter(institution=OuterRef("institution"), round__closed_at=None, state__in=OPEN)
    return _open_filings(membership).filter(Exists(others.exclude(reviewing_bureau=OuterRef("reviewing_bureau"))))
