"""The nearest contact for each kind of question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from institutions.helplines.models import HelpLine
    from institutions.models import Membership


class HelpLineQuerySet(models.QuerySet["HelpLine"]):
    def above(self, place: Q) -> HelpLineQuerySet:
        """Of the bureaus that `place` names and of all above them."""
        bureaus = apps.get_model("institutions", "Bureau")._default_manager.filter(place)
        return self.filter(Exists(bureaus.filter(path__startswith=OuterRef("bureau__path"))))

    def nearest(self) -> list[HelpLine]:
        """One for each kind, the deepest in the tree, in the order of the kinds. One query."""
        found: dict[str, HelpLine] = {}
        for line in self.select_related("bureau"):
            known = found.get(line.kind)
            if known is None or line.bureau.level > known.bureau.level:
                found[line.kind] = line
        return [found[kind] for kind in self.model.Kind.values if kind in found]


def whom_to_ask(membership: Membership | None) -> list[HelpLine]:
    """Of the reader's bureau, for an institution of its home bureau; each kind else of the next one up that has it.

    A visitor, and an inspector, is given the province's.
    """
    lines: HelpLineQuerySet = apps.get_model("institutions", "HelpLine")._default_manager.all()
    if membership is not None and membership.institution_id is not None:
        return lines.above(Q(institutions=membership.institution_id)).nearest()
    if membership is not None and membership.bureau_id is not None:
        return lines.above(Q(pk=membership.bureau_id)).nearest()
    return lines.filter(bureau__parent=None).nearest()
