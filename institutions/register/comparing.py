"""Lines against the register, set-wise: what is new, what changed, what contradicts itself or the register.

A line belongs to its holder: the institution of its code, or for a unit without legal personality the parent it names. What
the first line of an institution says of it counts. Lines in conflict are left out of the application; a note is not.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from institutions.models import Bureau
from institutions.register import staging
from institutions.register.models import RegisterImport

#: Faults that are contradictions to be settled by people; every other one is an unreadable line.
CONFLICTS = ("two_names", "two_holders", "other_holder", "closed", "merged", "unit_files")
INSTITUTION_FIELDS = ("name", "address", "contact_name", "contact_phone", "unit_type", "region_code", "registered_on")
CERTIFICATE_FIELDS = ("issued_on", "expires_on", "issuer", "status", "domains", "name_on_certificate")
#: With more newcomers than this, only those that share name, address or telephone are compared with others.
COMPARED_WITH_ALL = 500

_MINE = "imported_id = %(import)s AND fault = ''"
_HOLDER = "CASE WHEN l.is_unit THEN l.parent_uscc ELSE l.uscc END"

_ENTITIES = f"""
CREATE TEMPORARY TABLE reg_entity ON COMMIT DROP AS
SELECT DISTINCT ON (l.uscc) l.uscc, l.id AS line_id, l.row, l.name, l.address, l.contact_phone, l.bureau_text,
       i.id AS institution_id, i.status, i.name AS have_name, i.merged_into_id, i.home_bureau_id,
       coalesce(i.home_bureau_id, told.bureau_id) AS bureau_id, told.bureau_id AS told_id,
       CASE WHEN i.id IS NULL THEN ARRAY['+institution'] ELSE array_remove(ARRAY[
           CASE WHEN l.name <> i.name THEN 'name' END,
           CASE WHEN l.address <> '' AND l.address <> i.address THEN 'address' END,
           CASE WHEN l.contact_name <> '' AND l.contact_name <> i.contact_name THEN 'contact_name' END,
           CASE WHEN l.contact_phone <> '' AND l.contact_phone <> i.contact_phone THEN 'contact_phone' END,
           CASE WHEN l.unit_type <> '' AND l.unit_type <> i.unit_type THEN 'unit_type' END,
           CASE WHEN l.region_code <> '' AND l.region_code <> i.region_code THEN 'region_code' END,
           CASE WHEN l.registered_on <> i.registered_on OR (l.registered_on IS NOT NULL AND i.registered_on IS NULL)
                THEN 'registered_on' END,
           CASE WHEN l.parent_uscc NOT IN ('', l.uscc) AND l.parent_uscc IS DISTINCT FROM parent.uscc AND EXISTS (
                SELECT 1 FROM institutions_institution p WHERE p.uscc = l.parent_uscc AND p.parent_id IS NULL)
                THEN 'parent' END
       ], NULL) END AS changes
  FROM institutions_registerline l
  LEFT JOIN institutions_institution i ON i.uscc = l.uscc
  LEFT JOIN institutions_institution parent ON parent.id = i.parent_id
  LEFT JOIN reg_bureau told ON told.words = l.bureau_text AND told.region = l.region_code
        AND told.code = CASE WHEN l.bureau_text = '' AND l.region_code = '' THEN substr(l.uscc, 3, 6) ELSE '' END
 WHERE l.{_MINE} AND NOT l.is_unit
 ORDER BY l.uscc, l.row
"""  # noqa: S608 -- fixed text

_CERTIFICATES = f"""
CREATE TEMPORARY TABLE reg_certificate ON COMMIT DROP AS
SELECT kind, number, min(row) AS first_row, min({_HOLDER}) <> max({_HOLDER}) AS contested
  FROM institutions_registerline l WHERE {_MINE} AND number <> '' GROUP BY kind, number
"""  # noqa: S608 -- fixed text

_TWO_NAMES = f"""
CREATE TEMPORARY TABLE reg_named ON COMMIT DROP AS
SELECT uscc, min(name) AS one, max(name) AS another
  FROM institutions_registerline WHERE {_MINE} AND NOT is_unit GROUP BY uscc HAVING min(name) <> max(name)
