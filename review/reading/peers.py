"""Where a figure stands among its peers: institutions of the same unit type and size class in the province.

The peers are those accepted in the round before, or while there are fewer than LEAST, those in review or accepted in
this round. Quantiles are of type 7 (linear between order statistics), exact in PostgreSQL's numeric.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.cache import cache
from django.db import connection

from reports.filings.models import Filing
from reports.rounds.models import Round
from reports.schemes.definition import SchemeDefinition
from reports.schemes.renaming import carried_codes

#: Fewer values than this show no box: a stratum so thin says little, and says it about few.
LEAST = 10
KEPT_SETTLED, KEPT_RUNNING = 24 * 3600, 10 * 60  # seconds

# Position h = (n − 1)·p among the ordered values, between its two neighbours.
_H = "((n - 1) * {p})"
_QUANTILE = f"(v[floor({_H})::int + 1] + ({_H} - floor({_H})) * (v[ceil({_H})::int + 1] - v[floor({_H})::int + 1]))"

_BOXES = """
WITH stratum AS (
    SELECT r.figures, r.derived
      FROM filings_filing f
      JOIN filings_revision r ON r.id = f.revision_id
      JOIN institutions_institution i ON i.id = f.institution_id
     WHERE f.round_id = %(round)s AND f.state = ANY(%(states)s) AND i.unit_type = %(unit)s
       AND (%(size)s = '' OR r.derived->>'A218' = %(size)s)
), cell AS (
    SELECT (%(codes)s::text[])[u.at] AS code, u.value
      FROM stratum, unnest(figures) WITH ORDINALITY AS u (value, at) WHERE u.value IS NOT NULL
    UNION ALL
    SELECT d.key, d.value::numeric
      FROM stratum, jsonb_each_text(derived) AS d WHERE d.value ~ '^-?[0-9]+(\\.[0-9]+)?$' AND d.key = ANY(%(derived)s)
), sorted AS (
    SELECT code, array_agg(value ORDER BY value) AS v, count(*)::numeric AS n FROM cell GROUP BY code
), size AS (SELECT count(*) AS members FROM stratum)
SELECT members, code, QUANTILES
  FROM size LEFT JOIN sorted ON sorted.n >= %(least)s
""".replace("QUANTILES", ", ".join(_QUANTILE.format(p=p) for p in ("0.1", "0.25", "0.5", "0.75", "0.9")))


@dataclass(frozen=True, slots=True)
class Box:
    low: Decimal
    first: Decimal
    median: Decimal
    third: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Peers:
    """`size` is "" where the size class alone was too thin. `boxes` by indicator code."""

    round: Round
    unit: str
    size: str
    count: int
    boxes: dict[str, Box]


def peers_of(filing: Filing) -> Peers | None:
    """The best stratum for the submitted revision; None where every one is too thin. Computed once, then cached."""
    if filing.revision is None:
        return None
    unit, size = filing.institution.unit_type, filing.revision.derived.get("A218") or ""
    before = filing.round.previous
    for round, states in ((before, ("accepted",)), (filing.round, ("in_review", "accepted"))):
        for wanted in dict.fromkeys((size, "")):
            if round is not None and (found := _cached(round, states, unit, wanted)).count >= LEAST:
                boxes = carried_codes(filing.round.scheme.definition.renames, found.boxes)
                return replace(found, boxes=boxes)
    return None


def _cached(round: Round, states: tuple[str, ...], unit: str, size: str) -> Peers:
    key = f"peers-{round.pk}-{'-'.join(states)}-{unit}-{size}"
    found = cache.get(key)
    if found is None:
        found = _computed(round, states, unit, size)
        cache.set(key, (found.count, found.boxes), KEPT_SETTLED if states == ("accepted",) else KEPT_RUNNING)
        return found
    return Peers(round, unit, size, *found)


def _computed(round: Round, states: tuple[str, ...], unit: str, size: str) -> Peers:
    definition: SchemeDefinition = round.scheme.definition
    with connection.cursor() as cursor:
        cursor.execute(
            _BOXES,
            {
                "round": round.pk,
                "states": list(states),
                "unit": unit,
                "size": size,
                "codes": list(definition.figures),
                "derived": [item.code for item in definition.computed if item.numeric],
                "least": LEAST,
            },
        )
        rows = cursor.fetchall()
    count = rows[0][0] if rows else 0
    return Peers(round, unit, size, count, {code: Box(*quantiles) for _n, code, *quantiles in rows if code is not None})


@dataclass(frozen=True, slots=True)
class Strip:
    """The box as lengths of an SVG of 120 × 16, ready to draw; `out` when this year lies outside the middle 80 %."""

    box_at: str
    box_width: str
    median: str
    now: str
    was: str | None
    out: bool


LEFT, RIGHT, EDGE = Decimal(13), Decimal(107), Decimal(5)


def strip(box: Box, now: Decimal, was: Decimal | None) -> Strip:
    """The 10th percentile stands left, the 90th right; logarithmic between where all are above zero."""

    def at(value: Decimal) -> Decimal:
        if box.high == box.low:
            return Decimal(60) if value == box.low else (EDGE if value < box.low else 120 - EDGE)
        if box.low > 0:
            share = (value.ln() - box.low.ln()) / (box.high.ln() - box.low.ln()) if value > 0 else Decimal(-1)
        else:
            share = (value - box.low) / (box.high - box.low)
        return min(max(LEFT + share * (RIGHT - LEFT), EDGE), 120 - EDGE)

    return Strip(
        box_at=f"{at(box.first):.1f}",
        box_width=f"{max(at(box.third) - at(box.first), Decimal(1)):.1f}",
        median=f"{at(box.median):.1f}",
        now=f"{at(now):.1f}",
        was=f"{at(was):.1f}" if was is not None else None,
        out=not box.low <= now <= box.high,
    )
