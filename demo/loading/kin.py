"""Who belongs to whom: a parent with a subordinate legal person, and a unit without legal personality, in Gulou."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation

from demo.loading.ground import PROVINCE
from demo.loading.register import Numbering
from institutions.models import Institution, Membership
from institutions.register.acts import set_parent
from institutions.register.models import SubordinateUnit
from institutions.roles import Role

#: Numbers of institutions of every demonstration, see `generator.respondent.FIXED`.
PARENT, CHILD = 4, 5


def tie_together(people: Numbering) -> None:
    """By the action of the product, after the trail so far is written. Nothing for a province too small to have them."""
    held = Institution.objects.select_related("home_bureau", "parent")
    found = held.in_bulk([people.institution(PARENT), people.institution(CHILD)])
    if len(found) < 2:
        return
    parent, child = found[people.institution(PARENT)], found[people.institution(CHILD)]
    statistician = Membership.objects.select_related("user", "bureau").get(
        role=Role.STATISTICIAN, bureau__code=PROVINCE, user__is_demo=True
    )
    with translation.override(settings.LANGUAGE_CODE):
        set_parent(institution=child, parent=parent, reason="全资子公司，独立法人，分别填报。", by=statistician)
    SubordinateUnit.objects.create(
        institution=parent, name=f"{parent.name}洪山检定站", address="福建省福州市鼓楼区洪山园路12号"
    )
