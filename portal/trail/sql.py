"""Tables whose rows stay as they were written: a trigger refuses UPDATE, DELETE and TRUNCATE.

Used in the migrations of any room: `operations = append_only("filings_revision")`.
"""

from __future__ import annotations

import re

from django.db import migrations

REFUSE = """
CREATE OR REPLACE FUNCTION trail_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are kept as they were written', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""


def append_only(table: str) -> list[migrations.RunSQL]:
    """Operations for a migration that depends on `("trail", "0002_append_only")`, after the table was made.

    The trigger also holds for the owner of the table, who would have to disable it first. A refused statement raises
    `django.db.IntegrityError`.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", table):
        raise ValueError(f"{table!r} is not a plain table name.")
    return [
        migrations.RunSQL(
            sql=f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION trail_refuse_change();
            CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse_change();
            """,
            reverse_sql=f"""
            DROP TRIGGER {table}_append_only ON {table};
            DROP TRIGGER {table}_no_truncate ON {table};
            """,
        )
    ]
