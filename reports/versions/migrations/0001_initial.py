"""Workbooks that became the content of drafts."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("institutions", "0004_register_imports"),
        ("schemes", "0003_base_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="SchemeUpload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("name", models.CharField(max_length=200)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("stored_as", models.CharField(blank=True, max_length=200)),
                ("places", models.JSONField(default=dict)),
                ("faults", models.JSONField(default=list)),
                ("notes", models.JSONField(default=list)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="institutions.membership"
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uploads", to="schemes.scheme"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
    ]
