"""Writing, publishing, withdrawing, reading and reminding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models.functions import Now
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from institutions.models import Bureau, Membership, User
from institutions.words import one_line
from portal.clock import database_now, statement_now
from portal.inbox.actions import mark_link_read
from portal.jobs import actions as jobs
from portal.trail.actions import record
from portal.uploads.storage import clean_name
from reports.filings.errors import Incomplete, NotAllowed, StaleFiling, must
from reports.rounds.models import Round
from review.announcements import rules
from review.announcements.audience import areas_within, audience_of, reach
from review.announcements.files import MOST_FILES, keep_file, path_of
from review.announcements.models import Announcement, AnnouncementFile, ReadReceipt
from review.announcements.queries import people_unread


class ChangedMeanwhile(StaleFiling):
    """The draft is not the one that the writer saw."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a writer decides: the words and the audience. `areas` are bureaus of the writer's subtree; none is all of it."""

    title: str
    text: str
    roles: Sequence[str]
    areas: Sequence[Bureau] = ()
    round: Round | None = None
    states: Sequence[str] = ()


def write(
    *, content: Content, by: Membership, announcement: Announcement | None = None, seen: str = ""
) -> Announcement:
    """A new draft, or another content for the one whose `stamp` was `seen`; ChangedMeanwhile where it has another now."""
    must(rules.can_write(by))
    assert by.bureau is not None, "can_write"
    title, text = one_line(content.title)[:150], content.text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not title or not text:
        raise Incomplete(_("Give it a title and a text."))
    if not content.roles:
        raise Incomplete(_("Choose at least one role that it is for."))
    if content.states and content.round is None:
        raise Incomplete(_("Choose the round whose filings are meant by the states."))
    if not areas_within(by.bureau, (area.path or "" for area in content.areas)):
        raise NotAllowed(_("An announcement stays within the area of your bureau."))
    with transaction.atomic():
        if announcement is None:
            announcement = Announcement(bureau=by.bureau)
        else:
            announcement = _locked(announcement)
            must(rules.can_change(by, announcement))
            _must_be_as_seen(announcement, seen)
        announcement.writer, announcement.title, announcement.text = by, title, text
        announcement.roles, announcement.round = sorted(content.roles), content.round
        announcement.states = sorted(content.states)
        announcement.changed_at = statement_now()
        announcement.save()
        announcement.areas.set(content.areas)
        record("announcement.written", by=by, obj=announcement, scope=announcement.scope)
    return announcement


def _must_be_as_seen(announcement: Announcement, seen: str) -> None:
    if announcement.stamp != seen:
        raise ChangedMeanwhile(
            _(
                "%(person)s saved this draft at %(moment)s, after you opened it. What you typed stands below and is not saved. "
                "Open the draft anew to see what it says now, or save once more to put yours in its place."
            )
            % {"person": announcement.writer.user, "moment": f"{localtime(announcement.changed_at):%Y-%m-%d %H:%M}"}
        )


def discard(*, announcement: Announcement, by: Membership) -> None:
    """A draft that nobody has seen, with its files."""
    with transaction.atomic():
        announcement = _locked(announcement)
        must(rules.can_change(by, announcement))
        paths = [path_of(file) for file in announcement.files.all()]
        record("announcement.discarded", by=by, obj=announcement, scope=announcement.scope)
        announcement.delete()
        for path in paths:
            transaction.on_commit(partial(path.unlink, missing_ok=True))


def attach(*, announcement: Announcement, chunks: Iterable[bytes], name: str, by: Membership) -> AnnouncementFile:
    """Nothing is kept of a file that is refused."""
    must(rules.can_change(by, announcement))
    kept, fields = keep_file(chunks, name)
    try:
        with transaction.atomic():
            announcement = _locked(announcement)
            must(rules.can_change(by, announcement))
            files = list(announcement.files.all())
            if len(files) >= MOST_FILES:
                raise Incomplete(_("An announcement takes at most %(most)d files.") % {"most": MOST_FILES})
            if any(file.sha256 == kept.sha256 for file in files):
                raise Incomplete(_("“%(name)s” is attached already.") % {"name": clean_name(name)})
            file = AnnouncementFile.objects.create(announcement=announcement, **fields)
            details = {"name": file.name, "sha256": file.sha256, "size": file.size}
            record("announcement.attached", by=by, obj=announcement, scope=announcement.scope, details=details)
    except BaseException:
        kept.path.unlink(missing_ok=True)
        raise
    return file


