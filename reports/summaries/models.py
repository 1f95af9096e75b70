"""A build (汇总版本): one summary of one round at one moment, with everything needed to repeat it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from reports.rounds.models import Round


class Build(models.Model):
    class Basis(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("build", "Accepted filings")
        SUBMITTED = "submitted", pgettext_lazy("build", "Submitted filings (provisional)")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="builds")
    number = models.PositiveIntegerField()
    basis = models.CharField(max_length=10, choices=Basis.choices)
    data_cut = models.DateTimeField(help_text="Revisions and decisions up to this moment count.")
    scheme = models.ForeignKey("schemes.Scheme", on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("institutions.Membership", on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.PROTECT, related_name="builds")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)
    due_count = models.PositiveIntegerField(null=True)
    counted = models.PositiveIntegerField(null=True)
    code_version = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 over the figures in canonical JSON.")
    figures = models.JSONField(null=True, help_text="All blocks of the summary as computed.")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="build_number_once")]

    def __str__(self) -> str:
        return f"{self.round} · {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("summaries:build-detail", args=[self.public_id])
