"""A round (填报任务): a scheme, a period and a kind, with the calendar of its phases."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from institutions.models import in_reader_language
from reports.rounds.queries import RoundQuerySet


class Kind(models.TextChoices):
    ANNUAL_STATISTICS = "annual", pgettext_lazy("round", "Annual statistics")
    ANNUAL_REPORT = "report", pgettext_lazy("round", "Annual report")
    QUARTERLY_NUMBERS = "numbers", pgettext_lazy("round", "Quarterly report numbers")


def default_reminder_days() -> list[int]:
    """Days from the due day on which non-filers are reminded: 7 and 3 before, on the day, 1 after."""
    return [-7, -3, 0, 1]


class Round(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme = models.ForeignKey("schemes.Scheme", on_delete=models.PROTECT, related_name="rounds")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    period = models.CharField(max_length=8, help_text='"2023" or "2023Q4".')
    title_zh = models.CharField(max_length=100)
    title_en = models.CharField(max_length=100)
    cut_off = models.DateField(help_text="A certificate valid on this day makes an institution due.")
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    roster_frozen_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    locks_at = models.DateTimeField(null=True, blank=True, help_text="After this moment nothing in the round changes.")
    calendar_version = models.PositiveIntegerField(default=0, help_text="Counts changes of the calendar.")
    # After a return the corrected filing enters at the first tier, or straight at the tier that returned it.
    resumes_at_returner = models.BooleanField(default=False)
    reminder_days = ArrayField(models.SmallIntegerField(), default=default_reminder_days)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-period", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "period"], name="round_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_reader_language(self.title_zh, self.title_en)

    @property
    def year(self) -> int:
        return int(self.period[:4])

    def over_since(self, now: dt.datetime) -> dt.datetime | None:
        """When the round closed, by hand or by the clock; None while it runs. The moment of the lock itself still counts."""
        if self.closed_at is not None:
            return self.closed_at
        return self.locks_at if self.locks_at is not None and now > self.locks_at else None

    def phase(self, name: str) -> Phase | None:
        """The named phase, from the prefetched set where there is one."""
        return next((phase for phase in self.phases.all() if phase.name == name), None)


class Phase(models.Model):
    """A stretch of a round's calendar. Times are compared with the database's clock."""

    class Name(models.TextChoices):
        PREPARE = "prepare", pgettext_lazy("phase", "Preparation")
        FILL = "fill", pgettext_lazy("phase", "Filling")
        COUNTY = "county", pgettext_lazy("phase", "County review")
        PREFECTURE = "prefecture", pgettext_lazy("phase", "Prefecture review")
        PROVINCE = "province", pgettext_lazy("phase", "Provincial review")
        SUPPLEMENT = "supplement", pgettext_lazy("phase", "Supplementary filing")

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="phases")
    name = models.CharField(max_length=12, choices=Name.choices)
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        ordering = ["opens_at", "due_at"]
        constraints = [
            models.UniqueConstraint(fields=["round", "name"], name="phase_once"),
            models.CheckConstraint(condition=Q(opens_at__lt=F("due_at")), name="phase_opens_before_due"),
        ]

    def __str__(self) -> str:
        return f"{self.round} · {self.get_name_display()}"


class SpecialDay(models.Model):
    """A holiday or make-up day (调休) entered by the province; it goes before the published schedule."""

    day = models.DateField(unique=True)
    works = models.BooleanField(
        help_text="Worked although the schedule says otherwise, or not worked although it does."
    )
    note = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.note}".strip()
