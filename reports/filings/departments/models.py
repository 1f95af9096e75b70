"""A request that another department reviews a filing, and its answer."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from reports.filings.departments.queries import DepartmentChangeQuerySet


class DepartmentChange(models.Model):
    """One request. Only its acceptance changes `Filing.reviewing_bureau`, which stays the one department there is."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("department", "Waiting")
        ACCEPTED = "accepted", pgettext_lazy("department", "Accepted")
        REFUSED = "refused", pgettext_lazy("department", "Refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("department", "Taken back")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    filing = models.ForeignKey("filings.Filing", on_delete=models.PROTECT, related_name="department_changes")
    before = models.ForeignKey("institutions.Bureau", on_delete=models.PROTECT, related_name="+")
    wanted = models.ForeignKey("institutions.Bureau", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=1000)
    asked_by = models.ForeignKey("institutions.Membership", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    decided_by = models.ForeignKey("institutions.Membership", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=1000, blank=True)

    objects = DepartmentChangeQuerySet.as_manager()

    class Meta:
        app_label = "filings"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["filing"], condition=Q(state="asked"), name="department_one_waiting"),
            models.CheckConstraint(condition=~Q(before=F("wanted")), name="department_is_another"),
            models.CheckConstraint(condition=~Q(reason=""), name="department_has_reason"),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "withdrawn"], decided_by=None, decided_at=None)
                | Q(state__in=["accepted", "refused"], decided_by__isnull=False, decided_at__isnull=False),
                name="department_decided_has_who",
            ),
            models.CheckConstraint(condition=~Q(state="refused", note=""), name="department_refused_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.filing} · {self.before} → {self.wanted}"
