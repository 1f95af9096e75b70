import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0008_handovers"),
        ("institutions", "0002_grants_and_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="filing",
            name="extended_until",
            field=models.DateTimeField(blank=True, help_text="Due time that an extension (延期) grants.", null=True),
        ),
        migrations.CreateModel(
            name="Extension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("wanted_until", models.DateTimeField()),
                ("reason", models.CharField(max_length=1000)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("stored_as", models.CharField(blank=True, max_length=200)),
                ("content_type", models.CharField(blank=True, max_length=100)),
                ("size", models.PositiveIntegerField(default=0)),
                (
                    "asked_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waiting"),
                            ("granted", "Granted"),
                            ("refused", "Refused"),
                            ("withdrawn", "Taken back"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("granted_until", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=1000)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="institutions.membership"
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
                    "filing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="extensions", to="filings.filing"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(state="asked"), fields=("filing",), name="extension_one_waiting"
                    ),
                    models.CheckConstraint(
                        condition=(Q(state="granted") & Q(granted_until__isnull=False))
                        | (~Q(state="granted") & Q(granted_until=None)),
                        name="extension_granted_has_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=["asked", "withdrawn"], decided_by=None, decided_at=None)
                        | Q(state__in=["granted", "refused"], decided_by__isnull=False, decided_at__isnull=False),
                        name="extension_decided_has_who",
                    ),
                    models.CheckConstraint(condition=~Q(state="refused", note=""), name="extension_refused_has_words"),
                ],
            },
        ),
    ]
