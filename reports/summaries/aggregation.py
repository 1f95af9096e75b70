"""Sums over a round, set-wise in PostgreSQL: one pass for all groupings, one for the domains.

Money and counts are exact (`numeric`); nothing is rounded here. Averages and shares are taken from sums when shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from reports.rounds.models import Round
from reports.schemes.definition import SchemeDefinition
from reports.schemes.renaming import carried_codes
from reports.summaries.selection import SELECTIONS

#: Derived indicators that are summed beside the typed figures: revenue and testing revenue of all types, value added.
SUMMED_DERIVED = ("X001", "X002", "X008")
#: The dimensions, each one grouping set; "total" is the empty one.
DIMENSIONS = ("prefecture", "bureau", "unit_type", "holding", "size")
DOMAIN_FIGURES = ("D103", "D104", "D105", "D106")


@dataclass(slots=True)
class Group:
    """Sums of one group: institutions counted and the total of each indicator that anyone filled."""

    count: int
    sums: dict[str, Decimal]

    def total(self, code: str) -> Decimal:
        return self.sums.get(code, Decimal(0))


@dataclass(slots=True)
class Aggregate:
    """Sums of one round: `groups[dimension][key]`, and `domains[D101]` over the rows of JC05-1."""

    due: int = 0
    counted: int = 0
    groups: dict[str, dict[str, Group]] = field(default_factory=dict)
    domains: dict[str, Group] = field(default_factory=dict)

    @property
    def total(self) -> Group:
        return self.groups.get("total", {}).get("", Group(0, {}))

    def carried(self, renames: Mapping[str, str]) -> Aggregate:
        """The sums under the codes of a later scheme that renamed indicators."""
        if not renames:
            return self
        groups = {
            name: {key: Group(group.count, carried_codes(renames, group.sums)) for key, group in groups.items()}
            for name, groups in self.groups.items()
        }
        domains = {key: Group(group.count, carried_codes(renames, group.sums)) for key, group in self.domains.items()}
        return Aggregate(self.due, self.counted, groups, domains)

    def as_json(self) -> dict[str, Any]:
        """Exact and canonical: figures as strings, without trailing zeros."""
        return {
            "due": self.due,
            "counted": self.counted,
            "groups": {name: {key: _group(g) for key, g in groups.items()} for name, groups in self.groups.items()},
            "domains": {key: _group(g) for key, g in self.domains.items()},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Aggregate:
        return cls(
            due=data["due"],
            counted=data["counted"],
            groups={name: {key: _from(g) for key, g in groups.items()} for name, groups in data["groups"].items()},
            domains={key: _from(g) for key, g in data["domains"].items()},
        )


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _group(group: Group) -> dict[str, Any]:
    return {"count": group.count, "sums": {code: _plain(value) for code, value in group.sums.items()}}


def _from(data: dict[str, Any]) -> Group:
    return Group(data["count"], {code: Decimal(value) for code, value in data["sums"].items()})


def aggregate(round: Round, *, basis: str, cut: dt.datetime) -> Aggregate:
    """Sum the round as at `cut` over the filings of `basis` (Build.Basis). Two passes over the selected revisions."""
    definition = round.scheme.definition
    with transaction.atomic(), connection.cursor() as cursor:
        _select(cursor, round, basis, cut)
        found = Aggregate(due=_due(cursor, round, cut))
        found.groups = _sum_groups(cursor, definition)
        found.domains = _sum_domains(cursor)
        found.counted = found.total.count
    return found


def _select(cursor: Any, round: Round, basis: str, cut: dt.datetime) -> None:
    cursor.execute("DROP TABLE IF EXISTS picked")
    cursor.execute(
        f"CREATE TEMP TABLE picked ON COMMIT DROP AS {SELECTIONS[basis]}",
        {"round": round.pk, "cut": cut},
    )
    cursor.execute("ANALYZE picked")


def _due(cursor: Any, round: Round, cut: dt.datetime) -> int:
    """On the roster by the cut, and not excused by then; being excused is the last thing that happens to a filing."""
    cursor.execute(
        """
        SELECT count(*) FROM filings_filing
         WHERE round_id = %s AND rostered_at <= %s AND NOT (state = 'excused' AND touched_at <= %s)
        """,
        [round.pk, cut, cut],
    )
    count: int = cursor.fetchone()[0]
    return count


_GROUPS = """
WITH base AS MATERIALIZED (
    SELECT coalesce(pre.code, '') AS prefecture,
           b.code AS bureau,
           coalesce(r.cells->'JC01'->>'A201', '') AS unit_type,
           coalesce(r.cells->'JC01'->>'A203', '') AS holding,
           coalesce(r.derived->>'A218', '') AS size,
           r.figures AS f, r.derived AS d
      FROM picked p
      JOIN filings_revision r ON r.id = p.revision_id
      JOIN filings_filing f ON f.id = p.filing_id
      JOIN institutions_bureau b ON b.id = f.reviewing_bureau_id
      LEFT JOIN institutions_bureau pre
             ON pre.id = CASE WHEN b.tier = 'prefecture' THEN b.id ELSE b.parent_id END AND pre.tier = 'prefecture'
)
SELECT grouping(prefecture, bureau, unit_type, holding, size), prefecture, bureau, unit_type, holding, size,
       count(*), {sums}
  FROM base
 GROUP BY GROUPING SETS ((), (prefecture), (bureau), (unit_type), (holding), (size))
"""


def _sum_groups(cursor: Any, definition: SchemeDefinition) -> dict[str, dict[str, Group]]:
    codes = [*definition.figures, *SUMMED_DERIVED]
    sums = [f"sum(f[{place}])" for place in range(1, len(definition.figures) + 1)]
    sums += [f"sum(nullif(d->>'{code}', 'n/a')::numeric)" for code in SUMMED_DERIVED]
    cursor.execute(_GROUPS.format(sums=", ".join(sums)))
    groups: dict[str, dict[str, Group]] = {name: {} for name in ("total", *DIMENSIONS)}
    for row in cursor.fetchall():
        name, key = _place(row[0], row[1:6])
        groups[name][key] = Group(row[6], _filled(codes, row[7:]))
    return {name: dict(sorted(found.items())) for name, found in groups.items()}


def _place(mask: int, keys: Sequence[str]) -> tuple[str, str]:
    """Name and key of a grouping set. A bit of GROUPING() is 0 where the column is grouped, leftmost highest."""
    for index, name in enumerate(DIMENSIONS):
        if not mask & (1 << (len(DIMENSIONS) - 1 - index)):
            return name, keys[index]
    return "total", ""


def _filled(codes: Sequence[str], values: Sequence[Decimal | None]) -> dict[str, Decimal]:
    return {code: value for code, value in zip(codes, values, strict=True) if value is not None}


_DOMAINS = """
SELECT row.value->>'D101', count(DISTINCT p.filing_id), {sums}
  FROM picked p
  JOIN filings_revision r ON r.id = p.revision_id
 CROSS JOIN LATERAL jsonb_array_elements(coalesce(r.cells->'JC05-1'->'rows', '[]')) row
 WHERE row.value->>'D101' IS NOT NULL
 GROUP BY 1 ORDER BY 1
"""


def _sum_domains(cursor: Any) -> dict[str, Group]:
    sums = ", ".join(f"sum(nullif(row.value->>'{code}', 'n/a')::numeric)" for code in DOMAIN_FIGURES)
    cursor.execute(_DOMAINS.format(sums=sums))
    return {row[0]: Group(row[1], _filled(DOMAIN_FIGURES, row[2:])) for row in cursor.fetchall()}
