"""Why a line is off the roster gets a code of its own; until now the words of the reason began with it."""

from django.db import migrations, models

# The reason stood in the trail, in the language of the portal.
CODE = """
UPDATE filings_filing f SET off_reason = told.code
  FROM (SELECT DISTINCT ON (e.object_id) e.object_id,
               CASE WHEN e.verb = 'filing.release' THEN 'register'
                    WHEN e.details->>'note' LIKE '由国家级部门审核：%' THEN 'national' ELSE 'exempt' END AS code
          FROM trail_event e
         WHERE e.object_type = 'filings.filing' AND e.verb IN ('filing.excuse', 'filing.release') AND e.succeeded
         ORDER BY e.object_id, e.id DESC) AS told
 WHERE f.state = 'excused' AND told.object_id = f.id::text
"""


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0010_departments"),
        ("trail", "0002_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="filing",
            name="off_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("exempt", "Taken off by the province"),
                    ("national", "Reviewed elsewhere (national)"),
                    ("register", "Closed or merged in the register"),
                ],
                db_default="",
                default="",
                help_text="Of an excused line; empty for lines from before there were codes.",
                max_length=10,
            ),
        ),
        migrations.RunSQL(CODE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="filing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("off_reason", ""),
                    models.Q(("off_reason__in", ["exempt", "national", "register"]), ("state", "excused")),
                    _connector="OR",
                ),
                name="filing_off_has_reason",
            ),
        ),
    ]
