"""Grants beside the authorisations in force: one to come, a stand-in at work, an inspection that is over."""

from __future__ import annotations

import datetime as dt

from django.utils.timezone import localtime

from demo.loading.ground import PROVINCE
from institutions.grants import authorise, close_run_out, inspect, stand_in
from institutions.models import Bureau, Grant, Institution, Membership
from institutions.roles import Role
from portal.clock import database_now

#: A prefecture that reviews from next month on; whose reviewer stands in where; whose reviewer inspected the filer's institution.
COMING, FROM, AT, INSPECTOR = "350700", "350111", "350105", "350104"


def lend() -> None:
    """By the actions of the product; the days of what is over are moved back afterwards."""
    today = localtime(database_now()).date()
    by = Membership.objects.select_related("user", "bureau").get(
        role=Role.STATISTICIAN, bureau__code=PROVINCE, user__is_demo=True
    )
    month = dt.timedelta(days=30)
    authorise(
        bureau=Bureau.objects.get(code=COMING), by=by, reason="下一阶段起受省局委托审核本市统计数据。",
        starts_on=today + month, ends_on=today + 12 * month,
    )  # fmt: skip
    stand_in(
        person=_reviewer(FROM).user, bureau=Bureau.objects.get(code=AT), by=by, reason="该局审核人休产假，由邻近单位代审。",
        ends_on=today + 3 * month,
    )  # fmt: skip
    institution = Institution.objects.select_related("home_bureau").get(memberships__user__username="filer")
    over = inspect(
        person=_reviewer(INSPECTOR).user, institution=institution, by=by, reason="数据质量专项督查。", ends_on=today
    )
    Grant.objects.filter(pk=over.pk).update(
        given_at=over.given_at - 3 * month, starts_on=today - 3 * month, ends_on=today - 2 * month
    )
    close_run_out()


def _reviewer(code: str) -> Membership:
    return Membership.objects.own().select_related("user").get(bureau__code=code, role=Role.REVIEWER)