"""  # noqa: S608 -- fixed text

# `¦` stands for `|` inside values, which separates them.
_JUDGE = f"""
UPDATE institutions_registerline line
   SET fault = judged.fault, changes = judged.changes, note = judged.note,
       institution_id = judged.institution_id, bureau_id = judged.bureau_id,
       outcome = CASE WHEN split_part(judged.fault, '|', 1) = ANY(%(conflicts)s) THEN 'conflict'
                      WHEN judged.fault <> '' THEN 'unreadable'
                      WHEN judged.changes && ARRAY['+institution', '+certificate', '+unit'] THEN 'new'
                      WHEN judged.changes <> '{{}}' THEN 'changed' ELSE 'unchanged' END
  FROM (
    SELECT l.id, coalesce(e.institution_id, h.id) AS institution_id, coalesce(e.bureau_id, h.home_bureau_id) AS bureau_id,
           CASE
             WHEN e.uscc IS NULL AND h.id IS NULL THEN 'parent_unknown|' || l.parent_uscc
             WHEN named.uscc IS NOT NULL THEN 'two_names|' || translate(named.one, '|', '¦') || '|' || translate(named.another, '|', '¦')
             WHEN coalesce(e.institution_id, h.id) IS NULL AND e.bureau_id IS NULL AND l.bureau_text = ''
               THEN 'bureau_missing'
             WHEN coalesce(e.institution_id, h.id) IS NULL AND e.bureau_id IS NULL
               THEN 'bureau_unknown|' || translate(l.bureau_text, '|', '¦')
             WHEN b.path IS NULL OR NOT starts_with(b.path, %(scope)s)
               THEN CASE WHEN coalesce(e.institution_id, h.id) IS NULL THEN 'outside_new|' || b.name_zh ELSE 'outside' END
             WHEN coalesce(e.status, h.status) = 'closed' AND heir.id IS NOT NULL THEN 'merged|' || translate(heir.name, '|', '¦')
             WHEN coalesce(e.status, h.status) = 'closed' THEN 'closed'
             WHEN own.id IS NOT NULL OR twin.uscc IS NOT NULL
               THEN 'unit_files|' || translate(coalesce(own.name, twin.name), '|', '¦')
             WHEN g.contested THEN 'two_holders|' || translate(l.number, '|', '¦')
             WHEN g.first_row < l.row THEN 'repeated|' || g.first_row
             WHEN c.institution_id IS DISTINCT FROM coalesce(e.institution_id, h.id) AND c.id IS NOT NULL
               THEN 'other_holder|' || translate(l.number, '|', '¦') || '|'
                    || CASE WHEN starts_with(cb.path, %(scope)s) THEN translate(ci.name, '|', '¦') ELSE '—' END
             ELSE '' END AS fault,
           CASE WHEN e.line_id = l.id THEN e.changes ELSE '{{}}' END
           || CASE WHEN l.is_unit AND unit.id IS NULL THEN ARRAY['+unit'] ELSE '{{}}' END
           || CASE WHEN l.number = '' THEN '{{}}' WHEN c.id IS NULL THEN ARRAY['+certificate'] ELSE array_remove(ARRAY[
                CASE WHEN l.issued_on <> c.issued_on THEN 'issued_on' END,
                CASE WHEN l.expires_on <> c.expires_on THEN 'expires_on' END,
                CASE WHEN l.issuer <> '' AND l.issuer <> c.issuer THEN 'issuer' END,
                CASE WHEN l.status <> '' AND l.status <> c.status THEN 'status' END,
                CASE WHEN l.domains IS NOT NULL AND l.domains <> c.domains::text[] THEN 'domains' END,
                CASE WHEN l.name_on_certificate <> '' AND l.name_on_certificate <> c.name_on_certificate
                     THEN 'name_on_certificate' END], NULL) END AS changes,
           CASE WHEN e.line_id = l.id AND e.institution_id IS NOT NULL AND e.told_id <> e.home_bureau_id
                     AND (l.bureau_text <> '' OR l.region_code <> '')
                THEN 'other_bureau|' || tb.name_zh || '|' || b.name_zh ELSE '' END AS note
      FROM institutions_registerline l
      LEFT JOIN reg_entity e ON e.uscc = {_HOLDER}
      LEFT JOIN institutions_institution h ON h.uscc = {_HOLDER}
      LEFT JOIN institutions_institution heir ON heir.id = h.merged_into_id
      LEFT JOIN institutions_bureau b ON b.id = coalesce(e.bureau_id, h.home_bureau_id)
      LEFT JOIN institutions_bureau tb ON tb.id = e.told_id
      LEFT JOIN reg_named named ON named.uscc = l.uscc
      LEFT JOIN reg_certificate g ON g.kind = l.kind AND g.number = l.number AND l.number <> ''
      LEFT JOIN institutions_certificate c ON c.kind = l.kind AND c.number = l.number
      LEFT JOIN institutions_institution ci ON ci.id = c.institution_id
      LEFT JOIN institutions_bureau cb ON cb.id = ci.home_bureau_id
      LEFT JOIN institutions_institution own ON l.is_unit AND own.uscc = l.uscc AND l.uscc <> l.parent_uscc
            AND own.status = 'active'
      LEFT JOIN reg_entity twin ON l.is_unit AND twin.uscc = l.uscc AND l.uscc <> l.parent_uscc
      LEFT JOIN institutions_subordinateunit unit ON l.is_unit AND unit.institution_id = h.id AND unit.name = l.name
     WHERE l.{_MINE}
  ) judged
 WHERE line.id = judged.id
