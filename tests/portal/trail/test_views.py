"""The trail on screen and as files, for audit administrators alone."""

import csv
import html
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from institutions.models import Membership
from institutions.roles import Role
from portal.jobs.models import Job
from portal.jobs.progress import Silent
from portal.jobs.tasks import run
from portal.trail.actions import record
from portal.trail.exports import WORKBOOK_ROWS, TooLong, write
from portal.trail.models import Event
from portal.trail.queries import Filters, matching, slice_of, visible_to
from portal.trail.reading import detail_lines
from tests.factories.institutions import Province, a_membership, build_province
from tests.portal.trail.tampering import owner

LIST = "trail:event-list"


@pytest.fixture
def tree(db: None) -> Province:
    return build_province()


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user, backend="institutions.accounts.backends.NameBackend")
    return client


def shown(client: Client, query: str = "") -> list[int]:
    response = client.get(reverse(LIST) + query)
    assert response.status_code == 200
    return [row["event"].pk for row in response.context["rows"]]


@pytest.mark.parametrize("who", ["filer_a", "statistician", "gulou_reviewer", "system_admin", "security_admin"])
def test_other_roles_are_refused_with_the_reason(tree: Province, who: str) -> None:
    client = signed_in(getattr(tree, who))
    record("test.secret", by=None)
    before = Event.objects.count()
    for response in (
        client.get(reverse(LIST)),
        client.post(reverse("trail:verify")),
        client.post(reverse("trail:event-export"), {"format": "csv"}),
    ):
        assert response.status_code == 403
        assert "审计管理员" in response.content.decode() or "audit administrators" in response.content.decode()
        assert "test.secret" not in response.content.decode()
    assert Event.objects.count() == before
    assert Job.objects.count() == 0


def test_visitor_is_asked_to_sign_in(tree: Province) -> None:
    response = Client().get(reverse(LIST))
    assert (response.status_code, response["Location"]) == (302, f"{reverse('login')}?next={reverse(LIST)}")


def test_filters(tree: Province) -> None:
    done = record("test.done", by=tree.filer_a, obj=tree.a)
    failed = record("test.other", by=tree.filer_b, obj=tree.b, succeeded=False)
    client = signed_in(tree.audit_admin)
    assert shown(client)[:2] == [failed.pk, done.pk]
    assert shown(client, "?person=甲填") == [done.pk]
    assert shown(client, "?person=FILER-B") == [failed.pk]
    assert shown(client, "?person=nobody-of-that-name") == []
    assert shown(client, "?verb=test.done") == [done.pk]
    assert shown(client, "?outcome=no") == [failed.pk]
    assert shown(client, f"?object=institutions.institution:{tree.a.pk}&verb=test.done") == [done.pk]
    assert shown(client, "?object=乙检测") == [failed.pk]
    assert shown(client, "?since=9999-12-31") == []
    assert shown(client, "?until=0001-01-01") == []
    assert shown(client, "?since=2000-01-01&until=9999-12-31&verb=test.done") == [done.pk]


@pytest.mark.parametrize(
    "query",
    [
        "?since=yesterday&until=2023-02-30",
        "?outcome=maybe&before=abc&after=-1",
        "?before=99999999999999999999&verb=%00",
        "?person=%00&object=%00",
        "?before=٣",
    ],
)
def test_bad_values_are_ignored(tree: Province, query: str) -> None:
    record("test.done", by=None)
    client = signed_in(tree.audit_admin)
    assert shown(client, query) == shown(client)
    assert len(shown(client)) >= 1


def test_pages_go_by_id(tree: Province) -> None:
    ids = [record("test.paged", by=None).pk for _ in range(7)]
    events = Event.objects.filter(verb="test.paged")
    first = slice_of(events, size=3)
    assert ([one.pk for one in first.events], first.newer, first.older) == (ids[:3:-1], None, ids[4])
    second = slice_of(events, before=str(first.older), size=3)
    assert ([one.pk for one in second.events], second.newer, second.older) == (ids[3:0:-1], ids[3], ids[1])
    last = slice_of(events, before=str(second.older), size=3)
    assert ([one.pk for one in last.events], last.newer, last.older) == ([ids[0]], ids[0], None)
    back = slice_of(events, after=str(last.newer), size=3)
    assert [one.pk for one in back.events] == ids[3:0:-1]
    top = slice_of(events, after=str(ids[3]), size=3)
    assert ([one.pk for one in top.events], top.newer) == (ids[:3:-1], None)


