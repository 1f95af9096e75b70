"""Whether a decision was taken by a reviewer of another bureau."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0012_route_stays"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="stood_in",
            field=models.BooleanField(
                db_default=False, default=False, help_text="By a reviewer of another bureau (代审)."
            ),
        ),
    ]
