"""Compared lines into the register, set-wise and once. What somebody changed since the comparison is left as they made it."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from institutions.register import staging
from institutions.register.comparing import CERTIFICATE_FIELDS, INSTITUTION_FIELDS
from institutions.register.locks import alone
from institutions.register.models import RegisterImport
from portal.trail.actions import record

_READY = "l.imported_id = %(import)s AND l.fault = ''"
_HOLDER = "CASE WHEN l.is_unit THEN l.parent_uscc ELSE l.uscc END"

_INSTITUTIONS = f"""
INSERT INTO institutions_institution
       (public_id, uscc, name, home_bureau_id, region_code, address, unit_type, status, contact_name, contact_phone, registered_on)
SELECT gen_random_uuid(), l.uscc, l.name, l.bureau_id, coalesce(nullif(l.region_code, ''), b.region_code), l.address,
       coalesce(nullif(l.unit_type, ''), '10'), 'active', l.contact_name, l.contact_phone, l.registered_on
  FROM institutions_registerline l JOIN institutions_bureau b ON b.id = l.bureau_id
 WHERE {_READY} AND '+institution' = ANY(l.changes)
    ON CONFLICT (uscc) DO NOTHING
"""  # noqa: S608 -- fixed text

_RENAMED = f"""
INSERT INTO institutions_institutionchange (institution_id, kind, before, after, reason, filings, by_id)
SELECT i.id, 'renamed', i.name, l.name, %(reason)s, '[]', %(by)s
  FROM institutions_registerline l JOIN institutions_institution i ON i.id = l.institution_id
 WHERE {_READY} AND 'name' = ANY(l.changes) AND i.status = 'active' AND i.name <> l.name
"""  # noqa: S608 -- fixed text

_AMENDED = f"""
UPDATE institutions_institution i
   SET name = l.name, address = coalesce(nullif(l.address, ''), i.address),
       contact_name = coalesce(nullif(l.contact_name, ''), i.contact_name),
       contact_phone = coalesce(nullif(l.contact_phone, ''), i.contact_phone),
       unit_type = coalesce(nullif(l.unit_type, ''), i.unit_type),
       region_code = coalesce(nullif(l.region_code, ''), i.region_code),
       registered_on = coalesce(l.registered_on, i.registered_on)
  FROM institutions_registerline l
 WHERE {_READY} AND l.changes && %(fields)s AND NOT l.is_unit AND i.id = l.institution_id AND i.status = 'active'
"""  # noqa: S608 -- fixed text

# A parent is itself under none: two levels are all there are, so no ring can close.
_PARENTS = f"""
UPDATE institutions_institution i SET parent_id = p.id
  FROM institutions_registerline l JOIN institutions_institution p ON p.uscc = l.parent_uscc
 WHERE {_READY} AND NOT l.is_unit AND l.parent_uscc NOT IN ('', l.uscc) AND i.uscc = l.uscc AND i.status = 'active'
   AND l.changes && ARRAY['parent', '+institution'] AND p.parent_id IS NULL AND i.parent_id IS DISTINCT FROM p.id
   AND NOT EXISTS (SELECT 1 FROM institutions_institution child WHERE child.parent_id = i.id)
   AND NOT EXISTS (SELECT 1 FROM institutions_registerline above
                    WHERE above.imported_id = %(import)s AND above.uscc = p.uscc AND above.fault = ''
                      AND above.parent_uscc NOT IN ('', above.uscc))
"""  # noqa: S608 -- fixed text

_UNITS = f"""
INSERT INTO institutions_subordinateunit (institution_id, name, uscc, address)
SELECT DISTINCT ON (i.id, l.name) i.id, l.name, CASE WHEN l.uscc = l.parent_uscc THEN '' ELSE l.uscc END, l.address
  FROM institutions_registerline l JOIN institutions_institution i ON i.uscc = l.parent_uscc
 WHERE {_READY} AND l.is_unit AND '+unit' = ANY(l.changes) AND i.status = 'active'
 ORDER BY i.id, l.name, l.row
    ON CONFLICT DO NOTHING
"""  # noqa: S608 -- fixed text

_CERTIFICATES = f"""
INSERT INTO institutions_certificate
       (institution_id, kind, number, name_on_certificate, issuer, issued_on, expires_on, status, domains)
SELECT i.id, l.kind, l.number, coalesce(nullif(l.name_on_certificate, ''), l.name), l.issuer, l.issued_on, l.expires_on,
       coalesce(nullif(l.status, ''), '1'), coalesce(l.domains, '{{}}')
  FROM institutions_registerline l JOIN institutions_institution i ON i.uscc = {_HOLDER}
 WHERE {_READY} AND '+certificate' = ANY(l.changes) AND i.status = 'active'
    ON CONFLICT (kind, number) DO NOTHING
"""  # noqa: S608 -- fixed text

_CERTIFICATES_AMENDED = f"""
UPDATE institutions_certificate c
   SET issued_on = l.issued_on, expires_on = l.expires_on, issuer = coalesce(nullif(l.issuer, ''), c.issuer),
       status = coalesce(nullif(l.status, ''), c.status), domains = coalesce(l.domains, c.domains),
       name_on_certificate = coalesce(nullif(l.name_on_certificate, ''), c.name_on_certificate)
  FROM institutions_registerline l
 WHERE {_READY} AND l.changes && %(certificate)s AND c.kind = l.kind AND c.number = l.number
   AND c.institution_id = l.institution_id
"""  # noqa: S608 -- fixed text

STEPS = (
    ("institutions_new", _INSTITUTIONS),
    ("renamed", _RENAMED),
    ("institutions_changed", _AMENDED),
    ("parents", _PARENTS),
    ("units", _UNITS),
    ("certificates_new", _CERTIFICATES),
    ("certificates_changed", _CERTIFICATES_AMENDED),
)


@transaction.atomic
def apply(imported: RegisterImport, reason: str) -> dict[str, int]:
    """Write what the lines say; counts of what was written. A second run finds it applied and writes nothing."""
    locked = RegisterImport.objects.select_for_update().get(pk=imported.pk)
    if locked.state != RegisterImport.State.APPLYING:
        return dict(locked.applied)
    # Two imports at a time would wait for each other's rows.
    alone()
    values = {
        "import": imported.pk,
        "by": imported.by_id,
        "reason": reason,
        "fields": list(INSTITUTION_FIELDS),
        "certificate": list(CERTIFICATE_FIELDS),
    }
    done = {name: staging.run(statement, values) for name, statement in STEPS}
    RegisterImport.objects.filter(pk=imported.pk).update(
        state=RegisterImport.State.APPLIED, applied=done, applied_at=Now()
    )
    record(
        "register.applied",
        by=imported.by,
        obj=imported,
        scope=imported.bureau.path or "",
        details={"name": imported.name, "sha256": imported.sha256, **done},
    )
    return done
