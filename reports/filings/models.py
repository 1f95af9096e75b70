"""A filing from the roster line to the accepted revision, with everything decided about it on the way."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from institutions.models import Bureau, Institution, Tier, in_reader_language
from institutions.words import named_stand_in
from reports.filings.queries import FilingQuerySet
from reports.rounds.models import Round


class State(models.TextChoices):
    DUE = "due", pgettext_lazy("filing", "Due")
    DRAFTING = "drafting", pgettext_lazy("filing", "Being filled")
    IN_REVIEW = "in_review", pgettext_lazy("filing", "In review")
    RETURNED = "returned", pgettext_lazy("filing", "Returned")
    ACCEPTED = "accepted", pgettext_lazy("filing", "Accepted")
    EXCUSED = "excused", pgettext_lazy("filing", "Excused")


class DueReason(models.TextChoices):
    CERTIFICATE = "certificate", _("Holds a certificate that was valid on the cut-off date")
    ADDED = "added", _("Added to the roster by the province")


class OffReason(models.TextChoices):
    """Why a line of the roster is closed without data."""

    EXEMPT = "exempt", pgettext_lazy("roster", "Taken off by the province")
    NATIONAL = "national", _("Reviewed elsewhere (national)")
    REGISTER = "register", pgettext_lazy("roster", "Closed or merged in the register")


class Filing(models.Model):
    """One institution in one round; the roster is the filings.

    `state`, `step` and `version` change only in `reports.filings.transitions.apply`. `route` is the ids of the
    bureaus that will judge, first to last, frozen on submission; `step` is the one whose turn it is. `scope` is the
    path of the reviewing bureau: a bureau sees a filing when its own path is a prefix of it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="filings")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="filings")
    reviewing_bureau = models.ForeignKey(Bureau, on_delete=models.PROTECT, related_name="filings")
    scope = models.CharField(max_length=100)
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_reason = models.CharField(max_length=12, choices=DueReason.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    off_reason = models.CharField(
        max_length=10, choices=OffReason.choices, blank=True, default="", db_default="",
        help_text="Of an excused line; empty for lines from before there were codes.",
    )  # fmt: skip
    step = models.ForeignKey(Bureau, null=True, blank=True, on_delete=models.PROTECT, related_name="filings_waiting")
    step_tier = models.CharField(max_length=12, choices=Tier.choices, blank=True)
    step_since = models.DateTimeField(null=True)
    route = ArrayField(models.BigIntegerField(), default=list)
    version = models.PositiveIntegerField(default=0)
    revision = models.ForeignKey("Revision", null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True, help_text="When a reviewer first opened the revision in review.")
    extended_until = models.DateTimeField(null=True, blank=True, help_text="Due time that an extension (延期) grants.")
    late = models.BooleanField(default=False, help_text="First submitted after the due time (补报).")
    repeat = models.BooleanField(default=False, help_text="Submitted again after a provincial return (重报).")
    # Counts for lists; written with the draft or the submission they describe.
    filled = models.PositiveIntegerField(default=0)
    required = models.PositiveIntegerField(default=0)
    hard_count = models.PositiveSmallIntegerField(default=0)
    verify_count = models.PositiveSmallIntegerField(default=0)
    score = models.DecimalField(max_digits=9, decimal_places=4, default=0, help_text="How much a reviewer gains.")
    touched_at = models.DateTimeField(null=True)
    ready_since = models.DateTimeField(null=True, help_text="Since when it waits for the signer; see signing.Handover.")
    rostered_at = models.DateTimeField(db_default=Now(), editable=False)
    # Last year's state, revision and its digest, explanations and the time; only `for_table()` brings them.
    last_state: str | None
    last_revision: int
    last_digest: str
    told: dict[str, str] | None
    read_at: dt.datetime
    #: Which of `remembered` last year's revision is, where it came from there.
    last_in_memory: tuple[int, str] | None = None

    objects = FilingQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "institution"], name="filing_once"),
            models.CheckConstraint(
                condition=(Q(state=State.IN_REVIEW, step__isnull=False, step_since__isnull=False))
                | (~Q(state=State.IN_REVIEW) & Q(step=None)),
                name="filing_waits_only_in_review",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.IN_REVIEW, State.ACCEPTED, State.RETURNED]) | Q(revision__isnull=False),
                name="filing_judged_has_revision",
            ),
            models.CheckConstraint(
                condition=Q(off_reason="") | Q(state=State.EXCUSED, off_reason__in=OffReason.values),
                name="filing_off_has_reason",
            ),
        ]
        # Each order of the review queue is an index, so that a page costs the same however many filings there are.
        indexes = [
            models.Index(fields=["round", "step", "-late", "-score", "step_since", "id"], name="filing_step"),
            models.Index(fields=["round", "step", "-score", "id"], name="filing_step_score"),
            models.Index(fields=["round", "step", "step_since", "id"], name="filing_step_since"),
            models.Index(fields=["round", "state", "-late", "-score", "step_since", "id"], name="filing_state"),
            models.Index(fields=["round", "state", "-score", "id"], name="filing_state_score"),
            models.Index(fields=["round", "state", "step_since", "id"], name="filing_state_since"),
            models.Index(
                name="filing_scope",
                fields=["round", "scope", "state"],
                opclasses=["int8_ops", "text_pattern_ops", "text_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.round}"

    def get_absolute_url(self) -> str:
        return reverse("filings:filing-detail", args=[self.public_id])

    @property
    def state_words(self) -> str:
        """The state; of a line that the State Administration reviews, that."""
        return self.get_off_reason_display() if self.is_national else self.get_state_display()

    @property
    def is_national(self) -> bool:
        return self.off_reason == OffReason.NATIONAL

    @cached_property
    def registered_certificates(self) -> list[str]:
        """Numbers of the certificates that the register holds for the institution."""
        return [certificate.number for certificate in self.institution.certificates.all()]

    @cached_property
    def last_accepted(self) -> Revision | None:
        """Last year's revision while it stands accepted; wants `previous__revision` loaded."""
        before = self.previous
        return before.revision if before is not None and before.state == State.ACCEPTED else None


class Draft(models.Model):
    """The cells of one table as they stand. `version` counts saves; a save that read an older one is a conflict.

    `cells` is `{"A101": "…"}`, or `{"rows": [{"id": "r1", "B101": "…"}]}` for a repeating table, every value in the
    stored form of `reports.schemes.values`. `touched` maps cell keys to `[version, user id]` of their last change;
    `unread` keeps what was typed and could not be read, by cell key, so that nothing typed is lost.
    """

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="drafts")
    table = models.CharField(max_length=10)
    cells = models.JSONField(default=dict)
    touched = models.JSONField(default=dict)
    unread = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["filing", "table"]
        constraints = [models.UniqueConstraint(fields=["filing", "table"], name="draft_once")]

    def __str__(self) -> str:
        return f"{self.filing} · {self.table}"


class Explanation(models.Model):
    """What the institution answers to a verify finding of its draft. `key` is the finding's stable key."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="explanations")
    key = models.CharField(max_length=80)
    text = models.CharField(max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["filing", "key"], name="explanation_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"


class Revision(models.Model):
    """What was submitted, for ever: a trigger refuses UPDATE and DELETE.

    `cells` is `{table: cells}` as in Draft; `derived` the computed indicators; `figures` the numeric cells in the
    order of `SchemeDefinition.figures`, so that a summary can add columns set-wise. `digest` is SHA-256 over scheme,
    cells, derived and explanations in canonical JSON.
    """

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    scheme = models.ForeignKey("schemes.Scheme", on_delete=models.PROTECT, related_name="+")
    cells = models.JSONField()
    derived = models.JSONField()
    figures = ArrayField(models.DecimalField(max_digits=20, decimal_places=4, null=True), default=list)
    explanations = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    filer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    pledge = models.TextField(help_text="The words the signer confirmed.")
    late = models.BooleanField(default=False)
    repeat = models.BooleanField(default=False)
    submitted_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["filing", "number"]
        constraints = [models.UniqueConstraint(fields=["filing", "number"], name="revision_once")]

    def __str__(self) -> str:
        return f"{self.filing} · {self.number}"

    @property
    def receipt_number(self) -> str:
        """Number printed on the receipt: period, filing, revision and the head of the digest."""
        return f"{self.filing.round.period}-{self.filing_id:06d}-{self.number}-{self.digest[:8].upper()}"


class Recall(models.Model):
    """The institution took a submitted revision back before anyone opened it. Append-only."""

    revision = models.OneToOneField(Revision, on_delete=models.PROTECT, related_name="recall")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.revision} recalled"


class Finding(models.Model):
    """A check that failed on a submitted revision, kept with the explanation given; append-only but for the verdict."""

    class Verdict(models.TextChoices):
        OPEN = "open", pgettext_lazy("verdict", "Not judged")
        PLAUSIBLE = "plausible", pgettext_lazy("verdict", "Explanation accepted")
        DOUBTFUL = "doubtful", pgettext_lazy("verdict", "Explanation not accepted")

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="findings")
    key = models.CharField(max_length=80)
    check_code = models.CharField(max_length=10)
    severity = models.CharField(max_length=8)
    table = models.CharField(max_length=10)
    row_id = models.CharField(max_length=20, blank=True)
    cells = models.JSONField(default=list, help_text="[[table, row id, indicator], …]")
    message_zh = models.TextField()
    message_en = models.TextField()
    explanation = models.CharField(max_length=1000, blank=True)
    from_last_year = models.BooleanField(
        default=False, db_default=False, help_text="The explanation is last year's, word for word."
    )
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.OPEN)

    class Meta:
        ordering = ["table", "check_code", "row_id"]
        constraints = [models.UniqueConstraint(fields=["revision", "key"], name="finding_once")]

    def __str__(self) -> str:
        return f"{self.check_code} {self.table}"

    @property
    def message(self) -> str:
        """In the reader's language, with the values as they were submitted."""
        return in_reader_language(self.message_zh, self.message_en)


class Decision(models.Model):
    """One pass or return, with the revision it judged. Append-only."""

    class Verdict(models.TextChoices):
        PASS = "pass", pgettext_lazy("decision", "Passed")
        RETURN = "return", pgettext_lazy("decision", "Returned")

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="decisions")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="decisions")
    bureau = models.ForeignKey(Bureau, on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=12, choices=Tier.choices)
    verdict = models.CharField(max_length=6, choices=Verdict.choices)
    note = models.CharField(max_length=1000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_label = models.CharField(max_length=300)
    stood_in = models.BooleanField(default=False, db_default=False, help_text="By a reviewer of another bureau (代审).")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "bureau", "verdict"], name="decision_once_per_bureau"),
        ]
        indexes = [models.Index(fields=["bureau", "at"], name="decision_bureau_at")]

    def __str__(self) -> str:
        return f"{self.bureau} {self.verdict} {self.filing}"

    @property
    def who(self) -> str:
        """The person, marked where they stood in. Reads `by`."""
        return named_stand_in(self.by) if self.stood_in else str(self.by)


