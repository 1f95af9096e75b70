"""A draft knows the published version it was made from."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("schemes", "0002_published_is_final"),
    ]

    operations = [
        migrations.AddField(
            model_name="scheme",
            name="base",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="successors",
                to="schemes.scheme",
            ),
        ),
    ]
