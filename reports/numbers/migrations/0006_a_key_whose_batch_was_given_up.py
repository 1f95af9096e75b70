"""A batch that failed or was cancelled is tried again under its idempotency key."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("numbers", "0005_what_replaces"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="numberbatch",
            name="number_batch_idempotent",
        ),
        migrations.AddConstraint(
            model_name="numberbatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("idempotency_key", ""), _negated=True),
                    models.Q(("state__in", ["failed", "cancelled"]), _negated=True),
                ),
                fields=("filing", "idempotency_key"),
                name="number_batch_idempotent",
            ),
        ),
    ]
