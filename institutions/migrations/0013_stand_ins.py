"""Reviewers who stand in for those of another bureau: a membership tied to its grant."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("institutions", "0012_administrators_alone"),
    ]

    operations = [
        migrations.CreateModel(
            name="BureauUserObjectPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AlterModelOptions(
            name="bureau",
            options={
                "ordering": ["path"],
                "permissions": [
                    ("review_by_authorisation", "Reviews on the province's authorisation"),
                    ("stand_in", "Stands in for the bureau's reviewers"),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="grant",
            name="grant_open_has_permission",
        ),
        migrations.RemoveConstraint(
            model_name="grant",
            name="grant_one_open",
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_once",
        ),
        migrations.AddField(
            model_name="grant",
            name="holder",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="kind",
            field=models.CharField(
                choices=[("review", "Review by a prefecture"), ("stand_in", "Stand-in reviewer")],
                db_default="review",
                default="review",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="grant",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="membership",
                to="institutions.grant",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("grant", None)),
                fields=("user", "role", "bureau", "institution"),
                name="membership_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("grant", None), ("role", "reviewer"), _connector="OR"), name="membership_of_grant"
            ),
        ),
        migrations.AddField(
            model_name="bureauuserobjectpermission",
            name="content_object",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="institutions.bureau"),
        ),
        migrations.AddField(
            model_name="bureauuserobjectpermission",
            name="permission",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
        ),
        migrations.AddField(
            model_name="bureauuserobjectpermission",
            name="user",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="grant",
            name="standing_in",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants",
                to="institutions.bureauuserobjectpermission",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("closed_at", None), ("kind", "review")),
                expressions=[
                    (
                        models.Func(
                            models.F("bureau"),
                            models.F("bureau"),
                            function="int8range",
                            output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                            template="%(function)s(%(expressions)s, '[]')",
                        ),
                        "&&",
                    ),
                    (
                        models.Func(
                            models.F("starts_on"),
                            models.F("ends_on"),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                            template="%(function)s(%(expressions)s, '[]')",
                        ),
                        "&&",
                    ),
                ],
                name="grant_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("closed_at", None), ("kind", "stand_in")),
                expressions=[
                    (
                        models.Func(
                            models.F("bureau"),
                            models.F("bureau"),
                            function="int8range",
                            output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                            template="%(function)s(%(expressions)s, '[]')",
                        ),
                        "&&",
                    ),
                    (
                        models.Func(
                            models.F("holder"),
                            models.F("holder"),
                            function="int8range",
                            output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                            template="%(function)s(%(expressions)s, '[]')",
                        ),
                        "&&",
                    ),
                    (
                        models.Func(
                            models.F("starts_on"),
                            models.F("ends_on"),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                            template="%(function)s(%(expressions)s, '[]')",
                        ),
                        "&&",
                    ),
                ],
                name="grant_one_stand_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("holder", None), ("kind", "review")),
                    models.Q(("ends_on__isnull", False), ("holder__isnull", False), ("kind", "stand_in")),
                    _connector="OR",
                ),
                name="grant_of_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", False), ("permission", None), ("standing_in", None)),
                    models.Q(
                        ("closed_at", None), ("kind", "review"), ("permission__isnull", False), ("standing_in", None)
                    ),
                    models.Q(
                        ("closed_at", None), ("kind", "stand_in"), ("permission", None), ("standing_in__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="grant_open_has_permission",
            ),
        ),
        migrations.AlterUniqueTogether(
            name="bureauuserobjectpermission",
            unique_together={("user", "permission", "content_object")},
        ),
    ]
