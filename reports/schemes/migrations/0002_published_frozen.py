"""A published scheme version never changes: a trigger refuses UPDATE and DELETE of its row."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION schemes_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of a published scheme is refused: load a new version instead', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER schemes_published_frozen BEFORE UPDATE OR DELETE ON schemes_scheme
    FOR EACH ROW WHEN (OLD.status = 'published') EXECUTE FUNCTION schemes_refuse_change();
"""
THAW = """
DROP TRIGGER schemes_published_frozen ON schemes_scheme;
DROP FUNCTION schemes_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("schemes", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
