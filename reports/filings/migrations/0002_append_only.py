"""Revisions, decisions and recalls stay as written; of a finding only the verdict changes; nobody judges their own."""

from django.db import migrations

from portal.trail.sql import append_only

FINDING = migrations.RunSQL(
    sql="""
    CREATE FUNCTION filings_finding_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR to_jsonb(OLD) - 'verdict' IS DISTINCT FROM to_jsonb(NEW) - 'verdict' THEN
            RAISE EXCEPTION '% on filings_finding is refused: only its verdict may change', TG_OP
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER filings_finding_guard BEFORE UPDATE OR DELETE ON filings_finding
        FOR EACH ROW EXECUTE FUNCTION filings_finding_guard();
    """,
    reverse_sql="""
    DROP TRIGGER filings_finding_guard ON filings_finding;
    DROP FUNCTION filings_finding_guard();
    """,
)

OWN_WORK = migrations.RunSQL(
    sql="""
    CREATE FUNCTION filings_decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM filings_revision r
                    WHERE r.id = NEW.revision_id AND NEW.by_id IN (r.filer_id, r.signer_id)) THEN
            RAISE EXCEPTION 'a decision on one''s own submission is refused' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER filings_decision_guard BEFORE INSERT ON filings_decision
        FOR EACH ROW EXECUTE FUNCTION filings_decision_guard();
    """,
    reverse_sql="""
    DROP TRIGGER filings_decision_guard ON filings_decision;
    DROP FUNCTION filings_decision_guard();
    """,
)

SCOPE = migrations.RunSQL(
    sql="""
    CREATE FUNCTION filings_follow_bureau() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE filings_filing SET scope = NEW.path WHERE reviewing_bureau_id = NEW.id AND scope <> NEW.path;
        RETURN NULL;
    END $$;
    CREATE TRIGGER filings_follow_bureau AFTER UPDATE OF path ON institutions_bureau
        FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION filings_follow_bureau();
    """,
    reverse_sql="""
    DROP TRIGGER filings_follow_bureau ON institutions_bureau;
    DROP FUNCTION filings_follow_bureau();
    """,
)


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0001_initial"),
        ("trail", "0002_append_only"),
    ]

    operations = [
        *append_only("filings_revision"),
        *append_only("filings_decision"),
        *append_only("filings_recall"),
        FINDING,
        OWN_WORK,
        SCOPE,
    ]
