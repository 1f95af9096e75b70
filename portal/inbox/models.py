"""What people are told: one notice per recipient, with the times it was mailed and read (proof of delivery)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import get_language, pgettext_lazy


class Notice(models.Model):
    class Kind(models.TextChoices):
        REMINDER = "reminder", pgettext_lazy("notice", "Reminder")
        URGE = "urge", pgettext_lazy("notice", "Urging")
        RETURNED = "returned", pgettext_lazy("notice", "Returned")
        DECISION = "decision", pgettext_lazy("notice", "Decision")
        SUBMITTED = "submitted", pgettext_lazy("notice", "Submitted")
        INFORMATION = "information", pgettext_lazy("notice", "Information")

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    institution = models.ForeignKey("institutions.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    subject_zh = models.CharField(max_length=200)
    subject_en = models.CharField(max_length=200)
    body_zh = models.TextField(blank=True)
    body_en = models.TextField(blank=True)
    link = models.CharField(max_length=200, blank=True, help_text="Path within the portal.")
    # A sender that may run twice names what it sends; the database then keeps one.
    once_key = models.CharField(max_length=120, null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True, help_text="When the mail gateway confirmed that it has the message.")
    mail_claimed_at = models.DateTimeField(null=True, help_text="When a worker last took it up.")
    # Handed over without a confirmation: nobody knows whether the gateway has it, so it is not sent again.
    mail_handed_at = models.DateTimeField(null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "once_key"], name="notice_once"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notice_recipient"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["created_at"], condition=Q(mailed_at=None), name="notice_unmailed"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def _english(self) -> bool:
        return (get_language() or "").startswith("en")

    @property
    def subject(self) -> str:
        return self.subject_en if self._english else self.subject_zh

    @property
    def body(self) -> str:
        return self.body_en if self._english else self.body_zh
