from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("filings", "0006_workbook_uploads")]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="from_last_year",
            field=models.BooleanField(
                db_default=False, default=False, help_text="The explanation is last year's, word for word."
            ),
        ),
    ]
