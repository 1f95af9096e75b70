"""How much a reviewer gains by looking at a filing first (selective editing).

The local score of a key figure is |y − ŷ| / T̂, with last year's value as ŷ and last year's total of the round as T̂;
the filing's score is the largest, in per mille. Source: Statistics Canada / Eurostat, selective editing with
prediction by the previous value. Without a previous filing ŷ is the mean of the round before.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from reports.filings.examination import Examination

#: Figures that move the province's totals: persons, instruments and their cost, reports; revenue is X001.
KEY_FIGURES = ("A301", "W201", "W211", "W301")


def score(examination: Examination) -> Decimal:
    """Per mille of last year's total that stands to be checked; 0 when there is no round before."""
    previous_round = examination.filing.round.previous_id
    if previous_round is None:
        return Decimal(0)
    codes = (*KEY_FIGURES, "X001")
    totals = totals_of(previous_round, codes)
    now = _figures(examination.cells.single, examination.derived, codes)
    last = examination.filing.last_accepted
    then = _figures(examination.previous.single, last.derived, codes) if examination.previous and last else {}
    scores = [
        abs(now.get(code, Decimal(0)) - then.get(code, totals[code][0] / totals[code][1])) / totals[code][0] * 1000
        for code in codes
        if totals[code][0] and totals[code][1]
    ]
    return min(max(scores, default=Decimal(0)), Decimal(99999)).quantize(Decimal("0.0001"))


def _figures(single: Mapping[str, str], derived: Mapping[str, str], codes: tuple[str, ...]) -> dict[str, Decimal]:
    merged = {**single, **{code: value for code, value in derived.items() if value}}
    return {code: Decimal(merged[code]) for code in codes if merged.get(code) not in (None, "", "n/a")}


@lru_cache(maxsize=8)
def totals_of(round_id: int, codes: tuple[str, ...]) -> dict[str, tuple[Decimal, int]]:
    """{code: (sum, count)} over the accepted revisions of a past round; kept per process, as a past round is settled."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT cell.key, sum(cell.value::numeric), count(*)
              FROM filings_filing f
              JOIN filings_revision r ON r.id = f.revision_id
             CROSS JOIN LATERAL jsonb_each_text(
                   coalesce(r.cells->'JC01', '{}') || coalesce(r.cells->'JC05', '{}') || r.derived) cell
             WHERE f.round_id = %s AND f.state = 'accepted' AND cell.key = ANY(%s) AND cell.value ~ '^-?[0-9.]+$'
             GROUP BY cell.key
            """,
            [round_id, list(codes)],
        )
        found = {code: (total, count) for code, total, count in cursor.fetchall()}
    return {code: found.get(code, (Decimal(0), 0)) for code in codes}
