"""A request for more time and what was decided."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from reports.filings.extensions.queries import ExtensionQuerySet


class Extension(models.Model):
    """One request. The time granted stands in `Filing.extended_until` too, where rules read it without a query.

    `stored_as` is the proof below MEDIA_ROOT, empty where none was sent.
    """

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("extension", "Waiting")
        GRANTED = "granted", pgettext_lazy("extension", "Granted")
        REFUSED = "refused", pgettext_lazy("extension", "Refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("extension", "Taken back")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    filing = models.ForeignKey("filings.Filing", on_delete=models.PROTECT, related_name="extensions")
    wanted_until = models.DateTimeField()
    reason = models.CharField(max_length=1000)
    name = models.CharField(max_length=200, blank=True)
    stored_as = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey("institutions.Membership", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    granted_until = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("institutions.Membership", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=1000, blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        app_label = "filings"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["filing"], condition=Q(state="asked"), name="extension_one_waiting"),
            models.CheckConstraint(
                condition=(Q(state="granted") & Q(granted_until__isnull=False))
                | (~Q(state="granted") & Q(granted_until=None)),
                name="extension_granted_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "withdrawn"], decided_by=None, decided_at=None)
                | Q(state__in=["granted", "refused"], decided_by__isnull=False, decided_at__isnull=False),
                name="extension_decided_has_who",
            ),
            models.CheckConstraint(condition=~Q(state="refused", note=""), name="extension_refused_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.filing} · {self.get_state_display()}"

    @property
    def scope(self) -> str:
        return self.filing.scope
