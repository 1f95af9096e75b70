"""The few numbers that replace another, by institution and original: most institutions have none, and the index nothing of them."""

from django.db import migrations

INDEX = """
CREATE INDEX numbers_reportnumber_replaces ON numbers_reportnumber (institution_id, replaces_key)
 WHERE replaces_key IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("numbers", "0004_what_the_reader_knew")]

    operations = [migrations.RunSQL(INDEX, "DROP INDEX numbers_reportnumber_replaces")]
