"""Every address with junk in its query and its form, for those who may use it and for those who may not: never a bare 500.

What is sent is made from the rows of `access_matrix.py`: the fields of the form with something else in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.access_matrix import ROLES, Row, matrix
from tests.factories.institutions import Province, build_province
from tests.test_access import BACKEND

#: The health check says 503 whatever is asked: no worker beats here.
MATRIX = {name: row for name, row in matrix().items() if name != "healthz"}
#: In place of every value of a form, and of parameters that pages know.
JUNK = (
    "", "\x00", "-1", "9" * 30, "1e999", "字" * 3000, "[]", '{"a": {}}', "2024-02-30", "9999-12-31T99:99",
    "<script>", "%", "\u202e", "00000000-0000-4000-8000-000000000000", "../../etc/passwd", "a\r\nb: c",
)  # fmt: skip
PARAMETERS = (
    "page",
    "q",
    "order",
    "state",
    "bureau",
    "round",
    "at",
    "after",
    "kind",
    "next",
    "number",
    "cause",
    "year",
)
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
#: Bodies that are no form at all.
BODIES = (
    (FORM, b"\xff\xfe=%ED%A0%80&a"),
    (PARTS, b"--x\r\nContent-Disposition: nonsense\r\n\r\n"),
    ("application/json", b"[[["),
)


@dataclass(frozen=True)
class Asked:
    """One request; `words` name it where it fails."""

    words: str
    method: str
    data: Any
    kind: str = ""


def questions(at: int, row: Row, data: dict[str, Any], may: bool) -> Iterator[Asked]:
    """Of one address some of the junk, of the next address others; less of it from those who may not use it."""
    for step in range(2 if may else 1):
        junk = JUNK[(at * 3 + step) % len(JUNK)]
        if row.post is not None:
            yield Asked(f"POST {junk[:20]!r}", "POST", dict.fromkeys({*data, "version", "seen"}, junk))
        if may and step == 0 and row.get is not None:
            yield Asked(f"GET {junk[:20]!r}", "GET", dict.fromkeys(PARAMETERS, junk))
    if may:
        kind, body = BODIES[at % len(BODIES)]
        yield Asked(f"POST {kind}", "POST", body, kind)


def ask(client: Client, address: str, asked: Asked) -> int:
    with transaction.atomic():
        if asked.method == "GET":
            response = client.get(address, asked.data)
        elif asked.kind:
            response = client.post(address, asked.data, content_type=asked.kind)
        else:
            response = client.post(address, asked.data)
        for _chunk in response if response.streaming else ():
            pass
        transaction.set_rollback(True)
    return response.status_code


def clients(row: Row, world: Province) -> Iterator[tuple[str, bool, Client]]:
    """One role that may, one that may not, and a visitor."""
    allowed = {**(row.get or {}), **(row.post or {})}
    may = [role for role in ROLES if allowed.get(role, 403) < 400]
    others = [role for role in ROLES if role not in may and role != "anonymous"]
    for role in (*may[:1], *others[:1], "anonymous"):
        client = Client(raise_request_exception=False)
        membership = ROLES[role](world)
        if membership is not None:
            client.force_login(membership.user, backend=BACKEND)
        yield role, role in may, client


@pytest.mark.parametrize("part", range(2))
def test_junk_is_answered_in_words(part: int, db: None, settings: Any, tmp_path: Any):
    settings.MEDIA_ROOT = tmp_path
    world = build_province()
    bad = []
    for at, name in enumerate(sorted(MATRIX)):
        if at % 2 != part:
            continue
        row = MATRIX[name]
        with transaction.atomic():
            address = reverse(name, kwargs=dict(row.args(world)))
            data = dict(row.data(world))
            for role, may, client in clients(row, world):
                for asked in questions(at, row, data, may):
                    status = ask(client, address, asked)
                    if status >= 500:
                        bad.append((name, role, asked.words, status))
            transaction.set_rollback(True)
    assert bad == []
