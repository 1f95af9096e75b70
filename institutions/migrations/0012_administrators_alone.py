"""Whoever administers the system, its security or its audit holds no other role in the same account."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

ADMINISTRATORS = ("audit_admin", "security_admin", "system_admin")


def name_those_who_hold_more(apps, schema_editor):
    """Nobody's role is ended here: which of two somebody keeps is for people to say."""
    held = apps.get_model("institutions", "Membership").objects.filter(ended_at=None)
    mixed = held.filter(user__in=held.filter(role__in=ADMINISTRATORS).values("user")).order_by("user__username", "id")
    roles = {}
    for username, role in mixed.values_list("user__username", "role"):
        roles.setdefault(username, []).append(role)
    several = [f"{name}: {', '.join(its)}" for name, its in roles.items() if len(its) > 1]
    if several:
        raise RuntimeError(
            "These accounts hold an administrator's role beside another one. End one of them on the page of people, with"
            f" the version that ran until now, and migrate again. {'; '.join(several)}"
        )


class Migration(migrations.Migration):
    dependencies = [("institutions", "0011_grants_from_a_day")]

    operations = [
        BtreeGistExtension(),
        migrations.RunPython(name_those_who_hold_more, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="membership",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("ended_at", None)),
                expressions=[
                    ("user", django.contrib.postgres.fields.ranges.RangeOperators.EQUAL),
                    (
                        models.Case(
                            models.When(
                                role__in=["audit_admin", "security_admin", "system_admin"], then=models.F("role")
                            ),
                            default=models.Value("work"),
                            output_field=models.CharField(max_length=16),
                        ),
                        django.contrib.postgres.fields.ranges.RangeOperators.NOT_EQUAL,
                    ),
                ],
                name="membership_admin_alone",
            ),
        ),
    ]
