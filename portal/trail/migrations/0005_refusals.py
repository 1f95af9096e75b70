import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trail", "0004_event_failed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16)),
                (
                    "at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("method", models.CharField(max_length=10)),
                (
                    "path",
                    models.CharField(help_text="Without what stands after the question mark.", max_length=200),
                ),
                (
                    "page",
                    models.CharField(
                        blank=True, help_text="Name of the address; empty when there is none such.", max_length=100
                    ),
                ),
                ("status", models.PositiveSmallIntegerField()),
                (
                    "cause",
                    models.CharField(
                        blank=True, help_text="Name of the error, and the line of a crash.", max_length=200
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="As shown, without addresses and long numbers.", max_length=500
                    ),
                ),
                (
                    "actor_label",
                    models.CharField(blank=True, help_text="Person, role and place as they were.", max_length=300),
                ),
                ("scope", models.CharField(blank=True, help_text="Path of the bureau concerned.", max_length=100)),
                ("address", models.GenericIPAddressField(null=True)),
                (
                    "source",
                    models.CharField(
                        help_text="Whose refusals are counted together: an account or a network.", max_length=64
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["reference"], name="refusal_reference"),
                    models.Index(fields=["source", "at"], name="refusal_source"),
                    models.Index(fields=["at"], name="refusal_at"),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["reference"], name="event_reference"),
        ),
    ]
