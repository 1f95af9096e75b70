"""Who sees which attachment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast

from reports.filings.models import Filing, Revision

if TYPE_CHECKING:
    from institutions.models import Membership
    from reports.annual.models import Attachment  # noqa: F401 -- named in the class below


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, membership: Membership | None) -> AttachmentQuerySet:
        """Those of the filings one sees; a bureau only what was submitted with a revision."""
        found = self.filter(filing__in=Filing.objects.visible_to(membership))
        own = membership is not None and membership.institution_id is not None
        return found if own else found.sealed()

    def sealed(self) -> AttachmentQuerySet:
        """Named by a revision: these never go."""
        revisions = Revision.objects.filter(filing=OuterRef("filing")).annotate(text=Cast("cells__AR", CharField()))
        return self.filter(Exists(revisions.filter(text__contains=Cast(OuterRef("public_id"), CharField()))))
