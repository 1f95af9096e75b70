"""Who has not read an announcement, as a list of an area and as a workbook that a job writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import xlsxwriter
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from institutions.models import Bureau, Membership
from portal.jobs import actions as jobs
from portal.jobs.models import Job
from portal.trail.actions import record
from portal.ui.spreadsheet import safe_text
from review.announcements.models import Announcement, ReadReceipt
from review.announcements.queries import ReadReceiptQuerySet

WIDTHS = (26, 40, 14, 18, 18, 18)
#: Rows fetched at once.
BATCH = 2000


def unread_in(announcement: Announcement, bureau: Bureau) -> ReadReceiptQuerySet:
    """At the bureau, below it, and at the institutions there; of the writer's whole area everybody, also at an institution
    that is at home elsewhere and files here."""
    found = ReadReceipt.objects.filter(announcement=announcement)
    if not bureau.contains(announcement.scope):
        found = found.filter(bureau__path__startswith=bureau.path or "?")
    return found.unread().listed()


def ask_workbook(*, announcement: Announcement, bureau: Bureau, by: Membership) -> Job:
    """It may be everybody, so a job writes it. Names leave the portal, so the trail keeps who asked for them."""
    with transaction.atomic():
        details = {"list": "unread", "bureau": bureau.code}
        record("review.exported", by=by, obj=announcement, scope=bureau.path or "", details=details)
        return jobs.create(
            kind="announcement.unread", by=by, params={"announcement": announcement.pk, "bureau": bureau.pk}
        )


def title_of(announcement: Announcement, bureau: Bureau) -> str:
    return _("Not read: %(title)s, %(bureau)s") % {"title": announcement.title, "bureau": bureau}


def write_workbook(path: Path, title: str, receipts: Iterable[ReadReceipt], now: dt.datetime) -> None:
    """Row by row, every cell as text."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet(_("Not read"))
    bold = book.add_format({"bold": True})
    as_at = _("Figures as at %(moment)s. Internal.") % {"moment": localtime(now).strftime("%Y-%m-%d %H:%M")}
    head = (
        _("Bureau"),
        _("Institution"),
        pgettext("of an account", "Person"),
        _("User name"),
        _("Telephone"),
        pgettext("announcement", "Told at"),
    )
    for number, width in enumerate(WIDTHS):
        sheet.set_column(number, number, width)
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(2)
    sheet.write_string(0, 0, safe_text(title), bold)
    sheet.write_string(1, 0, as_at)
    for number, words in enumerate(head):
        sheet.write_string(2, number, words, bold)
    for row, receipt in enumerate(receipts, start=3):
        person, place = receipt.recipient, receipt.institution
        told = f"{localtime(receipt.at):%Y-%m-%d %H:%M}"
        values = (receipt.bureau, place.name if place else "", person.name, person.username, person.phone, told)
        for number, value in enumerate(values):
            sheet.write_string(row, number, safe_text(value))
    book.close()
