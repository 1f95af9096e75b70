"""What befalls the portal while a filing is saved, sent and judged (docs/faults.md): nothing is lost, nothing is there by half."""

from __future__ import annotations

import datetime as dt
import errno
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, close_old_connections, connection
from django.test import Client

from portal.clock import database_now
from portal.trail.models import Event
from reports.filings import messages, rules
from reports.filings.actions import recall
from reports.filings.actions_review import pass_on
from reports.filings.errors import StaleFiling
from reports.filings.models import Decision, Draft, Filing, Revision, State
from reports.rounds.models import Phase
from tests.factories.filings import (
    a_filing,
    fill,
    fresh,
    open_round,
    passed,
    reviewer_of,
    sign_and_submit,
    submitted_filing,
)
from tests.factories.institutions import Province, a_certificate, build_province
from tests.reports.filings.conftest import BACKEND
from tests.reports.filings.spreadsheet.books import download, send
from tests.reports.filings.test_views_pages import address
from tests.reports.filings.test_views_saving import save, stored

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def outright(transactional_db: None) -> Province:
    """The small province in committed rows."""
    world = build_province()
    a_certificate(world.a)
    return world


def signed_in(membership: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(membership.user, backend=BACKEND)
    return client


def sent(client: Client, filing: Filing) -> Callable[[], Any]:
    """The form of the preview, to be posted once or again."""
    context = client.get(address("filing-preview", filing)).context
    data = {"version": str(context["filing"].version), "stamp": context["stamp"], "pledged": "yes"}
    return lambda: client.post(address("filing-submit", filing), data)


def kill_own_backend() -> None:
    """As an administrator, or a restart, ends the connection: the next statement finds it gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


# -- the database goes away ------------------------------------------------------------------------


def test_f10_a_connection_lost_while_submitting_stores_nothing_and_one_retry_is_one_submission(
    outright: Province, monkeypatch: pytest.MonkeyPatch
):
    """F10, F13: the page says so, and the next request is served by a new connection without a restart."""
    filing = fill(a_filing(open_round(outright), outright.a), outright.filer_a)
    signer = signed_in(outright.signer_a)
    post = sent(signer, filing)
    events = Event.objects.count()
    with monkeypatch.context() as broken:
        broken.setattr(messages, "submitted", lambda *_: kill_own_backend())
        answer = post()
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    page = answer.content.decode()
    assert "刚才的提交未得到确认，此前保存的内容不受影响。" in page
    assert "未看到回执的，可放心再提交一次，不会重复计算。" in page
    close_old_connections()  # as the server does before the next request
    assert fresh(filing).state == State.DRAFTING
    assert not Revision.objects.exists()
    assert Event.objects.count() == events
    assert post().status_code == 302
    assert Revision.objects.filter(filing=filing).count() == 1


def test_f11_an_answer_lost_after_the_commit_leads_to_the_receipt_and_no_second_revision(world: Province, round: Any):
    filing = fill(a_filing(round, world.a), world.filer_a)
    post = sent(signed_in(world.signer_a), filing)
    post()  # its answer never arrived
    again = post()
    assert again.headers["Location"] == address("receipt-detail", filing, 1)
    assert Revision.objects.filter(filing=filing).count() == 1
    assert Event.objects.filter(verb="filing.submit").count() == 1


def test_f16_a_database_without_room_refuses_to_save_and_goes_on_reading(
    world: Province, filing: Filing, monkeypatch: pytest.MonkeyPatch
):
    clerk = signed_in(world.filer_a)

    def full(*_args: Any, **_more: Any) -> None:
        raise OperationalError("could not extend file: No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(Draft, "save", full)
        answer = clerk.post(
            address("cell-save", filing, "JC05"), {"seen": "0", "W201": "5"}, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 503
        assert 'id="refusal"' in answer.content.decode()
        assert clerk.get(address("table-edit", filing, "JC05")).status_code == 200
    save(clerk, filing, "JC05", W201="5")
    assert stored(filing, "JC05") == {"W201": "5"}


def test_f41_a_pass_that_fails_halfway_leaves_nothing(world: Province, round: Any, monkeypatch: pytest.MonkeyPatch):
    """The decision, the next tier and the message to the institution are one transaction."""
    filing = submitted_filing(round, world.a)

    def stopped(*_args: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    while fresh(filing).step != world.fujian:  # the last tier tells the institution
        filing = passed(filing)
    before = (filing.state, filing.step, filing.version, Event.objects.count(), Decision.objects.count())
    monkeypatch.setattr(messages, "accepted", stopped)
    with pytest.raises(KeyboardInterrupt):
        passed(filing)
    now = fresh(filing)
    assert (now.state, now.step, now.version, Event.objects.count(), Decision.objects.count()) == before


# -- disks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_f15_an_upload_to_a_full_disk_is_refused_and_cells_are_saved_all_the_same(
    world: Province, filing: Filing, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
):
    settings.MEDIA_ROOT = str(tmp_path)
    clerk = signed_in(world.filer_a)
    content = download(clerk, filing)

    def full(_number: int) -> None:
        raise OSError(code, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("portal.uploads.storage.os.fsync", full)
        answer = send(clerk, filing, content)
    assert answer.status_code == 503
    assert (
        "服务器暂无存放文件的空间，文件没有保存，请稍后重新上传。网页上填写的内容照常保存。" in answer.content.decode()
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    save(clerk, filing, "JC05", W201="5")
    assert stored(filing, "JC05") == {"W201": "5"}
    assert send(clerk, filing, content).status_code == 302


def test_f17_a_log_that_cannot_be_written_stops_no_page_and_no_event(
    world: Province, filing: Filing, monkeypatch: pytest.MonkeyPatch
):
    class Full:
        def write(self, _text: str) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        def flush(self) -> None:
            pass

    handler = logging.StreamHandler(Full())  # type: ignore[arg-type]
    monkeypatch.setattr(logging, "raiseExceptions", False)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        events = Event.objects.count()
        clerk = signed_in(world.filer_a)
        save(clerk, filing, "JC05", W201="5")
        assert clerk.get("/nothing/here/").status_code == 404  # which is logged
    finally:
        root.removeHandler(handler)
    assert stored(filing, "JC05") == {"W201": "5"}
    assert Event.objects.count() > events


# -- clocks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("skew", [HOUR, -HOUR])
def test_f18_the_clock_of_the_web_host_decides_nothing(world: Province, skew: dt.timedelta):
    """F18, F19: in time and late by the database's clock, which also stands on the receipt."""
    round = open_round(world)
    round.phases.filter(name=Phase.Name.SUPPLEMENT).delete()
    one, other = (
        fill(a_filing(round, place), who) for place, who in ((world.a, world.filer_a), (world.b, world.filer_b))
    )
    now = database_now()
    with time_machine.travel(now + skew, tick=True):
        round.phases.filter(name=Phase.Name.FILL).update(due_at=now + HOUR / 2)
        sign_and_submit(one, world.signer_a)
        round.phases.filter(name=Phase.Name.FILL).update(due_at=now - HOUR / 2)
        verdict = rules.can_submit(world.signer_b, fresh(other), database_now())
        assert not verdict
        answer = sent(signed_in(world.signer_b), other)()
        assert answer.status_code == 403
    revision = Revision.objects.get()
    assert (revision.filing, revision.late) == (one, False)
    assert abs(revision.submitted_at - now) < dt.timedelta(minutes=5)


@pytest.mark.parametrize(("left", "taken"), [(1, True), (0, True), (-1, False)])
def test_f20_the_form_that_arrives_with_the_due_second_is_in_time_and_a_second_later_not(
    world: Province, left: int, taken: bool
):
    """`left` seconds by the database's clock, which stands still within the test's transaction."""
    round = open_round(world)
    filing = fill(a_filing(round, world.a), world.filer_a)
    post = sent(signed_in(world.signer_a), filing)
    round.phases.filter(name=Phase.Name.SUPPLEMENT).delete()
    round.phases.filter(name=Phase.Name.FILL).update(due_at=database_now() + dt.timedelta(seconds=left))
    answer = post()
    assert (answer.status_code, fresh(filing).state) == ((302, State.IN_REVIEW) if taken else (403, State.DRAFTING))
    if not taken:
        assert "截止" in answer.content.decode()
        assert not Revision.objects.exists()


def test_f21_a_form_open_while_the_deadline_moves_is_judged_by_the_new_one(world: Province):
    round = open_round(world)
    round.phases.filter(name=Phase.Name.SUPPLEMENT).delete()
    filing = fill(a_filing(round, world.a), world.filer_a)
    post = sent(signed_in(world.signer_a), filing)
    round.phases.filter(name=Phase.Name.FILL).update(due_at=database_now() - HOUR)
    assert post().status_code == 403
    round.phases.filter(name=Phase.Name.FILL).update(due_at=database_now() + HOUR)
    assert post().status_code == 302
    assert Revision.objects.get().late is False


# -- two at once -------------------------------------------------------------------------------------


def test_f26_a_pass_of_the_revision_before_is_refused(world: Province, round: Any):
    filing = submitted_filing(round, world.a)
    old, revision = filing.version, filing.revision.number
    recall(filing=filing, by=world.filer_a, version=filing.version)
    sign_and_submit(filing, world.signer_a)
    with pytest.raises(StaleFiling):
        pass_on(filing=fresh(filing), by=reviewer_of(fresh(filing)), version=old, revision=revision)
    assert not Decision.objects.exists()
    assert fresh(filing).revision.number == 2
