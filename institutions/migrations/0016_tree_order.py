"""Bureaus stand in the order of their tree; nothing changes in the database."""

from django.db import migrations

import institutions.queries


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0015_help_lines"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="bureau",
            options={
                "ordering": [institutions.queries.TreeOrder("path")],
                "permissions": [
                    ("review_by_authorisation", "Reviews on the province's authorisation"),
                    ("stand_in", "Stands in for the bureau's reviewers"),
                ],
            },
        ),
    ]