"""  # noqa: S608 -- fixed text

# A newcomer beside everybody who shares its address, its name without legal form, or its telephone.
_KEYS = """
CREATE TEMPORARY TABLE reg_known ON COMMIT DROP AS
SELECT k.uscc, k.name, k.address, k.home, k.fresh, k.line_id,
       regexp_replace(k.address, '[^0-9A-Za-z\u4e00-\u9fff]', '', 'g') AS address_key,
       regexp_replace(k.name, '有限责任公司|股份有限公司|有限公司|公司|[^0-9A-Za-z\u4e00-\u9fff]', '', 'g') AS name_key, k.phone
  FROM (SELECT uscc, name, address, bureau_id AS home, true AS fresh, line_id, contact_phone AS phone
          FROM reg_entity WHERE institution_id IS NULL
         UNION ALL
        SELECT i.uscc, i.name, i.address, i.home_bureau_id, false, NULL, i.contact_phone
          FROM institutions_institution i JOIN institutions_bureau b ON b.id = i.home_bureau_id
         WHERE starts_with(b.path, %(scope)s)
           AND EXISTS (SELECT 1 FROM reg_entity WHERE institution_id IS NULL)) k
"""
_PAIRS = """
SELECT n.line_id, n.uscc, k.uscc AS other, k.name AS other_name, similarity(n.name, k.name) AS alike
  FROM reg_known n JOIN reg_known k ON {on}
 WHERE n.fresh AND k.uscc <> n.uscc AND {alike}
"""
_SIMILAR = f"""
UPDATE institutions_registerline line
   SET note = 'similar|' || translate(found.other_name, '|', '¦') || '|' || found.other
  FROM (SELECT DISTINCT ON (line_id) * FROM (
          {
    _PAIRS.format(
        on="k.address_key = n.address_key AND length(n.address_key) > 5", alike="similarity(n.name, k.name) >= 0.3"
    )
}
          UNION ALL
          {
    _PAIRS.format(
        on="k.name_key = n.name_key AND length(n.name_key) > 3",
        alike="(n.address = '' OR k.address = '' OR similarity(n.address, k.address) >= 0.3)",
    )
}
          UNION ALL
          {_PAIRS.format(on="k.phone = n.phone AND length(n.phone) > 6", alike="similarity(n.name, k.name) >= 0.3")}
          UNION ALL
          {
    _PAIRS.format(
        on="k.home = n.home AND %(few)s",
        alike="similarity(n.name, k.name) >= 0.5 AND similarity(n.address, k.address) >= 0.4",
    )
}
        ) pairs ORDER BY line_id, alike DESC, other) found
 WHERE line.id = found.line_id AND line.fault = ''
"""  # noqa: S608 -- fixed text

_COUNTS = """
SELECT count(*),
       count(*) FILTER (WHERE outcome = 'new'), count(*) FILTER (WHERE outcome = 'changed'),
       count(*) FILTER (WHERE outcome = 'unchanged'), count(*) FILTER (WHERE outcome = 'conflict'),
       count(*) FILTER (WHERE outcome = 'unreadable'),
       count(*) FILTER (WHERE fault = '' AND '+institution' = ANY(changes)),
       count(*) FILTER (WHERE fault = '' AND '+certificate' = ANY(changes)),
       count(*) FILTER (WHERE fault = '' AND '+unit' = ANY(changes)),
       count(*) FILTER (WHERE fault = '' AND changes && %(institution)s),
       count(*) FILTER (WHERE fault = '' AND changes && %(certificate)s),
       count(*) FILTER (WHERE note LIKE 'similar|%%'), count(*) FILTER (WHERE note LIKE 'other_bureau|%%')
  FROM institutions_registerline WHERE imported_id = %(import)s
