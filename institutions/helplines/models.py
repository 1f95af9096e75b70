"""A bureau's contact for one kind of question."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from institutions.helplines.queries import HelpLineQuerySet
from institutions.models import Bureau


class HelpLine(models.Model):
    class Kind(models.TextChoices):
        """In the order shown."""

        FILLING = "filling", pgettext_lazy("help line", "Filling and indicators")
        REVIEW = "review", pgettext_lazy("help line", "Review and returns")
        ACCOUNT = "account", pgettext_lazy("help line", "Accounts and sign-in")
        NUMBERS = "numbers", pgettext_lazy("help line", "Report numbers")
        TECHNICAL = "technical", pgettext_lazy("help line", "Technical trouble")

    bureau = models.ForeignKey(Bureau, on_delete=models.CASCADE, related_name="help_lines")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=50, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    hours = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)

    objects = HelpLineQuerySet.as_manager()

    class Meta:
        app_label = "institutions"
        ordering = ["bureau", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["bureau", "kind"], name="help_line_once"),
            models.CheckConstraint(condition=~Q(phone="", email=""), name="help_line_can_be_reached"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.bureau}"
