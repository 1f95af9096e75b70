"""Delivering and reminding. Each writes its rows in one statement and comes out the same however often it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from institutions.models import Bureau, User
from portal.clock import database_now
from portal.inbox.actions import notify
from portal.inbox.models import Notice
from portal.jobs.models import Job
from portal.jobs.registry import Progress, Result, handler
from reports.annual.sweeping import sweep_folder
from reports.filings.errors import NotAllowed
from review.announcements.audience import write_receipts
from review.announcements.files import FOLDER
from review.announcements.models import Announcement, AnnouncementFile, ReadReceipt
from review.announcements.queries import ReadReceiptQuerySet, counted
from review.announcements.unread import BATCH, title_of, unread_in, write_workbook


@shared_task(name="review.announcements.tasks.sweep_files", ignore_result=True)
def sweep_files() -> int:
    """Files that a killed server left without an announcement; how many are gone."""
    return sweep_folder(FOLDER, AnnouncementFile)


@handler(
    "announcement.deliver",
    title=gettext_lazy("Delivering an announcement"),
    phases={"receipts": gettext_lazy("Writing the receipts")},
)
def deliver(job: Job, progress: Progress) -> None:
    """Receipts, messages and the count in one transaction: killed anywhere, either all of it is there or nothing."""
    progress(phase="receipts")
    with transaction.atomic():
        announcement = (
            Announcement.objects.select_for_update(of=("self",))
            .select_related("bureau", "round")
            .get(pk=job.params["announcement"])
        )
        if announcement.people is not None or announcement.is_withdrawn:
            return
        write_receipts(announcement)
        announcement.people, announcement.units = counted(announcement)
        announcement.save(update_fields=["people", "units"])
        told = ReadReceipt.objects.filter(announcement=announcement).values("recipient")
        notify(
            recipients=User.objects.filter(pk__in=told),
            kind=Notice.Kind.INFORMATION,
            link=announcement.get_absolute_url(),
            once_key=announcement.once_key,
            **_words(announcement, "Announcement: %(title)s"),
        )


@handler("announcement.remind", title=gettext_lazy("Reminding of an announcement"))
def remind(job: Job, progress: Progress) -> None:
    """One message for each person that has not read it, once for each day asked for."""
    announcement = Announcement.objects.select_related("bureau").get(pk=job.params["announcement"])
    if announcement.state != Announcement.State.PUBLISHED:
        return
    unread = ReadReceipt.objects.filter(announcement=announcement).unread().values("recipient")
    notify(
        recipients=User.objects.filter(pk__in=unread),
        kind=Notice.Kind.REMINDER,
        link=announcement.get_absolute_url(),
        once_key=f"{announcement.once_key}-{job.params['day']}",
        **_words(announcement, "Please read: %(title)s"),
    )


@handler(
    "announcement.unread",
    title=gettext_lazy("Who has not read an announcement"),
    phases={"write": gettext_lazy("Writing the file")},
)
def unread(job: Job, progress: Progress) -> Result:
    """The asker's rights are those of now, not of when it was asked."""
    found = Announcement.objects.visible_to(job.asker).filter(pk=job.params["announcement"]).first()
    bureau = Bureau.objects.visible_to(job.asker).filter(pk=job.params["bureau"]).first()
    if found is None or bureau is None:
        raise NotAllowed(_("Only the bureaus that see the announcement take the list of who has not read it."))
    receipts = unread_in(found, bureau)
    progress(phase="write", done=0, total=receipts.count())
    path = progress.scratch(".xlsx")
    write_workbook(path, title_of(found, bureau), _counted(receipts, progress), database_now())
    return Result(path=path, name=f"{title_of(found, bureau)}.xlsx")


def _counted(receipts: ReadReceiptQuerySet, progress: Progress) -> Iterator[ReadReceipt]:
    for number, receipt in enumerate(receipts.iterator(chunk_size=BATCH), start=1):
        if number % BATCH == 0:
            progress(done=number)
        yield receipt


def _words(announcement: Announcement, subject: str) -> dict[str, Any]:
    words = {}
    for language, suffix in (("zh-hans", "zh"), ("en", "en")):
        with override(language):
            values = {"title": announcement.title, "bureau": str(announcement.bureau)}
            words[f"subject_{suffix}"] = _(subject) % values
            words[f"body_{suffix}"] = _("From %(bureau)s. Open it to read the text and its files.") % values
    return words


def _texts() -> tuple[str, ...]:
    """Subjects above are looked up by value; naming them here lets makemessages find them."""
    return _("Announcement: %(title)s"), _("Please read: %(title)s")
