"""Inspectors of one institution: a membership tied to its grant, of no bureau and of no institution."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("institutions", "0013_stand_ins"),
    ]

    operations = [
        migrations.CreateModel(
            name="InstitutionUserObjectPermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AlterModelOptions(
            name="institution",
            options={"ordering": ["name", "id"], "permissions": [("inspect", "Reads what the institution submitted")]},
        ),
        migrations.RemoveConstraint(
            model_name="grant",
            name="grant_of_kind",
        ),
        migrations.RemoveConstraint(
            model_name="grant",
            name="grant_open_has_permission",
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_at_one_place",
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_of_grant",
        ),
        migrations.AddField(
            model_name="grant",
            name="institution",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants",
                to="institutions.institution",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="inspects",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="inspectors",
                to="institutions.institution",
            ),
        ),
        migrations.AlterField(
            model_name="application",
            name="role",
            field=models.CharField(
                choices=[
                    ("filer", "Filer"),
                    ("signer", "Signer"),
                    ("unit_admin", "Institution administrator"),
                    ("reviewer", "Reviewer"),
                    ("statistician", "Provincial statistician"),
                    ("inspector", "Inspector"),
                    ("system_admin", "System administrator"),
                    ("security_admin", "Security administrator"),
                    ("audit_admin", "Audit administrator"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="grant",
            name="bureau",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="institutions.bureau"
            ),
        ),
        migrations.AlterField(
            model_name="grant",
            name="kind",
            field=models.CharField(
                choices=[
                    ("review", "Review by a prefecture"),
                    ("stand_in", "Stand-in reviewer"),
                    ("inspect", "Inspector of an institution"),
                ],
                db_default="review",
                default="review",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="role",
            field=models.CharField(
                choices=[
                    ("filer", "Filer"),
                    ("signer", "Signer"),
                    ("unit_admin", "Institution administrator"),
                    ("reviewer", "Reviewer"),
                    ("statistician", "Provincial statistician"),
                    ("inspector", "Inspector"),
                    ("system_admin", "System administrator"),
                    ("security_admin", "Security administrator"),
                    ("audit_admin", "Audit administrator"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("filer", "Filer"),
                    ("signer", "Signer"),
                    ("unit_admin", "Institution administrator"),
                    ("reviewer", "Reviewer"),
                    ("statistician", "Provincial statistician"),
                    ("inspector", "Inspector"),
                    ("system_admin", "System administrator"),
                    ("security_admin", "Security administrator"),
                    ("audit_admin", "Audit administrator"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("bureau", None),
                        ("inspects", None),
                        ("institution__isnull", False),
                        ("role__in", frozenset(["filer", "signer", "unit_admin"])),
                    ),
                    models.Q(
                        ("bureau", None), ("inspects__isnull", False), ("institution", None), ("role", "inspector")
                    ),
                    models.Q(
                        models.Q(("role__in", ["filer", "signer", "unit_admin", "inspector"]), _negated=True),
                        ("bureau__isnull", False),
                        ("inspects", None),
                        ("institution", None),
                    ),
                    _connector="OR",
                ),
                name="membership_at_one_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("grant", None), models.Q(("role", "inspector"), _negated=True)),
                    models.Q(("grant__isnull", False), ("role__in", ["inspector", "reviewer"])),
                    _connector="OR",
                ),
                name="membership_of_grant",
            ),
        ),
        migrations.AddField(
            model_name="institutionuserobjectpermission",
            name="content_object",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="institutions.institution"),
        ),
        migrations.AddField(
            model_name="institutionuserobjectpermission",
            name="permission",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
        ),
        migrations.AddField(
            model_name="institutionuserobjectpermission",
            name="user",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="grant",
            name="inspection",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants",
                to="institutions.institutionuserobjectpermission",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("closed_at", None), ("kind", "inspect")),
                expressions=[
                    (
                        models.Func(
                            models.F("institution"),
                            models.F("institution"),
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
                name="grant_one_inspection",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bureau__isnull", False), ("holder", None), ("institution", None), ("kind", "review")),
                    models.Q(
                        models.Q(("ends_on__isnull", False), ("holder__isnull", False)),
                        ("bureau__isnull", False),
                        ("institution", None),
                        ("kind", "stand_in"),
                    ),
                    models.Q(
                        models.Q(("ends_on__isnull", False), ("holder__isnull", False)),
                        ("bureau", None),
                        ("institution__isnull", False),
                        ("kind", "inspect"),
                    ),
                    _connector="OR",
                ),
                name="grant_of_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False), ("inspection", None), ("permission", None), ("standing_in", None)
                    ),
                    models.Q(
                        ("closed_at", None),
                        ("inspection", None),
                        ("kind", "review"),
                        ("permission__isnull", False),
                        ("standing_in", None),
                    ),
                    models.Q(
                        ("closed_at", None),
                        ("inspection", None),
                        ("kind", "stand_in"),
                        ("permission", None),
                        ("standing_in__isnull", False),
                    ),
                    models.Q(
                        ("closed_at", None),
                        ("inspection__isnull", False),
                        ("kind", "inspect"),
                        ("permission", None),
                        ("standing_in", None),
                    ),
                    _connector="OR",
                ),
                name="grant_open_has_permission",
            ),
        ),
        migrations.AlterUniqueTogether(
            name="institutionuserobjectpermission",
            unique_together={("user", "permission", "content_object")},
        ),
    ]
