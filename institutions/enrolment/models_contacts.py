"""Whom to call at an institution, as it was confirmed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from institutions.models import Institution, Membership


class ContactCheck(models.Model):
    """The institution said that its contact stands like this; `changed` when it corrected something. Kept for ever."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="contact_checks")
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    contact_name = models.CharField(max_length=50)
    contact_phone = models.CharField(max_length=40)
    contact_email = models.EmailField(blank=True)
    changed = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["institution", "-at"], name="contact_check_latest")]

    def __str__(self) -> str:
        return f"{self.institution} · {self.contact_name}"
