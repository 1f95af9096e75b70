"""`python -m benchmarks`: the table of measurements, also as JSON in `.local/bench.json`; exit 1 when a bound is broken.

BENCH_SIZE=small compares 300 with 2,000 institutions instead of 2,000 with 54,000. Databases are prepared once and kept.
`python -m benchmarks checks pages` measures these parts alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

SIZES = {"small": (300, 2_000), "full": (2_000, 54_000)}


def main() -> int:
    size = os.environ.get("BENCH_SIZE", "full")
    if size not in SIZES:
        print(f"BENCH_SIZE is {size!r}; it can be small or full.", file=sys.stderr)
        return 2
    small, large = SIZES[size]
    target = (
        Path(os.environ.get("PORTAL_STATE") or Path(__file__).resolve().parent.parent / ".local").absolute()
        / "bench.json"
    )
    from benchmarks import databases
    from benchmarks.result import Result, table, write_json

    server = databases.start_server()
    results: list[Result] = []
    for institutions in (small, large):
        print(f"Preparing the database of {institutions:,} institutions ...", file=sys.stderr, flush=True)
        seconds = databases.prepare(server, institutions)
        if seconds is not None:
            results.append(Result(f"load_{institutions}", round(seconds, 1), "s"))
    os.environ["DATABASE_URL"] = databases.address_of(server, databases.name_of(small))
    _set_up()
    from benchmarks import builds, checks, filling, numbers, pages, paper, register, workbooks

    chosen = sys.argv[1:]
    for name, measure in {
        "checks": lambda: checks.measure(min(2_000, small)),
        "pages": lambda: pages.measure(small, large),
        "filling": lambda: filling.measure(small),
        "builds": lambda: builds.measure(small, large, server),
        "numbers": lambda: numbers.measure(server),
        "workbooks": workbooks.measure,
        "paper": paper.measure,
        "register": lambda: register.measure(server, large),
    }.items():
        if chosen and name not in chosen:
            continue
        print(f"Measuring {name} ...", file=sys.stderr, flush=True)
        results += measure()
    print(table(results))
    write_json(results, target)
    return 0 if all(result.holds for result in results) else 1


def _set_up() -> None:
    import django
    from django.conf import settings

    from portal import catalogue

    catalogue.compile_stale()
    django.setup()
    settings.ROOT_URLCONF = "benchmarks.urls"


if __name__ == "__main__":
    sys.exit(main())
