"""Accounts that nobody used for long: warned, and closed if nobody answers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from institutions.models import Membership, User


class IdleWarning(models.Model):
    """One warning and what followed: the person signed in (`settled_at`), or the account was closed, perhaps opened again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="idle_warnings")
    warned_at = models.DateTimeField(db_default=Now(), editable=False)
    closes_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(settled_at=None, reopened_at=None), name="idle_warning_one_open"
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None) | Q(closed_at=None), name="idle_warning_settled_or_closed"
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopened_by=None) | Q(closed_at__isnull=False, reopened_by__isnull=False),
                name="idle_warning_reopened_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.warned_at:%Y-%m-%d}"
