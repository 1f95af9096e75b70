"""What a reader has, what a bureau has written, and who has not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import BigIntegerField, Case, Count, Exists, F, Min, OuterRef, Q, Subquery, When

from institutions.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

    from institutions.models import Membership, User
    from review.announcements.models import Announcement, AnnouncementFile, ReadReceipt  # noqa: F401 -- the bases name them


#: Institution or bureau of a row that has both; a bureau is minus its id, so that it is never taken for an institution.
PLACE = Case(When(institution=None, then=-F("bureau")), default=F("institution"), output_field=BigIntegerField())


def _receipts() -> ReadReceiptQuerySet:
    from review.announcements.models import ReadReceipt

    return ReadReceipt.objects.order_by()


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def received_by(self, user: User) -> AnnouncementQuerySet:
        """What the person was told, whichever place they act for now; with `read_at`, None while unread."""
        own = _receipts().filter(announcement=OuterRef("pk"), recipient=user)
        read = own.values("announcement").annotate(first=Min("read_at")).values("first")
        return self.filter(Exists(own)).annotate(read_at=Subquery(read)).select_related("bureau")

    def for_reading(self) -> AnnouncementQuerySet:
        """Unread first, then the latest; what was withdrawn stands with what was read. Wants `received_by`."""
        waits = Case(When(read_at=None, state="published", then=0), default=1)
        return self.annotate(waits=waits).order_by("waits", "-published_at", "-id")

    def unread_by(self, user: User) -> AnnouncementQuerySet:
        """Received, not read and not withdrawn: what was withdrawn needs no reading any more."""
        unread = _receipts().filter(announcement=OuterRef("pk"), recipient=user, read_at=None)
        return self.received_by(user).filter(Exists(unread), state="published")

    def visible_to(self, membership: Membership | None) -> AnnouncementQuerySet:
        """For those who write: what the bureau itself wrote, and what those below it published."""
        if membership is None or membership.bureau is None or not membership.may(Permission.URGE):
            return self.none()
        below = Q(bureau__path__startswith=membership.bureau.path) & ~Q(state="draft")
        return self.filter(below | Q(bureau=membership.bureau)).select_related("bureau", "writer__user", "round")

    def newest_written(self) -> AnnouncementQuerySet:
        """Drafts first, then the latest published."""
        return self.order_by(F("published_at").desc(nulls_first=True), "-id")


class FileQuerySet(models.QuerySet["AnnouncementFile"]):
    def fetchable_by(self, membership: Membership) -> FileQuerySet:
        """Files of what one wrote or may read as a writer; of what one received while it is not withdrawn."""
        from review.announcements.models import Announcement

        written = Announcement.objects.visible_to(membership).order_by().values("pk")
        received = Announcement.objects.received_by(membership.user).filter(state="published").order_by().values("pk")
        return self.filter(Q(announcement__in=written) | Q(announcement__in=received)).select_related("announcement")


class ReadReceiptQuerySet(models.QuerySet["ReadReceipt"]):
    def unread(self) -> ReadReceiptQuerySet:
        return self.filter(read_at=None)

    def listed(self) -> ReadReceiptQuerySet:
        """In the order of the tree, with what a line shows: one query."""
        return self.select_related("recipient", "institution", "bureau").order_by(
            "bureau__path", "institution__name", "pk"
        )


def people_unread(announcements: Iterable[Announcement]) -> dict[int, int]:
    """Announcement → how many people have not read it. One query."""
    found = _receipts().unread().filter(announcement__in=[one.pk for one in announcements])
    return dict(found.values_list("announcement").annotate(people=Count("recipient", distinct=True)))


def counted(announcement: Announcement) -> tuple[int, int]:
    """(people, institutions and bureaus) that have a receipt."""
    found = _receipts().filter(announcement=announcement)
    sums = found.aggregate(people=Count("recipient", distinct=True), units=Count(PLACE, distinct=True))
    return sums["people"], sums["units"]
