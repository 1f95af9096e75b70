"""A published scheme version never changes and is never deleted."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("schemes", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
            CREATE FUNCTION schemes_scheme_guard() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF OLD.status = 'published' THEN
                    RAISE EXCEPTION '% of a published scheme is refused', TG_OP USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
            END $$;
            CREATE TRIGGER schemes_scheme_guard BEFORE UPDATE OR DELETE ON schemes_scheme
                FOR EACH ROW EXECUTE FUNCTION schemes_scheme_guard();
            """,
            reverse_sql="""
            DROP TRIGGER schemes_scheme_guard ON schemes_scheme;
            DROP FUNCTION schemes_scheme_guard();
            """,
        )
    ]
