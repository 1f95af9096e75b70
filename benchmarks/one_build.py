"""A process that makes one build and tells its seconds and peak memory: `python -m benchmarks.one_build`."""

from __future__ import annotations

import json
import resource
import time


def main() -> None:
    """This year's submitted filings with last year's beside them; figures, digest and the blocks of the page."""
    import django

    django.setup()
    from django.utils import timezone

    from institutions.models import Membership
    from institutions.roles import Role
    from reports.rounds.models import Round
    from reports.summaries.actions import blocks_of, compute, store
    from reports.summaries.models import Build

    round = Round.objects.select_related("scheme", "previous__scheme").get(period="2023")
    last = Build.objects.filter(round=round).order_by("-number").first()
    build = Build.objects.create(
        round=round,
        number=last.number + 1 if last else 1,
        basis=Build.Basis.SUBMITTED,
        data_cut=timezone.now(),
        scheme=round.scheme,
        asked_by=Membership.objects.get(role=Role.STATISTICIAN),
    )
    began = time.monotonic()
    store(build, *compute(build))
    assert blocks_of(build)
    seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": round_to(seconds), "megabytes": round_to(peak)}))


def round_to(value: float) -> float:
    return float(f"{value:.2f}")


if __name__ == "__main__":
    main()