@pytest.mark.parametrize("rows", [1, 5])
def test_list_costs_the_same_for_any_number(tree: Province, django_assert_num_queries: Any, rows: int) -> None:
    for _ in range(rows):
        record("test.counted", by=tree.filer_a, obj=tree.a, details={"count": 1})
    client = signed_in(tree.audit_admin)
    client.get(reverse(LIST))
    with django_assert_num_queries(4):
        response = client.get(reverse(LIST) + "?verb=test.counted")
    assert len(response.context["rows"]) == rows


def test_details_are_readable_and_escaped(tree: Province) -> None:
    record(
        "test.done", by=None, details={"count": 3, "cells": ["A1", "A2"], "of": {"reason": "<script>", "empty": None}}
    )
    page = signed_in(tree.audit_admin).get(reverse(LIST) + "?verb=test.done").content.decode()
    assert "<dd>A1" in page
    assert "&lt;script&gt;" in page
    assert "<script>x" not in page
    lines = dict(detail_lines({"rows": [{"a": 1}, {"a": True}], "empty": [], "none": None}))
    assert list(lines) == ["rows 1 · a", "rows 2 · a", "empty", "none"]
    assert (lines["rows 1 · a"], lines["empty"], lines["none"]) == ("1", "—", "—")


def test_auditor_below_the_province_sees_the_own_subtree(tree: Province) -> None:
    auditor = a_membership(Role.AUDIT_ADMIN, tree.fuzhou)
    inside = record("test.scoped", by=None, scope=tree.gulou.path)
    record("test.scoped", by=None, scope=tree.licheng.path)
    record("test.scoped", by=None)
    assert list(visible_to(auditor).filter(verb="test.scoped")) == [inside]
    assert visible_to(tree.audit_admin).filter(verb="test.scoped").count() == 3
    assert visible_to(tree.statistician).count() == visible_to(None).count() == 0


def verified(client: Client, anchor: str = "") -> Any:
    """The page of the outcome, once the job is done."""
    asked = client.post(reverse("trail:verify"), {"anchor": anchor})
    job = Job.objects.latest("created_at")
    assert (asked.status_code, asked["Location"]) == (302, reverse("trail:verification", args=[job.pk]))
    waiting = client.get(asked["Location"])
    assert (waiting.context["found"], b'hx-trigger="every 2s"' in waiting.content) == (None, True)
    run(str(job.pk))
    run(str(job.pk))
    return client.get(asked["Location"])


@pytest.mark.django_db(transaction=True)
def test_verify_shows_head_or_fault_and_is_recorded(settings: Any, tmp_path: Path, empty_broker: None) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    tree = build_province()
    client = signed_in(tree.audit_admin)
    assert client.get(reverse("trail:verify")).status_code == 405
    good = verified(client)
    noted = Event.objects.get(verb="trail.verified")
    head = noted.details["head"]
    assert (noted.details["fault"], noted.succeeded, noted.actor) == ("", True, tree.audit_admin.user)
    assert head in good.content.decode()
    assert b"hx-trigger" not in good.content.split(b'id="verification"')[1].split(b">")[0]
    file = client.get(reverse("jobs:job-download", args=[noted.details["job"]]))
    assert b"".join(file.streaming_content).decode().splitlines()[2] == head  # type: ignore[attr-defined]
    assert verified(client, f" {head.upper()} ").context["found"].succeeded
    with owner() as cursor:
        cursor.execute("UPDATE trail_event SET verb = 'x' WHERE id = %s", [good.context["found"].pk])
    bad = verified(client)
    assert str(noted.pk) in bad.context["found"].details["fault"]
    assert bad.context["found"].details["fault"] in html.unescape(bad.content.decode())
    assert Event.objects.filter(verb="trail.verified", succeeded=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_verify_after_the_role_ended_is_refused(settings: Any, tmp_path: Path, empty_broker: None) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    tree = build_province()
    signed_in(tree.audit_admin).post(reverse("trail:verify"))
    Membership.objects.filter(pk=tree.audit_admin.pk).update(ended_at="2024-01-01T00:00:00Z")
    job = Job.objects.get()
    run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, Event.objects.filter(verb="trail.verified").exists()) == (Job.State.FAILED, False)


