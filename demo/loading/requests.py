"""Requests of institutions of Gulou: more time, once waiting and once granted; another reviewing department."""

from __future__ import annotations

import datetime as dt

from django.db.models import F
from django.utils.timezone import localtime

from institutions.models import Bureau, Membership
from institutions.roles import Role
from portal.clock import database_now
from reports.filings.departments import actions as departments
from reports.filings.departments import rules as department_rules
from reports.filings.extensions import rules
from reports.filings.extensions.actions import ask, decide
from reports.filings.extensions.forms import end_of
from reports.filings.extensions.models import Extension
from reports.filings.models import Filing, State
from reports.rounds.models import Kind

COUNTY, NEIGHBOUR = "350102", "350103"
REASONS = ("单位搬迁新址，财务凭证尚在移交，需要延期整理。", "负责统计的同事住院，接手人员需要重新核对仪器设备台账。")


def institutions_ask() -> None:
    """By the actions of the product, where the calendar of the demonstration lets them; asked a day ago."""
    filings = Filing.objects.for_page().filter(
        round__kind=Kind.ANNUAL_STATISTICS, reviewing_bureau__code=COUNTY, state=State.DUE, revision=None
    )
    waiting = list(filings.order_by("-pk")[:3])
    reviewer = Membership.objects.filter(bureau__code=COUNTY, role=Role.REVIEWER).order_by("pk").first()
    for filing, reason, grants in zip(waiting, REASONS, (False, True), strict=False):
        filer = (
            Membership.objects.current().filter(institution=filing.institution, role=Role.FILER).order_by("pk").first()
        )
        if filer is None or reviewer is None or not rules.can_ask(filer, filing, database_now()):
            continue
        until = _a_week_later(filing)
        extension = ask(filing=filing, until=until, reason=reason, by=filer)
        Extension.objects.filter(pk=extension.pk).update(asked_at=F("asked_at") - dt.timedelta(days=1))
        if grants:
            decide(extension=extension, until=until, note="同意，请抓紧。", by=reviewer)

    for filing in waiting[2:]:
        _ask_for_neighbour(filing)


def _ask_for_neighbour(filing: Filing) -> None:
    wanted = Bureau.objects.filter(code=NEIGHBOUR).first()
    filer = Membership.objects.current().filter(institution=filing.institution, role=Role.FILER).order_by("pk").first()
    if filer is not None and wanted is not None and department_rules.can_ask(filer, filing, database_now()):
        reason = "主要实验室和资质证书地址已在台江区，申请由台江区审核。"
        departments.ask(filing=filing, wanted=wanted, reason=reason, by=filer)


def _a_week_later(filing: Filing) -> dt.datetime:
    fill = filing.round.phase("fill")
    last = max(fill.due_at, database_now()) if fill is not None else database_now()
    return end_of(localtime(last).date() + dt.timedelta(days=7))
