"""Warnings to accounts that nobody uses."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0007_contact_checks"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdleWarning",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "warned_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("closes_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("reopened_at", models.DateTimeField(null=True)),
                (
                    "reopened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.membership",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="idle_warnings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reopened_at", None), ("settled_at", None)),
                        fields=("user",),
                        name="idle_warning_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("settled_at", None), ("closed_at", None), _connector="OR"),
                        name="idle_warning_settled_or_closed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reopened_at", None), ("reopened_by", None)),
                            models.Q(("closed_at__isnull", False), ("reopened_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="idle_warning_reopened_by_somebody",
                    ),
                ],
            },
        ),
    ]
