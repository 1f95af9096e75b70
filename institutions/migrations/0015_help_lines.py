import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0014_inspectors"),
    ]

    operations = [
        migrations.CreateModel(
            name="HelpLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("filling", "Filling and indicators"),
                            ("review", "Review and returns"),
                            ("account", "Accounts and sign-in"),
                            ("numbers", "Report numbers"),
                            ("technical", "Technical trouble"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=50)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("hours", models.CharField(blank=True, max_length=60)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "bureau",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="help_lines", to="institutions.bureau"
                    ),
                ),
            ],
            options={
                "ordering": ["bureau", "kind"],
                "constraints": [
                    models.UniqueConstraint(fields=("bureau", "kind"), name="help_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(("email", ""), ("phone", ""), _negated=True), name="help_line_can_be_reached"
                    ),
                ],
            },
        ),
    ]
