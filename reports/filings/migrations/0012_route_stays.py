"""What a submission froze, the route and the reviewing department, changes with the next submission or a move in the register.

Looked at when the transaction commits, since an act on the register writes its change after the filings that follow it.
"""

from django.db import migrations

GUARD = migrations.RunSQL(
    sql="""
    CREATE FUNCTION filings_route_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM institutions_institutionchange c
                        WHERE c.institution_id = NEW.institution_id AND c.kind = 'moved' AND c.at >= transaction_timestamp())
        THEN
            RAISE EXCEPTION 'route and reviewing department of filing % are frozen since its submission', NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER filings_route_guard AFTER UPDATE OF route, reviewing_bureau_id ON filings_filing
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (OLD.state IN ('in_review', 'accepted', 'returned')
              AND OLD.revision_id IS NOT DISTINCT FROM NEW.revision_id
              AND (OLD.route, OLD.reviewing_bureau_id) IS DISTINCT FROM (NEW.route, NEW.reviewing_bureau_id))
        EXECUTE FUNCTION filings_route_guard();
    """,
    reverse_sql="""
    DROP TRIGGER filings_route_guard ON filings_filing;
    DROP FUNCTION filings_route_guard();
    """,
)


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0011_off_reason"),
        ("institutions", "0004_register_imports"),
    ]

    operations = [GUARD]
