"""Requests through the whole WSGI application in this process, as a signed-in person, on a database of choice."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client

from institutions.models import Membership

TOKEN = "b" * 32


def use_database(name: str) -> None:
    """Go on with another database of the same server."""
    connection.close()
    connection.settings_dict["NAME"] = name


class Visitor:
    """One browser. `membership` None is nobody in particular."""

    def __init__(self, application: WSGIHandler, database: str, membership: Membership | None) -> None:
        self.application, self.database = application, database
        self._cookie = f"csrftoken={TOKEN}; __Host-csrf={TOKEN}"
        if membership is not None:
            client = Client()
            client.force_login(membership.user, backend="institutions.accounts.backends.NameBackend")
            self._cookie += "".join(f"; {name}={morsel.value}" for name, morsel in client.cookies.items())

    @property
    def cookies(self) -> list[tuple[str, str]]:
        """Name and value of each, for a browser; without those that it only takes over https."""
        found = [part.partition("=") for part in self._cookie.split("; ")]
        return [(name, value) for name, _sign, value in found if not name.startswith("__Host-")]

    def get(self, path: str) -> bytes:
        return self._call("GET", path)

    def message(self, fields: dict[str, str] | None) -> tuple[bytes | None, dict[str, str]]:
        """Body and headers of a request as the script of the page sends it."""
        if fields is None:
            return None, {"Cookie": self._cookie}
        headers = {"HX-Request": "true", "X-CSRFToken": TOKEN, "Content-Type": "application/x-www-form-urlencoded"}
        return urlencode(fields).encode(), {"Cookie": self._cookie, **headers}

    def _call(self, method: str, path: str) -> bytes:
        path, _mark, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000",
            "HTTP_HOST": "127.0.0.1:8000", "REMOTE_ADDR": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1", "SCRIPT_NAME": "",
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(),
            "CONTENT_LENGTH": "0", "HTTP_COOKIE": self._cookie,
        }  # fmt: skip
        told: list[str] = []
        answer = self.application(environ, lambda status, _headers, *_: told.append(status))
        try:
            content = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        if not told[0].startswith("200"):
            raise AssertionError(f"{method} {path} answered {told[0]}: {content[:300]!r}")
        return content


def seconds_each(call: Callable[[], object], seconds: float) -> list[float]:
    """Times of as many calls as fit, at least three."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return times


def in_turns(
    calls: dict[str, Callable[[], object]], before: Callable[[str], None], *, rounds: int = 8, seconds: float = 0.6
) -> dict[str, float]:
    """Lower quartile of the seconds of each call, measured in turns: a busy moment of the machine meets all of them, and what
    is compared is the quarter that was disturbed least."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            before(name)
            call()
            found = seconds_each(call, seconds if turn else 0.2)
            if turn:  # the first turn warms up
                times[name] += found
    return {name: statistics.quantiles(found, n=4)[0] for name, found in times.items()}


def queries_of(call: Callable[[], object]) -> int:
    count = 0

    def counting(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        return execute(sql, params, many, context)

    call()
    with connection.execute_wrapper(counting):
        call()
    return count
