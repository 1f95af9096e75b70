"""Why each institution is on the roster of a round or not (N1): one code for every institution of an area.

in_certificate, in_added   on it, by its certificates or added by the province
off, off_national          taken off it; the State Administration reviews it
missing                    the roster is frozen and the institution came onto the register since; freezing again adds it
out_…                      not on it: closed, merged, no CMA certificate, none in force, issued too late, expired too early
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from institutions.models import Bureau
from reports.rounds.models import Round

PLACES: dict[str, str | Promise] = {
    "in_certificate": _("Holds a CMA certificate that was valid on the cut-off day"),
    "in_added": _("Added by the province"),
    "missing": _("Came onto the register after the roster was frozen"),
    "off": _("Taken off the roster"),
    "off_national": _("Reviewed elsewhere (national)"),
    "out_expired": _("Every CMA certificate expired before the cut-off day"),
    "out_not_yet": _("Every CMA certificate was issued after the cut-off day"),
    "out_not_in_force": _("No CMA certificate is in force: expired, cancelled or revoked"),
    "out_no_cma": _("Holds no CMA certificate"),
    "out_merged": _("Merged into another institution"),
    "out_closed": _("Closed"),
}
DUE = ("in_certificate", "in_added")

_PLACES = """
WITH held AS (
    SELECT c.institution_id, bool_or(c.status IN ('1', '2')) AS in_force,
           bool_or(c.status IN ('1', '2') AND %(cut_off)s BETWEEN c.issued_on AND c.expires_on) AS valid,
           bool_and(c.issued_on > %(cut_off)s) AS later
      FROM institutions_certificate c WHERE c.kind IN ('CMA-P', 'CMA-N') GROUP BY c.institution_id
), placed AS (
    SELECT i.id, i.name, i.parent_id, coalesce(f.scope, b.path) AS scope, f.id AS filing_id,
           CASE WHEN f.state = 'excused' THEN CASE WHEN f.off_reason = 'national' THEN 'off_national' ELSE 'off' END
                WHEN f.id IS NOT NULL THEN 'in_' || f.due_reason
                WHEN i.merged_into_id IS NOT NULL THEN 'out_merged'
                WHEN i.status <> 'active' THEN 'out_closed'
                WHEN held.valid THEN CASE WHEN %(frozen)s THEN 'missing' ELSE 'in_certificate' END
                WHEN held.institution_id IS NULL THEN 'out_no_cma'
                WHEN NOT held.in_force THEN 'out_not_in_force'
                WHEN held.later THEN 'out_not_yet'
                ELSE 'out_expired' END AS place
      FROM institutions_institution i
      JOIN institutions_bureau b ON b.id = i.home_bureau_id
      LEFT JOIN held ON held.institution_id = i.id
      LEFT JOIN filings_filing f ON f.institution_id = i.id AND f.round_id = %(round)s
)
"""


@dataclass(frozen=True, slots=True)
class Placed:
    institution_id: int
    filing_id: int | None
    place: str

    @property
    def words(self) -> str:
        return str(PLACES[self.place])


def _values(round: Round, bureau: Bureau) -> dict[str, Any]:
    return {
        "round": round.pk,
        "cut_off": round.cut_off,
        "frozen": round.roster_frozen_at is not None,
        "scope": bureau.path,
    }


_COUNTS = _PLACES + "SELECT place, count(*) FROM placed WHERE starts_with(scope, %(scope)s) GROUP BY place"  # noqa: S608 -- fixed text
_LISTED = f"""{_PLACES}
SELECT id, filing_id, place FROM placed WHERE starts_with(scope, %(scope)s) AND place = %(place)s
 ORDER BY name, id OFFSET %(first)s LIMIT %(most)s
"""  # noqa: S608 -- fixed text


def counts(round: Round, bureau: Bureau) -> dict[str, int]:
    """Place → how many institutions of the area; every institution is counted once. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, _values(round, bureau))
        found = dict(cursor.fetchall())
    return {place: found.get(place, 0) for place in PLACES}


def listed(round: Round, bureau: Bureau, place: str, *, first: int = 0, most: int | None = None) -> list[Placed]:
    """By name; `first` and `most` cut out a page. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTED, _values(round, bureau) | {"place": place, "first": first, "most": most})
        return [Placed(*row) for row in cursor.fetchall()]


_PAIRS = """
SELECT child.institution_id, parent.institution_id
  FROM filings_filing child
  JOIN institutions_institution i ON i.id = child.institution_id
  JOIN filings_filing parent ON parent.institution_id = i.parent_id AND parent.round_id = child.round_id
 WHERE child.round_id = %(round)s AND child.state <> 'excused' AND parent.state <> 'excused'
   AND (starts_with(child.scope, %(scope)s) OR starts_with(parent.scope, %(scope)s))
 ORDER BY i.name LIMIT %(most)s
"""


def pairs(round: Round, bureau: Bureau, most: int = 200) -> list[tuple[int, int]]:
    """Child and parent that both file in the round, where counting the same thing twice threatens (N16)."""
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, _values(round, bureau) | {"most": most})
        return [(child, parent) for child, parent in cursor.fetchall()]
