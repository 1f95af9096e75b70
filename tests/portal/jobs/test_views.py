"""A job on screen: its asker alone sees it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import translation

from institutions.models import Membership
from institutions.roles import Role
from portal.jobs import files
from portal.jobs.actions import create
from portal.jobs.models import Job
from portal.jobs.queries import visible_to
from portal.jobs.showing import shown
from tests.factories.institutions import Province, a_membership, build_province
from tests.portal.jobs import handlers


@pytest.fixture
def tree(db: None) -> Province:
    return build_province()


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user, backend="institutions.accounts.backends.NameBackend")
    return client


def a_finished(by: Membership, text: str = "whole", name: str = '报告"1\r\nX: y.txt') -> Job:
    job = create(kind="test.file", by=by, params={})
    path = files.scratch_path(job, ".txt")
    path.write_text(text)
    job.result_file, job.result_name, job.state = files.publish(job, path), name, Job.State.DONE
    job.save()
    Job.objects.filter(pk=job.pk).update(expires_at=Now() + timedelta(days=7))  # type: ignore[operator]
    job.refresh_from_db()
    return job


def urls_of(job: Job) -> list[str]:
    return [reverse(f"jobs:{name}", args=[job.pk]) for name in ("job-detail", "job-download")]


def test_others_get_nothing(tree: Province) -> None:
    job = a_finished(tree.filer_a)
    for who in (
        tree.filer_b,
        tree.signer_a,
        tree.statistician,
        tree.gulou_reviewer,
        tree.system_admin,
        tree.audit_admin,
    ):
        client = signed_in(who)
        assert [client.get(url).status_code for url in urls_of(job)] == [404, 404]
        assert job.result_name.encode() not in client.get(reverse("jobs:job-list")).content
        assert list(visible_to(who.user)) == []
    visitor = Client()
    assert [visitor.get(url).status_code for url in [*urls_of(job), reverse("jobs:job-list")]] == [302, 302, 302]
    own = signed_in(tree.filer_a)
    page, download = (own.get(url) for url in urls_of(job))
    assert (page.status_code, b"".join(download.streaming_content)) == (200, b"whole")  # type: ignore[attr-defined]


def test_what_was_made_for_a_role_is_gone_with_the_role(tree: Province) -> None:
    a_membership(Role.FILER, tree.c, tree.statistician.user)
    job = a_finished(tree.statistician)
    client = signed_in(tree.statistician)
    page, download = (client.get(url) for url in urls_of(job))
    assert (page.status_code, b"".join(download.streaming_content)) == (200, b"whole")  # type: ignore[attr-defined]
    Membership.objects.filter(pk=tree.statistician.pk).update(ended_at=Now())
    assert [client.get(url).status_code for url in urls_of(job)] == [404, 404]
    assert job.result_name.encode() not in client.get(reverse("jobs:job-list")).content


def test_own_job_of_another_membership_is_seen(tree: Province) -> None:
    second = a_membership(Role.FILER, tree.c, tree.filer_a.user)
    job = a_finished(second)
    assert signed_in(tree.filer_a).get(urls_of(job)[0]).status_code == 200


def test_download_is_an_attachment(tree: Province) -> None:
    response = signed_in(tree.filer_a).get(urls_of(a_finished(tree.filer_a))[1])
    assert b"".join(response.streaming_content) == b"whole"  # type: ignore[attr-defined]
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E6%8A%A5%E5%91%8A%221%0D%0AX")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))
    assert "X" not in response.headers


def test_expired_file_is_gone_and_says_so(tree: Province) -> None:
    job = a_finished(tree.filer_a, name="x.txt")
    files.discard(job)
    Job.objects.filter(pk=job.pk).update(result_file="")
    client = signed_in(tree.filer_a)
    response = client.get(urls_of(job)[1])
    assert response.status_code == 410
    assert "x.txt" in response.content.decode()
    assert client.get(urls_of(job)[0]).context["job"].expired


def test_job_without_a_file_has_no_download(tree: Province) -> None:
    job = create(kind="test.nothing", by=tree.filer_a, params={})
    assert signed_in(tree.filer_a).get(urls_of(job)[1]).status_code == 404


def test_fragment_asks_again_until_the_job_is_over(tree: Province) -> None:
    job = create(kind="test.file", by=tree.filer_a, params={})
    client, url = signed_in(tree.filer_a), urls_of(job)[0]
    page = client.get(url)
    assert page.content.decode().strip().startswith("<!doctype html>")
    fragment = client.get(url, headers={"HX-Request": "true"})
    text = fragment.content.decode().strip()
    assert text.startswith('<section class="zb-job" id="job"')
    assert (f'hx-get="{url}"' in text, 'hx-trigger="every 2s"' in text) == (True, True)
    assert "HX-Request" in fragment["Vary"]
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, reason="没有编号", reference="ABCD-EFGH")
    text = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in text
    assert "没有编号" in text
    assert "ABCD-EFGH" in text


@pytest.mark.parametrize(
    ("spent", "done", "total", "share", "left"),
    [
        (41, 62, 100, 62, "about 25 seconds left"),
        (1, 62, 100, 62, ""),
        (41, 0, 100, 0, ""),
        (100, 1, 100, 1, ""),
        (41, 5, None, None, ""),
        (600, 50, 100, 50, "about 10 minutes left"),
        (36000, 50, 100, 50, "about 10 hours left"),
        (41, 100, 100, 100, ""),
        (41, 120, 100, 100, ""),
    ],
)
def test_share_and_time_left(
    tree: Province, spent: int, done: int, total: int | None, share: int | None, left: str
) -> None:
    assert handlers.file
    job = create(kind="test.file", by=tree.filer_a, params={})
    Job.objects.filter(pk=job.pk).update(
        state="running",
        phase="write",
        done=done,
        total=total,
        started_at=Now() - timedelta(seconds=spent),  # type: ignore[operator]
    )
    with translation.override("en"):
        told = shown(visible_to(tree.filer_a.user).get())
        assert (told.share, told.left, told.step) == (share, left, "Step 2 of 2: Writing")


def test_waiting_long_says_it_may_be_late(tree: Province) -> None:
    job = create(kind="test.nothing", by=tree.filer_a, params={})
    assert not shown(visible_to(tree.filer_a.user).get()).late
    Job.objects.filter(pk=job.pk).update(created_at=Now() - timedelta(seconds=11))  # type: ignore[operator]
    assert shown(visible_to(tree.filer_a.user).get()).late


def test_broker_known_to_be_down_says_it_may_be_late(tree: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    create(kind="test.nothing", by=tree.filer_a, params={})
    monkeypatch.setattr("portal.jobs.showing.seems_down", lambda: True)
    assert shown(visible_to(tree.filer_a.user).get()).late


@pytest.mark.parametrize("rows", [1, 5])
def test_list_costs_the_same_for_any_number(tree: Province, django_assert_num_queries: Any, rows: int) -> None:
    for _ in range(rows):
        a_finished(tree.filer_a)
    client = signed_in(tree.filer_a)
    client.get(reverse("jobs:job-list"))
    with django_assert_num_queries(5):
        response = client.get(reverse("jobs:job-list"))
    assert len(response.context["jobs"]) == rows


def test_empty_list_says_what_will_be_there(tree: Province) -> None:
    response = signed_in(tree.filer_a).get(reverse("jobs:job-list"))
    assert (response.status_code, 'class="zb-empty"' in response.content.decode()) == (200, True)
