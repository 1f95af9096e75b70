"""Background work as rows. The row is the truth; the broker only hints that work is waiting."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy


class Job(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("job", "Waiting")
        RUNNING = "running", pgettext_lazy("job", "Running")
        DONE = "done", pgettext_lazy("job", "Done")
        FAILED = "failed", pgettext_lazy("job", "Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    asker = models.ForeignKey("institutions.Membership", null=True, on_delete=models.PROTECT, related_name="jobs")
    language = models.CharField(max_length=10, default="zh-hans")
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    phase = models.CharField(max_length=40, blank=True, help_text="Code of the step at work, named by the handler.")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True, help_text="Last sign of life of the worker that holds the job.")
    finished_at = models.DateTimeField(null=True)
    result_file = models.CharField(max_length=200, blank=True, help_text="Path below MEDIA_ROOT.")
    result_name = models.CharField(max_length=200, blank=True, help_text="File name offered to the asker.")
    expires_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, help_text="Why it failed, in the asker's language.")
    reference = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["state", "beat_at"], name="job_state_beat"),
            models.Index(fields=["asker", "-created_at"], name="job_asker"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)
