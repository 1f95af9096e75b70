"""Imports of the register with their lines, and what befell institutions."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from institutions.models import Bureau, Institution, Membership
from institutions.queries import ChangeQuerySet, ImportQuerySet


class RegisterImport(models.Model):
    """One file of the register on its way: received, its columns matched, compared with the register, applied.

    `reading` is what the file says of itself (sheet, headings, first lines); `columns` field → column number as the user
    matched them; `counts` what the comparison found; `applied` what was written.
    """

    class State(models.TextChoices):
        MATCHING = "matching", pgettext_lazy("import", "Columns to be matched")
        COMPARING = "comparing", pgettext_lazy("import", "Being compared")
        COMPARED = "compared", pgettext_lazy("import", "Compared, not applied")
        APPLYING = "applying", pgettext_lazy("import", "Being applied")
        APPLIED = "applied", pgettext_lazy("import", "Applied")
        FAILED = "failed", pgettext_lazy("import", "Not readable")
        DISCARDED = "discarded", pgettext_lazy("import", "Discarded")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    bureau = models.ForeignKey(Bureau, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200, blank=True, help_text="Path below MEDIA_ROOT; empty once removed.")
    marked_as = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.MATCHING)
    reading = models.JSONField(default=dict)
    columns = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    applied = models.JSONField(default=dict)
    refusal = models.JSONField(default=dict, help_text='{"code", "values"} of a file that cannot be read.')
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    applied_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("institutions:import-detail", args=[self.public_id])

    @property
    def stopped(self) -> bool:
        """The work was given up by an error of its own, and may be asked for again."""
        at_work = self.state in (self.State.COMPARING, self.State.APPLYING)
        return at_work and (self.job is None or self.job.state == "failed")


class RegisterLine(models.Model):
    """A line of the file as it was read, and what it would do. The table is unlogged: a crash empties it, and the file is
    compared again. Written set-wise by `staging`, `comparing` and `applying`."""

    class Outcome(models.TextChoices):
        NEW = "new", pgettext_lazy("line", "New")
        CHANGED = "changed", pgettext_lazy("line", "Changed")
        UNCHANGED = "unchanged", pgettext_lazy("line", "Unchanged")
        CONFLICT = "conflict", pgettext_lazy("line", "Conflict")
        UNREADABLE = "unreadable", pgettext_lazy("line", "Unreadable")

    imported = models.ForeignKey(
        RegisterImport, db_constraint=False, db_index=False, on_delete=models.CASCADE, related_name="lines"
    )
    row = models.PositiveIntegerField()
    fault = models.TextField(blank=True, help_text="Code and values; empty for a line that can be applied.")
    uscc = models.TextField()
    name = models.TextField()
    bureau_text = models.TextField()
    region_code = models.TextField()
    address = models.TextField()
    unit_type = models.TextField()
    contact_name = models.TextField()
    contact_phone = models.TextField()
    registered_on = models.DateField(null=True)
    parent_uscc = models.TextField()
    is_unit = models.BooleanField()
    kind = models.TextField()
    number = models.TextField()
    name_on_certificate = models.TextField()
    issuer = models.TextField()
    issued_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    status = models.TextField()
    domains = ArrayField(models.TextField(), null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, db_default="")
    changes = ArrayField(models.TextField(), db_default=[], help_text="Names of the fields that would change.")
    note = models.TextField(
        db_default="", help_text="A conflict or a possible duplicate that does not hold the line up."
    )
    institution = models.ForeignKey(
        Institution, null=True, db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+"
    )
    bureau = models.ForeignKey(
        Bureau, null=True, db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, related_name="+"
    )

    class Meta:
        ordering = ["row"]
        indexes = [models.Index(fields=["imported", "outcome", "row"], name="line_outcome")]

    def __str__(self) -> str:
        return f"{self.row}: {self.uscc}"


class RegisterColumns(models.Model):
    """How a bureau matched the columns of its last file: compared heading → field, "" for a column not used."""

    bureau = models.OneToOneField(Bureau, on_delete=models.CASCADE, related_name="+")
    headings = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.bureau)


class InstitutionChange(models.Model):
    """What befell an institution, told on its page for ever: a trigger refuses UPDATE and DELETE."""

    class Kind(models.TextChoices):
        RENAMED = "renamed", pgettext_lazy("change", "Renamed")
        MOVED = "moved", pgettext_lazy("change", "Moved to another bureau")
        MERGED_INTO = "merged_into", pgettext_lazy("change", "Merged into another")
        MERGED_FROM = "merged_from", pgettext_lazy("change", "Took over another")
        SPLIT_INTO = "split_into", pgettext_lazy("change", "Another split off")
        SPLIT_FROM = "split_from", pgettext_lazy("change", "Split off from another")
        CLOSED = "closed", pgettext_lazy("change", "Closed")
        REOPENED = "reopened", pgettext_lazy("change", "Reopened")
        PARENT = "parent", pgettext_lazy("change", "Put under a parent")

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    other = models.ForeignKey(Institution, null=True, on_delete=models.PROTECT, related_name="+")
    from_bureau = models.ForeignKey(Bureau, null=True, on_delete=models.PROTECT, related_name="+")
    to_bureau = models.ForeignKey(Bureau, null=True, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    filings = models.JSONField(default=list, help_text="What it meant for filings, as it was told in the preview.")
    by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["institution", "kind"], name="change_institution_kind")]

    def __str__(self) -> str:
        return f"{self.institution}: {self.get_kind_display()}"


class SubordinateUnit(models.Model):
    """A unit without legal personality: it is reported under its institution and never files itself (N16)."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="units")
    name = models.CharField(max_length=200)
    uscc = models.CharField(max_length=18, blank=True, help_text="Of a branch that has a code of its own.")
    address = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "name"], name="unit_once"),
            models.UniqueConstraint(fields=["uscc"], condition=~Q(uscc=""), name="unit_uscc_once"),
        ]

    def __str__(self) -> str:
        return self.name
