"""Pages under load: the queue at two sizes, the grid and its saving against a view with one query."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.core.handlers.wsgi import WSGIHandler
from django.urls import reverse

from benchmarks.client import Visitor, in_turns, queries_of, use_database
from benchmarks.databases import name_of
from benchmarks.result import Result, against
from institutions.models import Membership
from institutions.roles import Role
from reports.filings.models import Filing

OFFICES = {"county": "350102", "prefecture": "350100", "province": "350000"}


def measure(small: int, large: int) -> list[Result]:
    application = WSGIHandler()
    results = _queues(application, small, large)
    use_database(name_of(small))
    return [*results, *_filling(application, small)]


def _queues(application: WSGIHandler, small: int, large: int) -> list[Result]:
    results, counts = [], []
    for tier, code in OFFICES.items():
        calls: dict[str, Callable[[], object]] = {}
        for size in (small, large):
            use_database(name_of(size))
            held = Membership.objects.select_related("user").get(
                bureau__code=code, role__in=[Role.REVIEWER, Role.STATISTICIAN]
            )
            visitor = Visitor(application, name_of(size), held)
            calls[name_of(size)] = lambda visitor=visitor: visitor.get(reverse("review:queue"))
            counts.append((tier, size, queries_of(calls[name_of(size)])))
        times = in_turns(calls, use_database)
        of_large, of_small = times[name_of(large)] * 1000, times[name_of(small)] * 1000
        results.append(against(f"queue_page_{large}_vs_{small}_{tier}", of_large, of_small, "ms", 1.3))
    for tier in OFFICES:
        few, many = (count for at, _size, count in counts if at == tier)
        results.append(Result(f"queue_queries_{tier}", many, "queries", few, many - few, 0))
    return results


def _filling(application: WSGIHandler, size: int) -> list[Result]:
    filing = Filing.objects.filter(state="drafting", round__closed_at=None, drafts__table="JC05").order_by("pk").first()
    assert filing is not None
    filer = Membership.objects.select_related("user").get(institution=filing.institution_id, role=Role.FILER)
    visitor, nobody = Visitor(application, name_of(size), filer), Visitor(application, name_of(size), None)
    grid = reverse("filings:table-edit", args=[filing.public_id, "JC05"])
    cells = reverse("filings:cell-save", args=[filing.public_id, "JC05"])
    version, area = 10_000_000, 0

    def autosave() -> None:
        nonlocal version, area
        area += 1
        answer = json.loads(visitor.post(cells, {"W101": str(100 + area % 900), "seen": str(version), "was": "{}"}))
        assert "W101" in json.dumps(answer), answer

    calls: dict[str, Callable[[], object]] = {
        "hello": lambda: nobody.get("/hello/"),
        "grid": lambda: visitor.get(grid),
        "autosave": autosave,
    }
    times = in_turns(calls, lambda _name: None)
    rates = {name: 1 / seconds for name, seconds in times.items()}
    return [
        against("grid_page_vs_hello_query", rates["grid"], rates["hello"], "requests/s", round(1 / 15, 4), "higher"),
        against("autosave_vs_hello_query", rates["autosave"], rates["hello"], "requests/s", round(1 / 12, 4), "higher"),
        Result("hello_query", round(rates["hello"], 1), "requests/s", better="higher"),
    ]
