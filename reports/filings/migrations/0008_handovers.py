import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0007_explanation_of_last_year"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="filing",
            name="ready_since",
            field=models.DateTimeField(
                help_text="Since when it waits for the signer; see signing.Handover.", null=True
            ),
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("cells", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "ended_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("signed", "Signed"),
                            ("back", "Handed back"),
                            ("changed", "Changed afterwards"),
                            ("closed", "The filing went another way"),
                        ],
                        max_length=8,
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("words", models.CharField(blank=True, help_text="Why the signer handed it back.", max_length=1000)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "filing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to="filings.filing"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_as", "")), fields=("filing",), name="handover_open_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_as", "back"), _negated=True),
                            models.Q(("words", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="handover_back_has_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_as", ""), ("ended_at", None)),
                            models.Q(models.Q(("ended_as", ""), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="handover_end_has_a_time",
                    ),
                ],
            },
        ),
    ]
