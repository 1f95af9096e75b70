"""The same bytes are the same batch while the reader knows the same. Of batches before this, nobody wrote down what it knew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("numbers", "0003_reasons_file"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="numberbatch",
            name="number_batch_once",
        ),
        migrations.AddField(
            model_name="numberbatch",
            name="known_digest",
            field=models.CharField(
                blank=True, help_text="What decided beside the bytes, see `pipeline.digest_of_known`.", max_length=64
            ),
        ),
        migrations.AddConstraint(
            model_name="numberbatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "running", "done"])),
                fields=("filing", "sha256", "known_digest"),
                name="number_batch_once",
            ),
        ),
    ]
