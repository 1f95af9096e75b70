import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# A file stays as it was sent, and one that a revision names stays for good.
GUARD = migrations.RunSQL(
    sql="""
    CREATE FUNCTION annual_attachment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' OR EXISTS (
            SELECT 1 FROM filings_revision r
             WHERE r.filing_id = OLD.filing_id AND (r.cells->'AR')::text LIKE '%' || OLD.public_id::text || '%'
        ) THEN
            RAISE EXCEPTION '% on annual_attachment is refused: a file stays as it was sent, and with what was submitted', TG_OP
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END $$;
    CREATE TRIGGER annual_attachment_guard BEFORE UPDATE OR DELETE ON annual_attachment
        FOR EACH ROW EXECUTE FUNCTION annual_attachment_guard();
    """,
    reverse_sql="""
    DROP TRIGGER annual_attachment_guard ON annual_attachment;
    DROP FUNCTION annual_attachment_guard();
    """,
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("filings", "0007_explanation_of_last_year"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("item", models.CharField(max_length=10)),
                (
                    "kind",
                    models.CharField(
                        choices=[("pdf", "PDF"), ("png", "PNG picture"), ("jpeg", "JPEG picture")], max_length=4
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("stored_as", models.CharField(max_length=200, unique=True)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("pages", models.PositiveIntegerField(default=1)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "filing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="filings.filing"
                    ),
                ),
            ],
            options={"ordering": ["filing", "item", "id"]},
        ),
        GUARD,
    ]
