"""One batch in a process of its own, as a worker does it: `python -m benchmarks.numbers_worker file filing membership`.

Says "ready" when it is loaded, and begins when its standard input ends. Prints as JSON: seconds from the bytes to the counted
batch, megabytes of this process and of its largest child, and the same for writing the reasons and marking the user's file.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from institutions.models import Membership  # noqa: E402
from portal.celery import give_way  # noqa: E402
from portal.jobs.progress import Silent  # noqa: E402
from reports.filings.models import Filing  # noqa: E402
from reports.numbers import children, pipeline  # noqa: E402
from reports.numbers.actions import receive  # noqa: E402
from reports.numbers.models import NumberBatch  # noqa: E402
from reports.numbers.reading.child import peak_mb  # noqa: E402


def main() -> int:
    give_way()
    print("ready", flush=True)
    sys.stdin.read()
    path, filing_id, membership_id = sys.argv[1:]
    filing = Filing.objects.for_page().get(pk=filing_id)
    by = Membership.objects.select_related("user").get(pk=membership_id)
    marking: dict[str, float] = {"seconds": 0.0, "mb": 0.0}
    reading = {"mb": 0}
    plain, read, mark = children.run, pipeline._read, pipeline._mark

    def counted(*args: Any) -> dict[str, Any]:
        report = read(*args)
        reading["mb"] = report["peak_mb"]
        return report

    pipeline._read = counted

    def measured(module: str, task: dict[str, Any]) -> dict[str, Any]:
        report = plain(module, task)
        marking["mb"] = report["peak_mb"]
        return report

    def timed(*args: Any) -> pipeline.Marked:
        began = time.perf_counter()
        try:
            return mark(*args)
        finally:
            marking["seconds"] = time.perf_counter() - began

    children.run, pipeline._mark = measured, timed
    began = time.perf_counter()
    with Path(path).open("rb") as file:
        received = receive(filing=filing, chunks=iter(lambda: file.read(2**20), b""), name=Path(path).name, by=by)
    batch = received.batch
    if not received.again:
        loaded = NumberBatch.objects.select_related("filing__round__scheme", "filing__institution", "by").get(
            pk=batch.pk
        )
        batch = pipeline.run(loaded, Silent())
    told = {
        "seconds": time.perf_counter() - began,
        "state": batch.state,
        "stored": batch.stored,
        "refused": batch.refused,
        "worker_mb": peak_mb(),
        "child_mb": max(reading["mb"], marking["mb"]),
        "mark_seconds": marking["seconds"],
        "mark_mb": marking["mb"],
    }
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