class Remark(models.Model):
    """A to-do from a reviewer, tied to a cell, a table or the whole filing.

    Written while reading (`decision` empty: the reviewer's own notes), sent with a return, and cleared by the
    institution as fixed or explained before it may submit again.
    """

    class Reason(models.TextChoices):
        UNIT = "unit", pgettext_lazy("remark", "Wrong unit of measure")
        BALANCE = "balance", pgettext_lazy("remark", "Does not add up")
        CHANGE = "change", pgettext_lazy("remark", "Change from last year not explained")
        MISSING = "missing", pgettext_lazy("remark", "Missing or not filled")
        REGISTER = "register", pgettext_lazy("remark", "Differs from the certificate register")
        EXPLANATION = "explanation", pgettext_lazy("remark", "Explanation not sufficient")
        OTHER = "other", pgettext_lazy("remark", "Other")

    class Resolution(models.TextChoices):
        OPEN = "open", pgettext_lazy("remark", "To do")
        FIXED = "fixed", pgettext_lazy("remark", "Fixed")
        EXPLAINED = "explained", pgettext_lazy("remark", "Explained")

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="remarks")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="remarks")
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="remarks")
    bureau = models.ForeignKey(Bureau, on_delete=models.PROTECT, related_name="+")
    table = models.CharField(max_length=10, blank=True)
    row_id = models.CharField(max_length=20, blank=True)
    indicator = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    text = models.CharField(max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    resolution = models.CharField(max_length=10, choices=Resolution.choices, default=Resolution.OPEN)
    answer = models.CharField(max_length=1000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(resolution="explained") | ~Q(answer=""), name="remark_explained_has_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.text[:40]}"


from reports.filings.departments.models import DepartmentChange  # noqa: E402, F401 -- as the next
from reports.filings.extensions.models import Extension  # noqa: E402, F401 -- a model of this app in its feature's folder
from reports.filings.signing.models import Handover  # noqa: E402, F401 -- as the next
from reports.filings.spreadsheet.models import WorkbookUpload  # noqa: E402, F401 -- a model of this app in its feature's folder
