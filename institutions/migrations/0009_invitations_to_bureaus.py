"""Invitations to work for a bureau."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0008_idle_accounts"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="invitation",
            name="invitation_role_of_institution",
        ),
        migrations.AddField(
            model_name="invitation",
            name="bureau",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invitations",
                to="institutions.bureau",
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="institution",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invitations",
                to="institutions.institution",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("bureau", None),
                        ("institution__isnull", False),
                        ("role__in", frozenset(["filer", "signer", "unit_admin"])),
                    ),
                    models.Q(
                        models.Q(("role__in", frozenset(["filer", "signer", "unit_admin"])), _negated=True),
                        ("bureau__isnull", False),
                        ("institution", None),
                    ),
                    _connector="OR",
                ),
                name="invitation_at_one_place",
            ),
        ),
    ]