def detach(*, file: AnnouncementFile, by: Membership) -> None:
    with transaction.atomic():
        announcement = _locked(file.announcement)
        must(rules.can_change(by, announcement))
        path, details = path_of(file), {"name": file.name, "sha256": file.sha256}
        file.delete()
        record("announcement.detached", by=by, obj=announcement, scope=announcement.scope, details=details)
        transaction.on_commit(partial(path.unlink, missing_ok=True))


def publish(*, announcement: Announcement, by: Membership) -> Announcement:
    """From now on its readers may see it; a job writes the receipts and tells everybody."""
    with transaction.atomic():
        announcement = _locked(announcement)
        found = reach(audience_of(announcement))
        must(rules.can_publish(by, announcement, found.people))
        announcement.state, announcement.published_at = Announcement.State.PUBLISHED, database_now()
        announcement.save(update_fields=["state", "published_at"])
        details = {"people": found.people, "units": found.units}
        record("announcement.published", by=by, obj=announcement, scope=announcement.scope, details=details)
        jobs.create(kind="announcement.deliver", by=by, params={"announcement": announcement.pk})
    return announcement


def withdraw(*, announcement: Announcement, reason: str, by: Membership) -> Announcement:
    """It no longer holds. Those who had it keep its words, marked with the reason; its files are no longer given out.

    People act on what they were told, so they must be able to see what that was, and that it holds no more.
    """
    reason = one_line(reason)[:500]
    with transaction.atomic():
        announcement = _locked(announcement)
        must(rules.can_withdraw(by, announcement))
        if not reason:
            raise Incomplete(_("Say why it is withdrawn; those who have it read the reason."))
        announcement.state, announcement.withdrawn_at = Announcement.State.WITHDRAWN, database_now()
        announcement.withdrawn_reason = reason
        announcement.save(update_fields=["state", "withdrawn_at", "withdrawn_reason"])
        details = {"reason": reason}
        record("announcement.withdrawn", by=by, obj=announcement, scope=announcement.scope, details=details)
    return announcement


def mark_announcement_read(*, announcement: Announcement, by: User) -> None:
    """The first reading counts, for every place at which the person has it; its messages in the inbox are read with it."""
    with transaction.atomic():
        ReadReceipt.objects.filter(announcement=announcement, recipient=by, read_at=None).update(read_at=Now())
        mark_link_read(link=announcement.get_absolute_url(), by=by)


def remind(*, announcement: Announcement, by: Membership) -> int:
    """Ask a job to remind those who have not read it, at most once a day; returns how many they are."""
    with transaction.atomic():
        announcement = _locked(announcement)
        unread = people_unread([announcement]).get(announcement.pk, 0)
        today = localtime(database_now()).date()
        must(rules.can_remind(by, announcement, unread, today))
        announcement.reminded_on = today
        announcement.save(update_fields=["reminded_on"])
        record("announcement.reminded", by=by, obj=announcement, scope=announcement.scope, details={"people": unread})
        jobs.create(
            kind="announcement.remind", by=by, params={"announcement": announcement.pk, "day": today.isoformat()}
        )
    return unread


def _locked(announcement: Announcement) -> Announcement:
    """As it stands now, held until the transaction ends; StaleFiling where somebody has deleted it meanwhile."""
    found = Announcement.objects.select_for_update(of=("self",)).select_related("bureau").filter(pk=announcement.pk)
    current = found.first()
    if current is None:
        raise StaleFiling(_("The draft has been deleted meanwhile. Nothing was changed."))
    return current
