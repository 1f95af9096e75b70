"""Events and seals cannot be changed; each event is sealed into the chain when its transaction commits."""

from django.db import migrations

from portal.trail.sql import REFUSE, append_only

# Every column of the row as one JSON array, so that no two rows read the same. A column added later needs a new version
# of this function beside the old one, with the first sequence it holds for.
CANONICAL = """
CREATE FUNCTION trail_canonical(e trail_event) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.actor_id, e.actor_label, e.verb,
        e.object_type, e.object_id, e.object_label, e.scope, e.succeeded, e.reference, e.address::text, e.details
    )::text
$$;
CREATE FUNCTION trail_digest(previous text, e trail_event) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(previous || trail_canonical(e), 'UTF8')), 'hex')
$$;
"""

# A new event is noted in trail_unsealed when its transaction commits, and that note has the deferred trigger that seals.
# It comes after all other deferred checks, so no transaction waits for a row while it holds the lock of the chain.
SEALING = """
CREATE TABLE trail_unsealed (event_id bigint PRIMARY KEY);

CREATE FUNCTION trail_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trail_unsealed VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION trail_seal_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last trail_seal;
    event trail_event;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('trail_seal'));
    SELECT * INTO last FROM trail_seal ORDER BY sequence DESC LIMIT 1;
    SELECT * INTO STRICT event FROM trail_event WHERE id = NEW.event_id;
    INSERT INTO trail_seal (sequence, event_id, digest)
        VALUES (coalesce(last.sequence, 0) + 1, event.id, trail_digest(coalesce(last.digest, ''), event));
    DELETE FROM trail_unsealed WHERE event_id = NEW.event_id;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER trail_event_note AFTER INSERT ON trail_event DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION trail_note();
CREATE CONSTRAINT TRIGGER trail_unsealed_seal AFTER INSERT ON trail_unsealed DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION trail_seal_event();
"""
UNSEAL = """
DROP TRIGGER trail_event_note ON trail_event;
DROP TABLE trail_unsealed;
DROP FUNCTION trail_note();
DROP FUNCTION trail_seal_event();
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION trail_refuse_change();"),
        *append_only("trail_event"),
        *append_only("trail_seal"),
        migrations.RunSQL(
            CANONICAL, "DROP FUNCTION trail_digest(text, trail_event); DROP FUNCTION trail_canonical(trail_event);"
        ),
        migrations.RunSQL(SEALING, UNSEAL),
    ]
