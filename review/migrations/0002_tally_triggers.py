"""The tallies follow the filings."""

from django.db import migrations

from review.tally.sql import COUNT_ANEW, REVERSE, TRIGGERS


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0001_initial"),
        ("filings", "0003_queue_orders"),
    ]

    operations = [
        migrations.RunSQL(sql=TRIGGERS, reverse_sql=REVERSE),
        migrations.RunSQL(sql=COUNT_ANEW, reverse_sql="DELETE FROM review_tally"),
    ]
