"""A summary against the bare SQL for the same sums, and the build of a country with its memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from benchmarks.client import in_turns, use_database
from benchmarks.databases import ROOT, address_of, name_of
from benchmarks.result import Result, against
from reports.rounds.models import Round
from reports.summaries.aggregation import DOMAIN_FIGURES, SUMMED_DERIVED, aggregate
from reports.summaries.models import Build

#: What somebody would write by hand who knows that the round is settled.
_SUMS = """
SELECT pre.code, b.code, r.cells->'JC01'->>'A201', r.cells->'JC01'->>'A203', r.derived->>'A218', count(*), {sums}
  FROM filings_filing f
  JOIN filings_revision r ON r.id = f.revision_id
  JOIN institutions_bureau b ON b.id = f.reviewing_bureau_id
  LEFT JOIN institutions_bureau pre ON pre.id = CASE WHEN b.tier = 'prefecture' THEN b.id ELSE b.parent_id END
 WHERE f.round_id = %s AND f.state = 'accepted'
 GROUP BY GROUPING SETS ((), (pre.code), (b.code), (r.cells->'JC01'->>'A201'), (r.cells->'JC01'->>'A203'), (r.derived->>'A218'))
"""
_DOMAINS = """
SELECT line->>'D101', count(DISTINCT f.id), {sums}
  FROM filings_filing f JOIN filings_revision r ON r.id = f.revision_id
 CROSS JOIN LATERAL jsonb_array_elements(r.cells->'JC05-1'->'rows') line
 WHERE f.round_id = %s AND f.state = 'accepted' GROUP BY 1
"""


def measure(small: int, large: int, server: str) -> list[Result]:
    use_database(name_of(small))
    round = Round.objects.select_related("scheme").get(period="2022")
    cut = timezone.now()
    calls: dict[str, Callable[[], object]] = {
        "build": lambda: aggregate(round, basis=Build.Basis.ACCEPTED, cut=cut),
        "sql": lambda: by_hand(round),
    }
    total = aggregate(round, basis=Build.Basis.ACCEPTED, cut=cut).total
    assert (total.count, total.total("A301")) == by_hand(round), "the sums differ"
    times = in_turns(calls, lambda _name: None, rounds=4, seconds=1.0)
    ratio = against("build_vs_sql", times["build"] * 1000, times["sql"] * 1000, "ms", 3)
    return [ratio, *_whole(large, server)]


def by_hand(round: Round) -> tuple[int, Decimal]:
    """Runs both statements; returns the institutions counted and their persons."""
    figures = round.scheme.definition.figures
    sums = [f"sum(r.figures[{at}])" for at in range(1, len(figures) + 1)]
    sums += [f"sum((r.derived->>'{code}')::numeric)" for code in SUMMED_DERIVED]
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(sums=", ".join(sums)), [round.pk])
        rows = cursor.fetchall()
        cursor.execute(
            _DOMAINS.format(sums=", ".join(f"sum((line->>'{code}')::numeric)" for code in DOMAIN_FIGURES)), [round.pk]
        )
        cursor.fetchall()
    total = max(rows, key=lambda row: row[5])
    return total[5], total[6 + figures.index("A301")]


def _whole(institutions: int, server: str) -> list[Result]:
    """In a process of its own, whose memory is then that of the build."""
    environment = os.environ | {"DATABASE_URL": address_of(server, name_of(institutions))}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.one_build"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return [
        Result(f"build_of_{institutions}", told["seconds"], "s", bound=120),
        Result(f"build_of_{institutions}_memory", told["megabytes"], "MB", bound=512),
    ]
