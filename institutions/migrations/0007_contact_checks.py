"""An address for mail of the contact, and when the institution confirmed it."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0006_applications"),
    ]

    operations = [
        migrations.AddField(
            model_name="institution",
            name="contact_email",
            field=models.EmailField(blank=True, db_default="", default="", max_length=254, verbose_name="e-mail"),
        ),
        migrations.CreateModel(
            name="ContactCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("contact_name", models.CharField(max_length=50)),
                ("contact_phone", models.CharField(max_length=40)),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                ("changed", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="institutions.membership"
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_checks",
                        to="institutions.institution",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["institution", "-at"], name="contact_check_latest")],
            },
        ),
    ]
