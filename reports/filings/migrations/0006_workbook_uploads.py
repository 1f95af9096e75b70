import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0005_rostered_at"),
        ("institutions", "0002_grants_and_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkbookUpload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("name", models.CharField(max_length=200)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("stored_as", models.CharField(blank=True, max_length=200)),
                ("content", models.JSONField(null=True)),
                ("refusal", models.JSONField(default=dict)),
                ("applied_at", models.DateTimeField(null=True)),
                ("applied", models.JSONField(default=dict, help_text="How many cells and lines were saved.")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="institutions.membership"
                    ),
                ),
                (
                    "filing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="workbook_uploads",
                        to="filings.filing",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("stored_as", ""), _negated=True), fields=["at"], name="workbook_at"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("content__isnull", True), ("refusal", {}), _connector="OR"),
                        name="workbook_read_or_refused",
                    )
                ],
            },
        ),
    ]
