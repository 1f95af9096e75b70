"""Every address × every role, and proof that no address is missing from the table. How to add rows: `access_matrix.py`."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access_matrix import ROLES, Row, Statuses, matrix
from tests.factories.institutions import Province, build_province

MATRIX = matrix()
BACKEND = "institutions.accounts.backends.NameBackend"
ANONYMOUS = {"GET": 302, "POST": 401}


def walk(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = ":".join(filter(None, (namespace, entry.namespace)))
            yield from walk(entry, inner)
        else:
            yield ":".join(filter(None, (namespace, entry.name or f"unnamed {entry.pattern}"))), entry


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


def test_access_every_url_name_has_a_row():
    """A view nobody thought about is a view nobody judged."""
    names = {name for name, _entry in walk(get_resolver())}
    assert names - set(MATRIX) == set(), "Add rows for these, see tests/access_matrix.py."
    assert set(MATRIX) - names == set(), "These rows have no address any more."


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_access_is_as_the_table_says(name: str, world: Province):
    row = MATRIX[name]
    address = reverse(name, kwargs=dict(row.args(world)))
    expected = {"GET": _expected(row, "GET"), "POST": _expected(row, "POST")}
    found = {method: {role: _ask(method, address, role, row, world) for role in ROLES} for method in expected}
    assert found == expected


def _expected(row: Row, method: str) -> Statuses:
    statuses = row.get if method == "GET" else row.post
    if statuses is None:
        return dict.fromkeys(ROLES, 405)
    return {"anonymous": ANONYMOUS[method], **statuses}


def _ask(method: str, address: str, role: str, row: Row, world: Province) -> int:
    """The status, with everything the request wrote rolled back."""
    membership = ROLES[role](world)
    with transaction.atomic():
        client = Client()
        if membership is not None:
            client.force_login(membership.user, backend=BACKEND)
        response = client.get(address) if method == "GET" else client.post(address, dict(row.data(world)))
        transaction.set_rollback(True)
    return response.status_code


def test_access_a_foreign_object_answers_like_one_that_does_not_exist(world: Province, client: Client):
    client.force_login(world.taijiang_reviewer.user, backend=BACKEND)
    missing = "00000000-0000-4000-8000-000000000000"
    address = reverse("institutions:institution-detail", args=[world.a.public_id])
    foreign, nothing = client.get(address), client.get(address.replace(str(world.a.public_id), missing))
    assert foreign.status_code == nothing.status_code == 404
    assert _without_reference(foreign.content.decode(), str(world.a.public_id)) == _without_reference(
        nothing.content.decode(), missing
    )


def _without_reference(page: str, key: str) -> str:
    page = re.sub(r"[2-9A-Z]{4}-[2-9A-Z]{4}", "REF", page)
    page = re.sub(r'(csrfmiddlewaretoken" value|csrf-token" content)="[^"]+"', "TOKEN", page)
    return page.replace(key, "KEY")


def _view_modules() -> set[Path]:
    views = {inspect.unwrap(entry.callback) for _name, entry in walk(get_resolver())}
    functions = {view.func if isinstance(view, functools.partial) else view for view in views}
    return {Path(inspect.getfile(function)) for function in functions}


def test_access_views_reach_scoped_models_through_visible_to_alone():
    """A view that names `Model.objects.get(`, `.all(` or `get_object_or_404(Model, …)` forgets the scope."""
    scoped = {model.__name__ for model in apps.get_models() if hasattr(model._default_manager, "visible_to")}
    assert {"Bureau", "Institution", "User", "Filing"} <= scoped
    names = "|".join(sorted(scoped))
    past_the_gate = re.compile(
        rf"\b({names})\.objects\.(get|all|first|last|in_bulk)\(|get_(object|list)_or_404\(\s*({names})\s*,"
    )
    modules = _view_modules()
    assert {"managing.py", "views.py"} <= {path.name for path in modules}
    found = [
        f"{path.name}: {hit.group()}" for path in sorted(modules) for hit in past_the_gate.finditer(path.read_text())
    ]
    assert found == []


def test_access_a_role_that_ended_is_gone_with_the_next_request(world: Province, client: Client):
    client.force_login(world.gulou_reviewer.user, backend=BACKEND)
    address = reverse("institutions:institution-detail", args=[world.a.public_id])
    assert client.get(address).status_code == 200
    type(world.gulou_reviewer).objects.filter(pk=world.gulou_reviewer.pk).update(
        ended_at=world.gulou_reviewer.created_at
    )
    assert client.get(address).status_code == 403


def test_access_an_account_that_was_stopped_is_a_visitor_with_the_next_request(world: Province, client: Client):
    client.force_login(world.gulou_reviewer.user, backend=BACKEND)
    address = reverse("institutions:institution-list")
    assert client.get(address).status_code == 200
    user = world.gulou_reviewer.user
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(address).status_code == 302
