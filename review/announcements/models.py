"""What a bureau tells many, with what proves that it arrived."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from institutions.models import Bureau, Institution, Membership
from institutions.roles import Role
from reports.filings.models import State as FilingState
from reports.rounds.models import Round
from review.announcements.queries import AnnouncementQuerySet, FileQuerySet, ReadReceiptQuerySet


class Announcement(models.Model):
    """A text to an audience. `bureau` is where the writer stood: the audience never reaches beyond its subtree.

    The audience is data: `roles` (any of them), `areas` (subtrees; none is the bureau's own), and with `round` only the
    institutions whose filing in it is in one of `states` (none is any). Published, nothing of this changes any more.
    `people` and `units` count who was reached; None until the receipts are written.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("announcement", "Draft")
        PUBLISHED = "published", pgettext_lazy("announcement", "Published")
        WITHDRAWN = "withdrawn", pgettext_lazy("announcement", "Withdrawn")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    bureau = models.ForeignKey(Bureau, on_delete=models.PROTECT, related_name="announcements")
    writer = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=150)
    text = models.TextField(max_length=10_000)
    roles = ArrayField(models.CharField(max_length=16), default=list)
    areas = models.ManyToManyField(Bureau, related_name="+")
    round = models.ForeignKey(Round, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    states = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)
    people = models.PositiveIntegerField(null=True)
    units = models.PositiveIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)
    reminded_on = models.DateField(null=True, help_text="Last day on which those who had not read it were reminded.")

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        app_label = "review"
        ordering = ["-published_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None) | (~Q(state="draft") & Q(published_at__isnull=False)),
                name="announcement_published_has_time",
            ),
            models.CheckConstraint(
                condition=(Q(state="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""))
                | (~Q(state="withdrawn") & Q(withdrawn_at=None, withdrawn_reason="")),
                name="announcement_withdrawn_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(people=None, units=None)
                | (Q(people__isnull=False, units__isnull=False) & ~Q(state="draft")),
                name="announcement_reached_once_out",
            ),
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="announcement_says_something"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("announcements:announcement-detail", args=[self.public_id])

    @property
    def scope(self) -> str:
        return self.bureau.path or ""

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_withdrawn(self) -> bool:
        return self.state == self.State.WITHDRAWN

    @property
    def stamp(self) -> str:
        """Another one with every save of the draft, so that a page can tell which it showed."""
        return self.changed_at.astimezone(dt.UTC).isoformat()

    @property
    def role_labels(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]

    @property
    def state_labels(self) -> list[str]:
        return [str(FilingState(state).label) for state in self.states]

    @property
    def once_key(self) -> str:
        """Names its notices in the inbox."""
        return f"announcement-{self.pk}"


class AnnouncementFile(models.Model):
    """A file that goes with it. `name` is what the sender called it (text only), `stored_as` where it lies below MEDIA_ROOT."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=4)
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200, unique=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now(), editable=False)

    objects = FileQuerySet.as_manager()

    class Meta:
        app_label = "review"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class ReadReceipt(models.Model):
    """That one person was told at one place, and when they read it (已读回执).

    `bureau` is the person's own, or the one that keeps the register of `institution`, as it was when the announcement
    went out. Reading marks every receipt that the person has of the announcement.
    """

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="receipts")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    institution = models.ForeignKey(Institution, null=True, on_delete=models.PROTECT, related_name="+")
    bureau = models.ForeignKey(Bureau, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    read_at = models.DateTimeField(null=True)

    objects = ReadReceiptQuerySet.as_manager()

    class Meta:
        app_label = "review"
        ordering = ["bureau", "institution", "recipient"]
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "recipient", "institution"],
                condition=Q(institution__isnull=False),
                name="receipt_once_at_institution",
            ),
            models.UniqueConstraint(
                fields=["announcement", "recipient", "bureau"],
                condition=Q(institution=None),
                name="receipt_once_at_bureau",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "announcement"], name="receipt_recipient"),
            models.Index(
                fields=["announcement", "bureau", "institution", "recipient"],
                condition=Q(read_at=None),
                name="receipt_unread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} · {self.recipient_id}"
