"""Report numbers (报告编号), the batches they came in, and what became of them later.

`ReportNumber` is the big table: hash-partitioned by institution, without a foreign key, every unique key with the
institution in it, so that it can be distributed by institution without change. Its rows are written by
`reports.numbers.pipeline` and `reports.numbers.amending` alone.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from reports.filings.models import Filing
from reports.numbers.queries import ApiTokenQuerySet, BatchQuerySet, ReportNumberQuerySet
from reports.rounds.quarters import Quarter

#: Longest number that is taken, in characters, after normalising.
LONGEST = 64


class ReportNumber(models.Model):
    """One number of one institution, once for all time.

    `key` is the compared form (NFKC, trimmed, upper case, one kind of brackets). `raw` is what was written, and NULL
    where that is the key itself, which is nearly always. `quarter` is `Quarter.code`. `batch_id` and `line` say where it
    came from. Plain columns all: no key leaves the table.
    """

    class State(models.IntegerChoices):
        VALID = 1, pgettext_lazy("report number", "Valid")
        VOID = 2, pgettext_lazy("report number", "Void")
        REPLACED = 3, pgettext_lazy("report number", "Replaced")

    pk = models.CompositePrimaryKey("institution_id", "key")
    institution_id = models.BigIntegerField()
    key = models.TextField()
    raw = models.TextField(null=True)
    issued_on = models.DateField()
    certificate = models.TextField(blank=True)
    domain = models.TextField(blank=True)
    kind = models.TextField(blank=True)
    cma_mark = models.BooleanField(default=True)
    site = models.SmallIntegerField(null=True)
    state = models.SmallIntegerField(choices=State.choices, default=State.VALID)
    replaces_key = models.TextField(null=True)
    batch_id = models.BigIntegerField()
    line = models.IntegerField()
    quarter = models.SmallIntegerField()
    filed_at = models.DateTimeField(db_default=Now())

    objects = ReportNumberQuerySet.as_manager()

    class Meta:
        db_table = "numbers_reportnumber"
        # The index on (quarter, institution_id) stands in the migration: Django knows no partitioned tables.

    def __str__(self) -> str:
        return self.written

    @property
    def written(self) -> str:
        return self.key if self.raw is None else self.raw

    @property
    def period(self) -> str:
        return Quarter.from_code(self.quarter).period


class NumberBatch(models.Model):
    """One uploaded file, paste, range or API post. The counts are exact once `is_counted`.

    `reading` holds what was told about the reading (sheet, encoding, columns, hidden rows …), `causes` and `findings` count
    lines by code of `reports.numbers.causes`, `samples` is the first refused lines as [[line, number, fault], …].
    """

    class Source(models.TextChoices):
        FILE = "file", pgettext_lazy("number batch", "File")
        PASTE = "paste", pgettext_lazy("number batch", "Pasted list")
        RANGE = "range", pgettext_lazy("number batch", "Range")
        API = "api", pgettext_lazy("number batch", "Interface")
        SINGLE = "single", pgettext_lazy("number batch", "Replacement")

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("number batch", "Waiting")
        RUNNING = "running", pgettext_lazy("number batch", "Being read")
        DONE = "done", pgettext_lazy("number batch", "Done")
        REFUSED = "refused", pgettext_lazy("number batch", "Refused")
        FAILED = "failed", pgettext_lazy("number batch", "Stopped")
        CANCELLED = "cancelled", pgettext_lazy("number batch", "Cancelled")

    #: What is read again when the same comes once more under its key.
    GIVEN_UP = (State.FAILED, State.CANCELLED)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="number_batches")
    by = models.ForeignKey("institutions.Membership", null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=8, choices=Source.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    name = models.CharField(max_length=200, help_text="What the file was called; never a path of ours.")
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200, blank=True, help_text="Path below MEDIA_ROOT, generated.")
    known_digest = models.CharField(
        max_length=64, blank=True, help_text="What decided beside the bytes, see `pipeline.digest_of_known`."
    )
    defaults = models.JSONField(default=dict, help_text="Cells a pasted list leaves out, by indicator code.")
    trusts_code = models.BooleanField(
        default=False, help_text="Asked and answered: the other code inside is no mistake."
    )
    idempotency_key = models.CharField(max_length=100, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    cancel_asked = models.BooleanField(default=False)
    read = models.PositiveIntegerField(default=0)
    blank = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    already = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    causes = models.JSONField(default=dict)
    findings = models.JSONField(default=dict)
    samples = models.JSONField(default=list)
    reading = models.JSONField(default=dict)
    refusal = models.JSONField(
        default=dict, help_text='{"code": …, "values": {…}} when the file as a whole was refused.'
    )
    marked_file = models.CharField(max_length=200, blank=True, help_text="Path below MEDIA_ROOT of the marked copy.")
    reasons_file = models.CharField(
        max_length=200, blank=True, help_text="Path below MEDIA_ROOT of every reason, see `reports.numbers.reasons`."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            # The same bytes again, also renamed and also at the same moment, meet the batch they were, unless what the
            # reader knows has changed since: then lines that were refused may be good.
            models.UniqueConstraint(
                fields=["filing", "sha256", "known_digest"],
                condition=Q(state__in=["waiting", "running", "done"]),
                name="number_batch_once",
            ),
            models.UniqueConstraint(
                fields=["filing", "idempotency_key"],
                condition=~Q(idempotency_key="") & ~Q(state__in=["failed", "cancelled"]),
                name="number_batch_idempotent",
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(read=models.F("stored") + models.F("already") + models.F("repeated") + models.F("refused")),
                name="number_batch_adds_up",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="number_batch_state")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        return self.state not in (self.State.WAITING, self.State.RUNNING)

    @property
    def is_counted(self) -> bool:
        """Its numbers are stored, whatever becomes of the marking: the counts are written in their transaction."""
        return self.read > 0

    @property
    def unread_sheets(self) -> list[str]:
        """Names of the sheets of a workbook that hold numbers too: one sheet is read."""
        names: list[str] = self.reading.get("other_sheets", [])
        return names


class QuarterReturn(models.Model):
    """What the institution declares for the quarter, and what the figures said when last computed.

    Declared: `declared` (Q103) and `nil` (Q104, 零报告). Computed by `figures.recompute` after each change of the numbers;
    `patterns` by the slower second look, `figures.look_closer`.
    """

    filing = models.OneToOneField(Filing, on_delete=models.CASCADE, related_name="quarter_return")
    declared = models.PositiveIntegerField(null=True)
    nil = models.BooleanField(default=False)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(null=True)
    valid = models.PositiveIntegerField(default=0)
    void = models.PositiveIntegerField(default=0)
    replaced = models.PositiveIntegerField(default=0)
    cma_valid = models.PositiveIntegerField(default=0, help_text="Valid numbers with the CMA mark.")
    invalid_certificate = models.PositiveIntegerField(
        default=0, help_text="Valid numbers issued under a certificate not valid on that day."
    )
    computed_at = models.DateTimeField(null=True)
    patterns = models.JSONField(default=list)
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(nil=False) | Q(declared=0), name="quarter_return_nil_is_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.filing}: {self.valid}"


class NumberChange(models.Model):
    """A number voided or replaced after it was filed, with the reason. Append-only."""

    class Act(models.TextChoices):
        VOID = "void", pgettext_lazy("report number", "Voided")
        REPLACE = "replace", pgettext_lazy("report number", "Replaced by another")

    institution = models.ForeignKey("institutions.Institution", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=LONGEST)
    act = models.CharField(max_length=8, choices=Act.choices)
    replacement_key = models.CharField(max_length=LONGEST, blank=True)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["institution", "key"], name="number_change_key")]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="number_change_has_reason")]

    def __str__(self) -> str:
        return f"{self.act} {self.key}"


class SharedNumber(models.Model):
    """The same number at two institutions: for supervisors alone, found by the second look after a batch."""

    key = models.CharField(max_length=LONGEST)
    institution = models.ForeignKey("institutions.Institution", on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey("institutions.Institution", on_delete=models.CASCADE, related_name="+")
    quarter = models.SmallIntegerField(help_text="Of the number at `institution`.")
    found_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["key", "institution"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "key", "other"], name="shared_number_once"),
        ]
        indexes = [models.Index(fields=["quarter", "key"], name="shared_number_quarter")]

    def __str__(self) -> str:
        return self.key


class ApiToken(models.Model):
    """Lets a program of one institution send numbers. It acts for the person who made it, and ends with their role.

    Only the SHA-256 of the secret is kept; the secret has 32 random bytes, so no slow hash is needed. `tail` is its last
    four characters, to tell tokens apart.
    """

    institution = models.ForeignKey("institutions.Institution", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60, help_text="The system that uses it.")
    digest = models.CharField(max_length=64, unique=True)
    tail = models.CharField(max_length=4)
    created_by = models.ForeignKey("institutions.Membership", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "name"], condition=Q(revoked_at=None), name="api_token_name_once"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="api_token_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} …{self.tail}"


class Visits(models.Model):
    """How often one address or token asked in its present minute, see `portal.visits`. An unlogged table."""

    subject = models.CharField(max_length=64, primary_key=True)
    minute = models.BigIntegerField()
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.subject[:8]}: {self.count}"
