from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy


class Handover(models.Model):
    """A filer gave the filing to the signers of the institution. Open while `ended_as` is empty; at most one is.

    `cells` is what the filing held at that moment, `{table: cells}` as in a revision, so that whatever changes afterwards
    can be shown to the signer. `Filing.ready_since` repeats when the open one began, for lists and for each saved cell.
    """

    class End(models.TextChoices):
        SIGNED = "signed", pgettext_lazy("handover", "Signed")
        BACK = "back", pgettext_lazy("handover", "Handed back")
        CHANGED = "changed", pgettext_lazy("handover", "Changed afterwards")
        CLOSED = "closed", pgettext_lazy("handover", "The filing went another way")

    filing = models.ForeignKey("filings.Filing", on_delete=models.PROTECT, related_name="handovers")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    note = models.CharField(max_length=500, blank=True)
    cells = models.JSONField()
    digest = models.CharField(max_length=64)
    ended_as = models.CharField(max_length=8, choices=End.choices, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=1000, blank=True, help_text="Why the signer handed it back.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["filing"], condition=Q(ended_as=""), name="handover_open_once"),
            models.CheckConstraint(condition=~Q(ended_as="back") | ~Q(words=""), name="handover_back_has_words"),
            models.CheckConstraint(
                condition=Q(ended_as="", ended_at=None) | (~Q(ended_as="") & Q(ended_at__isnull=False)),
                name="handover_end_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} → {self.ended_as or 'open'}"
