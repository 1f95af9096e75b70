"""The room's tables. The big one is partitioned by institution, which Django cannot say; its SQL stands here.

The one unique key begins with the number, so that the same index answers "(institution, number) once" and "who has this
number". Its other index serves everything about one institution's quarter; its keys repeat, so it stays small. The quarter
comes first in it: begun with the institution it would look like a way to one number, and for an institution that the
statistics do not know yet the planner would take it and read a million rows for each probe.
"""

import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from portal.trail.sql import append_only

PARTITIONS = 16

TABLE = """
CREATE TABLE numbers_reportnumber (
    institution_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    filed_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    issued_on date NOT NULL,
    line integer NOT NULL,
    quarter smallint NOT NULL,
    state smallint NOT NULL DEFAULT 1 CHECK (state IN (1, 2, 3)),
    site smallint,
    cma_mark boolean NOT NULL DEFAULT true,
    key text COLLATE "C" NOT NULL CHECK (key <> '' AND length(key) <= 64),
    raw text,
    certificate text NOT NULL DEFAULT '',
    domain text NOT NULL DEFAULT '',
    kind text NOT NULL DEFAULT '',
    replaces_key text COLLATE "C",
    CONSTRAINT numbers_reportnumber_pkey PRIMARY KEY (key, institution_id)
) PARTITION BY HASH (institution_id);
CREATE INDEX numbers_reportnumber_quarter ON numbers_reportnumber (quarter, institution_id);
""" + "".join(
    f"CREATE TABLE numbers_reportnumber_{part:02d} PARTITION OF numbers_reportnumber"
    f" FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {part});\n"
    for part in range(PARTITIONS)
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("filings", "0002_append_only"),
        ("institutions", "0002_grants_and_sessions"),
        ("jobs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ReportNumber",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "institution_id", "key", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("institution_id", models.BigIntegerField()),
                        ("key", models.TextField()),
                        ("raw", models.TextField(null=True)),
                        ("issued_on", models.DateField()),
                        ("certificate", models.TextField(blank=True)),
                        ("domain", models.TextField(blank=True)),
                        ("kind", models.TextField(blank=True)),
                        ("cma_mark", models.BooleanField(default=True)),
                        ("site", models.SmallIntegerField(null=True)),
                        (
                            "state",
                            models.SmallIntegerField(choices=[(1, "Valid"), (2, "Void"), (3, "Replaced")], default=1),
                        ),
                        ("replaces_key", models.TextField(null=True)),
                        ("batch_id", models.BigIntegerField()),
                        ("line", models.IntegerField()),
                        ("quarter", models.SmallIntegerField()),
                        ("filed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ],
                    options={
                        "db_table": "numbers_reportnumber",
                    },
                ),
            ],
            database_operations=[migrations.RunSQL(TABLE, "DROP TABLE numbers_reportnumber")],
        ),
        migrations.CreateModel(
            name="NumberBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("file", "File"),
                            ("paste", "Pasted list"),
                            ("range", "Range"),
                            ("api", "Interface"),
                            ("single", "Replacement"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Being read"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("failed", "Stopped"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(help_text="What the file was called; never a path of ours.", max_length=200)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "stored_as",
                    models.CharField(blank=True, help_text="Path below MEDIA_ROOT, generated.", max_length=200),
                ),
                (
                    "defaults",
                    models.JSONField(default=dict, help_text="Cells a pasted list leaves out, by indicator code."),
                ),
                (
                    "trusts_code",
                    models.BooleanField(
                        default=False, help_text="Asked and answered: the other code inside is no mistake."
                    ),
                ),
                ("idempotency_key", models.CharField(blank=True, max_length=100)),
                ("cancel_asked", models.BooleanField(default=False)),
                ("read", models.PositiveIntegerField(default=0)),
                ("blank", models.PositiveIntegerField(default=0)),
                ("stored", models.PositiveIntegerField(default=0)),
                ("already", models.PositiveIntegerField(default=0)),
                ("repeated", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("causes", models.JSONField(default=dict)),
                ("findings", models.JSONField(default=dict)),
                ("samples", models.JSONField(default=list)),
                ("reading", models.JSONField(default=dict)),
                (
                    "refusal",
                    models.JSONField(
                        default=dict, help_text='{"code": …, "values": {…}} when the file as a whole was refused.'
                    ),
                ),
                (
                    "marked_file",
                    models.CharField(blank=True, help_text="Path below MEDIA_ROOT of the marked copy.", max_length=200),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.membership",
                    ),
                ),
                (
                    "filing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="number_batches", to="filings.filing"
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="jobs.job"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["state", "id"], name="number_batch_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "running", "done"])),
                        fields=("filing", "sha256"),
                        name="number_batch_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("idempotency_key", ""), _negated=True),
                        fields=("filing", "idempotency_key"),
                        name="number_batch_idempotent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            (
                                "read",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("stored"), "+", models.F("already")
                                        ),
                                        "+",
                                        models.F("repeated"),
                                    ),
                                    "+",
                                    models.F("refused"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="number_batch_adds_up",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                (
                    "act",
                    models.CharField(choices=[("void", "Voided"), ("replace", "Replaced by another")], max_length=8),
                ),
                ("replacement_key", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="institutions.institution"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["institution", "key"], name="number_change_key")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="number_change_has_reason"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QuarterReturn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("declared", models.PositiveIntegerField(null=True)),
                ("nil", models.BooleanField(default=False)),
                ("declared_at", models.DateTimeField(null=True)),
                ("valid", models.PositiveIntegerField(default=0)),
                ("void", models.PositiveIntegerField(default=0)),
                ("replaced", models.PositiveIntegerField(default=0)),
                ("cma_valid", models.PositiveIntegerField(default=0, help_text="Valid numbers with the CMA mark.")),
                (
                    "invalid_certificate",
                    models.PositiveIntegerField(
                        default=0, help_text="Valid numbers issued under a certificate not valid on that day."
                    ),
                ),
                ("computed_at", models.DateTimeField(null=True)),
                ("patterns", models.JSONField(default=list)),
                ("looked_at", models.DateTimeField(null=True)),
                (
                    "declared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "filing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="quarter_return", to="filings.filing"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("nil", False), ("declared", 0), _connector="OR"),
                        name="quarter_return_nil_is_zero",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SharedNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                ("quarter", models.SmallIntegerField(help_text="Of the number at `institution`.")),
                (
                    "found_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="institutions.institution"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="institutions.institution"
                    ),
                ),
            ],
            options={
                "ordering": ["key", "institution"],
                "indexes": [models.Index(fields=["quarter", "key"], name="shared_number_quarter")],
                "constraints": [
                    models.UniqueConstraint(fields=("institution", "key", "other"), name="shared_number_once")
                ],
            },
        ),
        *append_only("numbers_numberchange"),
    ]