def test_the_outcome_is_for_the_one_who_asked(tree: Province) -> None:
    signed_in(tree.audit_admin).post(reverse("trail:verify"))
    address = reverse("trail:verification", args=[Job.objects.get().pk])
    other = a_membership(Role.AUDIT_ADMIN, tree.fuzhou)
    assert [signed_in(one).get(address).status_code for one in (tree.audit_admin, other, tree.filer_a)] == [
        200,
        404,
        403,
    ]


def test_verify_with_a_bad_anchor_verifies_nothing(tree: Province) -> None:
    client = signed_in(tree.audit_admin)
    response = client.post(reverse("trail:verify"), {"anchor": "<b>12"})
    assert response.status_code == 422
    assert "&lt;b&gt;12" in response.content.decode()
    assert not Event.objects.filter(verb="trail.verified").exists()
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_is_recorded_and_safe_to_open(kind: str, settings: Any, tmp_path: Path, empty_broker: None) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    tree = build_province()
    formula = '=HYPERLINK("http://x.test")'
    tree.a.name = formula
    first = record("test.exported", by=tree.filer_a, obj=tree.a, details={"count": 1})
    second = record("test.exported", by=tree.filer_a, obj=tree.b)
    client = signed_in(tree.audit_admin)
    response = client.post(reverse("trail:event-export"), {"format": kind, "verb": "test.exported", "since": "rubbish"})
    job = Job.objects.get()
    assert (response.status_code, response["Location"]) == (302, reverse("jobs:job-detail", args=[job.pk]))
    asked = Event.objects.get(verb="trail.exported")
    assert asked.details == {"format": kind, "filters": {"verb": "test.exported"}}
    run(str(job.pk))
    download = client.get(reverse("jobs:job-download", args=[job.pk]))
    assert download.status_code == 200
    content = b"".join(download.streaming_content)  # type: ignore[attr-defined]
    if kind == "csv":
        assert content.startswith("\ufeff".encode())
        rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
        assert rows[2][4] == f"'{formula}"
    else:
        sheet = load_workbook(BytesIO(content)).active
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert (rows[2][4], sheet["E3"].data_type) == (formula, "s")
    assert [int(row[0]) for row in rows[1:]] == [second.pk, first.pk]
    assert len(rows[0]) == 10


def test_export_of_an_unknown_kind_is_refused(tree: Province) -> None:
    client = signed_in(tree.audit_admin)
    before = Event.objects.count()
    assert client.post(reverse("trail:event-export"), {"format": "exe"}).status_code == 403
    assert (Event.objects.count(), Job.objects.count()) == (before, 0)


@pytest.mark.django_db(transaction=True)
def test_export_after_the_role_ended_is_refused(settings: Any, tmp_path: Path, empty_broker: None) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    tree = build_province()
    signed_in(tree.audit_admin).post(reverse("trail:event-export"), {"format": "csv"})
    Membership.objects.filter(pk=tree.audit_admin.pk).update(ended_at="2024-01-01T00:00:00Z")
    job = Job.objects.get()
    run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.result_file) == (Job.State.FAILED, "")
    assert job.reason != ""


def test_export_longer_than_a_sheet_says_so(tree: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    assert WORKBOOK_ROWS < 1_048_576
    monkeypatch.setattr("portal.trail.exports.WORKBOOK_ROWS", 1)
    for _ in range(2):
        record("test.long", by=None)
    with pytest.raises(TooLong, match="csv"):
        write(Event.objects.filter(verb="test.long"), kind="xlsx", progress=Silent())


def test_filters_survive_the_way_through_a_job() -> None:
    typed = {"person": " 周 ", "since": "2024-01-01", "until": "x", "outcome": "no", "page": "3"}
    filters = Filters.read(typed)
    assert filters.chosen() == {"person": "周", "since": "2024-01-01", "outcome": "no"}
    assert Filters.read(filters.chosen()) == filters


def test_matching_day_is_one_of_shanghai(tree: Province) -> None:
    event = record("test.day", by=None)
    day = timezone.localtime(event.at).date().isoformat()
    events = Event.objects.filter(verb="test.day")
    assert list(matching(events, Filters(since=day, until=day))) == [event]


def test_first_page_of_an_auditor(tree: Province) -> None:
    record("test.failed", by=None, succeeded=False)
    response = signed_in(tree.audit_admin).get(reverse("home"))
    assert response.status_code == 200
    assert "test.failed" in response.content.decode()
