"""Workbooks that were uploaded: what was read of them, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class WorkbookUpload(models.Model):
    """One file sent for a filing. What it says is in `content` as `child` read it; nothing of it is saved before it is applied.

    `stored_as` is the file below MEDIA_ROOT; once it is cleared away both are empty. `refusal` says why it was not read.
    """

    filing = models.ForeignKey("filings.Filing", on_delete=models.CASCADE, related_name="workbook_uploads")
    by = models.ForeignKey("institutions.Membership", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200, blank=True)
    content = models.JSONField(null=True)
    refusal = models.JSONField(default=dict)
    applied_at = models.DateTimeField(null=True)
    applied = models.JSONField(default=dict, help_text="How many cells and lines were saved.")

    class Meta:
        app_label = "filings"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(content__isnull=True) | models.Q(refusal={}), name="workbook_read_or_refused"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="workbook_at", condition=~models.Q(stored_as=""))]

    def __str__(self) -> str:
        return self.name
