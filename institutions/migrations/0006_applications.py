"""Applications of people who register themselves."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0005_people_of_institutions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("uscc", models.CharField(max_length=18)),
                ("certificate_number", models.CharField(max_length=40)),
                ("institution_name", models.CharField(max_length=200)),
                (
                    "match",
                    models.CharField(
                        choices=[
                            ("agrees", "Code and certificate belong together on the register"),
                            ("code", "The code is on the register, but the certificate is none of this institution's"),
                            ("certificate", "The certificate is on the register under another code"),
                            ("unknown", "Neither the code nor the certificate is on the register"),
                        ],
                        max_length=12,
                    ),
                ),
                ("name", models.CharField(max_length=50)),
                ("phone", models.CharField(max_length=40)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("filer", "Filer"),
                            ("signer", "Signer"),
                            ("unit_admin", "Institution administrator"),
                            ("reviewer", "Reviewer"),
                            ("statistician", "Provincial statistician"),
                            ("system_admin", "System administrator"),
                            ("security_admin", "Security administrator"),
                            ("audit_admin", "Audit administrator"),
                        ],
                        max_length=16,
                    ),
                ),
                ("username", models.CharField(max_length=64)),
                ("password", models.CharField(blank=True, max_length=128)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("approved", "Approved"), ("refused", "Refused")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "bureau",
                    models.ForeignKey(
                        help_text="Where the applicant says.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.bureau",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.membership",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="institutions.institution",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.membership",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["uscc"], name="application_waiting")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", frozenset(["filer", "signer", "unit_admin"]))),
                        name="application_role_of_institution",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None), ("decided_by", None), ("membership", None), ("state", "waiting")
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("membership__isnull", False),
                                ("password", ""),
                                ("state", "approved"),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("membership", None),
                                ("password", ""),
                                ("state", "refused"),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="application_decided_by_somebody",
                    ),
                ],
            },
        ),
    ]
