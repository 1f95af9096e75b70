from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SpecialDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True)),
                (
                    "works",
                    models.BooleanField(
                        help_text="Worked although the schedule says otherwise, or not worked although it does."
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=60)),
            ],
            options={"ordering": ["day"]},
        ),
        migrations.AddField(
            model_name="round",
            name="locks_at",
            field=models.DateTimeField(
                blank=True, help_text="After this moment nothing in the round changes.", null=True
            ),
        ),
        migrations.AddField(
            model_name="round",
            name="calendar_version",
            field=models.PositiveIntegerField(default=0, help_text="Counts changes of the calendar."),
        ),
    ]