"""
_NAMES = (
    "lines", "new", "changed", "unchanged", "conflict", "unreadable", "new_institutions", "new_certificates", "new_units",
    "changed_institutions", "changed_certificates", "similar", "other_bureau",
)  # fmt: skip


def compare(imported: RegisterImport) -> dict[str, Any]:
    """Judge every line; the counts. Lines that could not be read keep their fault. May be repeated for fresh lines only."""
    number, scope = imported.pk, imported.bureau.path
    with transaction.atomic():
        staging.run("ANALYZE institutions_registerline (imported_id, uscc, fault, kind, number)", {})
        staging.run(
            "UPDATE institutions_registerline SET outcome = 'unreadable' WHERE imported_id = %(import)s AND fault <> ''",
            {"import": number},
        )
        _resolve_bureaus(number)
        for statement in (_ENTITIES, _CERTIFICATES, _TWO_NAMES):
            staging.run(statement, {"import": number})
        staging.run("ANALYZE reg_entity (uscc, line_id, institution_id)", {})
        staging.run("ANALYZE reg_certificate", {})
        staging.run(_JUDGE, {"import": number, "scope": scope, "conflicts": list(CONFLICTS)})
        _find_similar(scope or "")
        staging.run("DROP TABLE IF EXISTS reg_bureau, reg_entity, reg_certificate, reg_named, reg_known", {})
        return counts(imported)


def _find_similar(scope: str) -> None:
    [(newcomers,)] = staging.rows("SELECT count(*) FROM reg_entity WHERE institution_id IS NULL", {})
    if not newcomers:
        return
    staging.run(_KEYS, {"scope": scope})
    staging.run("ANALYZE reg_known (uscc, fresh, address_key, name_key, phone, home)", {})
    staging.run(_SIMILAR, {"few": newcomers <= COMPARED_WITH_ALL})


def counts(imported: RegisterImport) -> dict[str, Any]:
    values = {
        "import": imported.pk,
        "institution": [*INSTITUTION_FIELDS, "parent"],
        "certificate": list(CERTIFICATE_FIELDS),
    }
    [row] = staging.rows(_COUNTS, values)
    return dict(zip(_NAMES, row, strict=True)) | {"gone": gone_count(imported)}


_GONE = """
  FROM institutions_certificate c
  JOIN institutions_institution i ON i.id = c.institution_id
  JOIN institutions_bureau b ON b.id = i.home_bureau_id
 WHERE starts_with(b.path, %(scope)s) AND i.status = 'active' AND c.status IN ('1', '2')
   AND c.kind IN (SELECT DISTINCT kind FROM institutions_registerline WHERE imported_id = %(import)s AND number <> '')
   AND NOT EXISTS (SELECT 1 FROM institutions_registerline l
                    WHERE l.imported_id = %(import)s AND l.kind = c.kind AND l.number = c.number)
"""


def gone_count(imported: RegisterImport) -> int:
    """Certificates in force in the area, of a kind that the file lists, which it does not name."""
    [(found,)] = staging.rows(
        f"SELECT count(*) {_GONE}",
        {"import": imported.pk, "scope": imported.bureau.path},
    )
    return int(found)


def gone_ids(imported: RegisterImport) -> list[int]:
    found = staging.rows(
        f"SELECT c.id {_GONE} ORDER BY i.name, c.number",
        {"import": imported.pk, "scope": imported.bureau.path},
    )
    return [number for (number,) in found]


# -- whose area a line names ----------------------------------------------------------------------


_TOLD = f"""
SELECT DISTINCT bureau_text, region_code,
       CASE WHEN bureau_text = '' AND region_code = '' THEN substr(uscc, 3, 6) ELSE '' END
  FROM institutions_registerline WHERE {_MINE} AND NOT is_unit
"""  # noqa: S608 -- fixed text


def _resolve_bureaus(number: int) -> None:
    """Every different way in which the file names a bureau, with the bureau meant; nothing for one nobody knows."""
    told = staging.rows(_TOLD, {"import": number})
    known = Known(list(Bureau.objects.select_related("parent")))
    found = [(words, region, code, known.bureau(words, region or code)) for words, region, code in told]
    staging.run(
        "CREATE TEMPORARY TABLE reg_bureau (words text, region text, code text, bureau_id bigint) ON COMMIT DROP", {}
    )
    for words, region, code, bureau in found:
        staging.run(
            "INSERT INTO reg_bureau VALUES (%(words)s, %(region)s, %(code)s, %(bureau)s)",
            {"words": words, "region": region, "code": code, "bureau": bureau},
        )


class Known:
    """Bureaus by code, by name in either language, and by the region they are named after."""

    def __init__(self, bureaus: list[Bureau]) -> None:
        self._by_name: dict[str, int] = {}
        self._by_region: dict[str, int] = {}
        for bureau in sorted(bureaus, key=lambda bureau: bureau.level):
            short = bureau.name_zh.removesuffix("市场监督管理局")
            above = bureau.parent.name_zh.removesuffix("市场监督管理局") if bureau.parent else ""
            for name in (
                bureau.code, bureau.name_zh, bureau.name_en, short, f"{short}市场监管局", f"{short}局", f"{above}{short}",
                f"{above}{bureau.name_zh}", bureau.name_en.removesuffix(" AMR"),
            ):  # fmt: skip
                self._by_name.setdefault(name.casefold(), bureau.pk)
            if bureau.region_code:
                self._by_region[bureau.region_code] = bureau.pk

    def bureau(self, words: str, region: str) -> int | None:
        if words:
            return self._by_name.get(words.replace(" ", "").casefold()) or self._by_name.get(words.casefold())
        return self._by_region.get(region)
