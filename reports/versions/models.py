"""Workbooks that became the content of a draft, and try-outs of a draft's checks."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class SchemeUpload(models.Model):
    """One workbook sent for a draft; the last one is what the draft was read from.

    `places` tells where each line and column of the content stood, `faults` and `notes` what could not be read and what
    should be known, as `reports.schemes.arriving` gives them. `stored_as` is the file below MEDIA_ROOT, kept for download.
    """

    scheme = models.ForeignKey("schemes.Scheme", on_delete=models.CASCADE, related_name="uploads")
    by = models.ForeignKey("institutions.Membership", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200, blank=True)
    places = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    notes = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class SchemeTrial(models.Model):
    """The checks of a draft, as it was with `digest`, over the accepted filings of a round.

    `result` is what `trying.Outcome.as_json` gives, with "then": in how many of the filings each check stood when they were
    sent; null while the job is at work.
    """

    scheme = models.ForeignKey("schemes.Scheme", on_delete=models.CASCADE, related_name="trials")
    digest = models.CharField(max_length=64)
    round = models.ForeignKey("rounds.Round", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("institutions.Membership", on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.scheme} · {self.round}"
