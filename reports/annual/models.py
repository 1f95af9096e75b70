"""Files attached to an annual report. The report's own answers stand in the drafts and revisions of its filing."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from reports.annual.queries import AttachmentQuerySet
from reports.filings.models import Filing


class Attachment(models.Model):
    """One file. `item` is the indicator it answers, `name` what the sender called it (text only), `stored_as` where it lies
    below MEDIA_ROOT under a name of our own.

    A trigger refuses every UPDATE, and the DELETE of a file that a revision names.
    """

    class Kind(models.TextChoices):
        PDF = "pdf", pgettext_lazy("attachment", "PDF")
        PNG = "png", pgettext_lazy("attachment", "PNG picture")
        JPEG = "jpeg", pgettext_lazy("attachment", "JPEG picture")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="attachments")
    item = models.CharField(max_length=10)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200, unique=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["filing", "item", "id"]

    def __str__(self) -> str:
        return f"{self.item} {self.name}"

    @property
    def content_type(self) -> str:
        return {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}[self.kind]
