"""Who has not read an announcement, on screen and as a workbook."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from institutions.access import acting, acting_as
from institutions.models import Bureau
from institutions.roles import Permission
from portal.clock import database_now
from portal.trail.actions import record
from portal.ui.paging import page_of
from portal.ui.spreadsheet import safe_text
from review.announcements.files import CONTENT_TYPES
from review.announcements.models import Announcement, ReadReceipt
from review.announcements.queries import ReadReceiptQuerySet, people_unread
from review.coverage.queries import bureaus_of
from review.queue.asking import chosen_bureau


def _asked(
    request: HttpRequest, public_id: uuid.UUID
) -> tuple[Announcement, Bureau, list[Bureau], ReadReceiptQuerySet]:
    membership = acting_as(request)
    assert membership.bureau is not None, "only bureaus urge"
    announcement = get_object_or_404(Announcement.objects.visible_to(membership), public_id=public_id)
    bureaus = bureaus_of(membership)
    bureau = chosen_bureau(request.GET.get("bureau", ""), bureaus, membership.bureau)
    unread = (
        ReadReceipt.objects.filter(announcement=announcement, bureau__path__startswith=bureau.path or "")
        .unread()
        .listed()
    )
    return announcement, bureau, bureaus, unread


@require_safe
@acting(Permission.URGE)
def unread_list(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    announcement, bureau, bureaus, unread = _asked(request, public_id)
    context = {
        "announcement": announcement,
        "bureau": bureau,
        "bureaus": bureaus,
        "people": people_unread([announcement]).get(announcement.pk, 0),
        "page": page_of(request, unread),
    }
    return render(request, "announcements/unread_list.html", context)


@require_safe
@acting(Permission.URGE)
def unread_workbook(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Names leave the portal, so the trail keeps who took them."""
    announcement, bureau, _bureaus, unread = _asked(request, public_id)
    title = _("Not read: %(title)s, %(bureau)s") % {"title": announcement.title, "bureau": bureau}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "unread.xlsx"
        _write(path, title, unread.iterator(chunk_size=2000), database_now())
        content = path.read_bytes()
    details = {"list": "unread", "bureau": bureau.code}
    record("review.exported", by=acting_as(request), obj=announcement, scope=bureau.path or "", details=details)
    disposition = content_disposition_header(as_attachment=True, filename=f"{title}.xlsx") or "attachment"
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=CONTENT_TYPES["xlsx"], headers=headers)


def _write(path: Path, title: str, receipts: Iterable[ReadReceipt], now: dt.datetime) -> None:
    """Written row by row: it may be everybody."""
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
    for number, width in enumerate((26, 40, 14, 18, 18, 18)):
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
