"""What an event says of an act, and where the act came from."""

import ast
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from portal.trail import verbs
from portal.trail.actions import record
from portal.trail.context import Origin, origin
from portal.trail.middleware import TrailContext, peer_address
from tests.factories.institutions import Province, a_user, build_province

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def tree(db: None) -> Province:
    return build_province()


def test_event_names_person_role_place_and_object(tree: Province) -> None:
    event = record("test.done", by=tree.gulou_reviewer, obj=tree.a, scope=tree.gulou.path, details={"count": 1})
    assert (event.actor, event.actor_label) == (tree.gulou_reviewer.user, str(tree.gulou_reviewer))
    assert "王鼓审" in event.actor_label
    assert "鼓楼区市场监督管理局" in event.actor_label
    assert (event.object_type, event.object_id, event.object_label) == (
        "institutions.institution",
        str(tree.a.pk),
        "福建甲检测有限公司",
    )
    assert (event.scope, event.details, event.succeeded) == (tree.gulou.path, {"count": 1}, True)
    assert event.at is not None


@pytest.mark.django_db
def test_person_without_membership_and_nobody() -> None:
    person = a_user("zhou", name="周立")
    signing_in = record("test.failed", by=None, user=person, succeeded=False)
    assert (signing_in.actor, signing_in.actor_label, signing_in.succeeded) == (person, "周立", False)
    system = record("test.done", by=None)
    assert (system.actor, system.actor_label, system.object_type, system.object_id) == (None, "", "", "")


@pytest.mark.django_db
def test_what_the_database_refuses_or_breaks_a_line_is_replaced() -> None:
    person = a_user("zhou", name="周\n立\x85甲\u2028乙")
    details = {"typed\x00": ["a\x00b", "\ud800", {"n": 1, "d": Decimal("1.50"), "f": True, "none": None}]}
    event = record("test.done", by=None, user=person, details=details)
    event.refresh_from_db()
    assert event.actor_label == "周 立 甲 乙"
    assert event.details == {"typed�": ["a�b", "�", {"n": 1, "d": "1.50", "f": True, "none": None}]}


@pytest.mark.django_db
def test_labels_are_cut_to_what_is_kept() -> None:
    event = record("test.done", by=None, user=a_user("zhou", name="长" * 50), obj=a_user("long", name="名" * 50))
    assert (event.actor_label, event.object_label) == ("长" * 50, "名" * 50)


@pytest.mark.django_db
def test_address_and_reference_come_from_the_request() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        event = record("test.done", by=None)
        return HttpResponse(f"{event.address} {event.reference}")

    request = RequestFactory().get("/", REMOTE_ADDR="10.1.2.3", headers={"X-Forwarded-For": "6.6.6.6"})
    request.reference = "ABCD-EFGH"  # type: ignore[attr-defined]
    assert TrailContext(view)(request).content == b"10.1.2.3 ABCD-EFGH"
    assert origin.get() == Origin()


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "expected"),
    [
        (0, "10.0.0.1", "6.6.6.6", "10.0.0.1"),
        (0, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", "6.6.6.6, 7.7.7.7", "7.7.7.7"),
        (1, "", "7.7.7.7", "7.7.7.7"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", "'; DROP TABLE x", "10.0.0.1"),
        (2, "10.0.0.1", "6.6.6.6, 7.7.7.7, 10.0.0.2", "7.7.7.7"),
        (2, "10.0.0.1", "6.6.6.6", "10.0.0.1"),
        (0, "::ffff:10.0.0.9", "", "10.0.0.9"),
        (0, "fe80::1%eth0", "", "fe80::1"),
        (0, "", "", None),
    ],
)
def test_peer_address(settings: Any, proxies: int, peer: str, forwarded: str, expected: str | None) -> None:
    settings.AXES_IPWARE_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert peer_address(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)) == expected


def recorded_verbs() -> dict[str, str]:
    """Each verb written out in a call of `record` in the product, with its file."""
    found = {}
    for room in ("portal", "institutions", "reports", "review"):
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record"
                if named and node.args and isinstance(node.args[0], ast.Constant):
                    found[node.args[0].value] = str(file.relative_to(ROOT))
    return found


def test_every_verb_has_a_label() -> None:
    known = {verb for verb, _label in verbs.choices()}
    recorded = recorded_verbs()
    assert "trail.verified" in recorded
    assert {verb: file for verb, file in recorded.items() if verb not in known} == {}


def test_a_verb_belongs_to_one_room() -> None:
    with pytest.raises(ValueError, match="two labels"):
        verbs.register({"trail.verified": "Something else"})
    with pytest.raises(ValueError, match="longer"):
        verbs.register({"x" * 61: "Long"})


def test_unknown_verb_is_shown_bare() -> None:
    assert verbs.label_of("of.an.older.version") == "of.an.older.version"
