"""Pages under load: the queue at two sizes, the grid and its saving against a view with one query."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from django.core.handlers.wsgi import WSGIHandler
from django.urls import reverse

from benchmarks.client import Visitor, in_turns, queries_of, use_database
from benchmarks.databases import name_of
from benchmarks.gunicorn import asking, rates, server
from benchmarks.result import Result, against
from institutions.models import Bureau, Membership
from institutions.roles import Role
from reports.filings.models import Filing
from reports.rounds.models import Round
from review.queue.queries import PAGE_SIZE

OFFICES = {"county": "350102", "prefecture": "350100", "province": "350000"}


def measure(small: int, large: int) -> list[Result]:
    application = WSGIHandler()
    results = _queues(application, small, large)
    use_database(name_of(small))
    return [*results, *_filling(application, small)]


def _queues(application: WSGIHandler, small: int, large: int) -> list[Result]:
    """A page of 50 rows at both sizes; the own queue where the smaller database fills one, else last year's accepted."""
    results, counts = [], []
    for tier, code in OFFICES.items():
        use_database(name_of(small))
        state, full = _list_with_a_page(code)
        calls: dict[str, Callable[[], object]] = {}
        numbers = []
        for size in (small, large):
            use_database(name_of(size))
            visitor = Visitor(application, name_of(size), _reviewer(code))
            path = _address(state)
            calls[name_of(size)] = lambda visitor=visitor, path=path: visitor.get(path)
            numbers.append(queries_of(calls[name_of(size)]))
        times = in_turns(calls, use_database)
        of_large, of_small = times[name_of(large)] * 1000, times[name_of(small)] * 1000
        # A page with fewer rows is not the same page: then nothing is judged.
        results.append(
            against(f"queue_page_{large}_vs_{small}_{tier}", of_large, of_small, "ms", 1.3 if full else None)
        )
        counts.append(
            Result(
                f"queue_queries_{tier}", numbers[1], "queries", numbers[0], numbers[1] - numbers[0], 0 if full else None
            )
        )
    return [*results, *counts]


def _reviewer(code: str) -> Membership:
    return Membership.objects.select_related("user").get(bureau__code=code, role__in=[Role.REVIEWER, Role.STATISTICIAN])


def _list_with_a_page(code: str) -> tuple[str, bool]:
    bureau = Bureau.objects.get(code=code)
    if Filing.objects.filter(step=bureau).count() >= PAGE_SIZE:
        return "mine", True
    accepted = Filing.objects.within(bureau).filter(round__period="2022", state="accepted")
    return "accepted", accepted.count() >= PAGE_SIZE


def _address(state: str) -> str:
    chosen = Round.objects.get(period="2023" if state == "mine" else "2022")
    return f"{reverse('review:queue')}?round={chosen.public_id}&state={state}"


def _filling(application: WSGIHandler, size: int) -> list[Result]:
    filing = Filing.objects.filter(state="drafting", round__closed_at=None, drafts__table="JC05").order_by("pk").first()
    assert filing is not None
    filer = Membership.objects.select_related("user").get(institution=filing.institution_id, role=Role.FILER)
    visitor, nobody = Visitor(application, name_of(size), filer), Visitor(application, name_of(size), None)
    areas = itertools.count()

    def typed() -> dict[str, str]:
        return {"W101": str(100 + next(areas) % 900), "seen": "99999999", "was": "{}"}

    place = [filing.public_id, "JC05"]
    asks = {
        "hello": asking(nobody, "GET", "/hello/"),
        "hello_signed_in": asking(visitor, "GET", "/hello/"),
        "grid": asking(visitor, "GET", reverse("filings:table-edit", args=place)),
        "autosave": asking(visitor, "POST", reverse("filings:cell-save", args=place), typed),
    }
    with server() as port:
        found = rates(port, asks)
    return [
        against("hello_signed_in_vs_hello", found["hello_signed_in"], found["hello"], "requests/s", None, "higher"),
        against("grid_page_vs_hello_query", found["grid"], found["hello"], "requests/s", round(1 / 15, 4), "higher"),
        against("autosave_vs_hello_query", found["autosave"], found["hello"], "requests/s", round(1 / 12, 4), "higher"),
    ]
