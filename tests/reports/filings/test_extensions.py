"""More time for one filing: asked, decided, over by itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime
from openpyxl import load_workbook

from portal.clock import database_now
from portal.errors import Refused
from portal.inbox.models import Notice
from portal.trail.models import Event
from reports.filings import rules
from reports.filings.extensions.actions import ask, decide, take_back
from reports.filings.extensions.forms import end_of
from reports.filings.extensions.models import Extension
from reports.filings.models import Filing
from reports.rounds.models import Phase
from reports.summaries.blocks import Block
from reports.summaries.models import Build
from reports.summaries.tasks import extended
from reports.summaries.workbook import write_workbook
from review.urging.sending import send_reminders
from tests.factories.filings import a_filing, fresh, open_round, submitted_filing
from tests.factories.institutions import Province, build_province

BACKEND = "institutions.accounts.backends.NameBackend"
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)
PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


@pytest.fixture
def filing(world: Province) -> Filing:
    round = open_round(world)
    round.phases.filter(name="supplement").delete()
    return fresh(a_filing(round, world.a))


def client_of(membership) -> Client:
    client = Client()
    client.force_login(membership.user, backend=BACKEND)
    return client


def later(filing: Filing, days: int = 5) -> dt.datetime:
    due = filing.round.phase(Phase.Name.FILL)
    assert due is not None
    return end_of(localtime(due.due_at).date() + days * DAY)


def page(filing: Filing) -> str:
    return reverse("filings:extension-ask", args=[filing.public_id])


def test_a_granted_extension_moves_the_due_time_of_one_filing_and_ends_by_itself(world: Province, filing: Filing):
    other, until = fresh(a_filing(filing.round, world.b)), later(filing)
    extension = ask(filing=filing, until=until, reason="台风停工三天", by=world.filer_a)
    decide(extension=extension, until=until, note="", by=world.gulou_reviewer)
    filing = fresh(filing)
    for offset, in_time in ((-SECOND, True), (0 * SECOND, True), (SECOND, False)):
        assert bool(rules.can_submit(world.signer_a, filing, until + offset)) is in_time
        assert rules.is_late(filing.round, until + offset, filing.extended_until) is not in_time
    assert not rules.can_submit(world.signer_b, other, until)
    told = Notice.objects.filter(kind="decision").values_list("recipient", flat=True)
    assert set(told) == {world.filer_a.user_id, world.signer_a.user_id}
    assert list(Event.objects.filter(verb__startswith="extension.").order_by("id").values_list("verb", flat=True)) == [
        "extension.asked",
        "extension.granted",
    ]


def test_a_later_due_time_of_the_round_goes_before_an_extension(filing: Filing):
    filing.extended_until = later(filing, -3)
    due = filing.round.phase(Phase.Name.FILL)
    assert due is not None
    assert rules.due_of(filing.round, filing.extended_until) == due.due_at


def test_asking_on_the_page_keeps_the_proof_and_gives_it_as_a_download(
    world: Province, filing: Filing, settings, tmp_path
):
    settings.MEDIA_ROOT = str(tmp_path)
    typed = {"until": later(filing).date().isoformat(), "reason": "台风停工三天"}
    client = client_of(world.filer_a)
    html = SimpleUploadedFile("证明.pdf", b"<html><script>alert(1)</script>")
    refused = client.post(page(filing), typed | {"file": html})
    assert refused.status_code == 422
    assert not Extension.objects.exists()
    assert not list(tmp_path.rglob("*.upload"))
    assert client.post(page(filing), typed | {"file": SimpleUploadedFile("证明.pdf", PDF)}).status_code == 302
    extension = Extension.objects.get()
    address = reverse("filings:extension-file", args=[extension.public_id])
    answer = client_of(world.gulou_reviewer).get(address)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.content == PDF
    assert client_of(world.licheng_reviewer).get(address).status_code == 404
    assert "台风停工三天" in client.get(page(filing)).content.decode()


@pytest.mark.parametrize("days", [0, -400])
def test_a_day_that_is_no_later_is_refused(world: Province, filing: Filing, days: int):
    due = filing.round.phase(Phase.Name.FILL)
    assert due is not None
    with pytest.raises(Refused):
        ask(filing=filing, until=due.due_at + days * DAY, reason="试", by=world.filer_a)
    assert not Extension.objects.exists()


def test_one_request_waits_at_a_time_and_can_be_taken_back(world: Province, filing: Filing):
    first = ask(filing=filing, until=later(filing), reason="停工", by=world.filer_a)
    with pytest.raises(Refused):
        ask(filing=filing, until=later(filing), reason="停工", by=world.filer_a)
    with pytest.raises(Refused):
        take_back(extension=first, by=world.filer_b)
    take_back(extension=first, by=world.filer_a)
    with pytest.raises(Refused):
        decide(extension=first, until=later(filing), note="", by=world.gulou_reviewer)
    assert ask(filing=filing, until=later(filing), reason="停工", by=world.filer_a).state == "asked"
    assert Filing.objects.get().extended_until is None


def test_what_was_submitted_gets_no_extension(world: Province, filing: Filing):
    sent = submitted_filing(filing.round, world.b)
    with pytest.raises(Refused):
        ask(filing=sent, until=later(filing), reason="停工", by=world.filer_b)
    assert not Extension.objects.exists()


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("gulou_reviewer", True),
        ("statistician", True),
        ("fujian_reviewer", True),
        ("fuzhou_reviewer", False),
        ("taijiang_reviewer", False),
        ("signer_a", False),
        ("system_admin", False),
    ],
)
def test_who_decides(world: Province, filing: Filing, who: str, may: bool):
    extension = ask(filing=filing, until=later(filing), reason="停工", by=world.filer_a)
    by = getattr(world, who)
    if may:
        assert decide(extension=extension, until=None, note="理由不足", by=by).state == "refused"
    else:
        with pytest.raises(Refused):
            decide(extension=extension, until=None, note="理由不足", by=by)
        assert Extension.objects.get().state == "asked"
    assert Filing.objects.get().extended_until is None


def test_the_bureaus_list_and_home_page_count_the_same(world: Province, filing: Filing):
    ask(filing=filing, until=later(filing), reason="停工", by=world.filer_a)
    for membership, length in ((world.gulou_reviewer, 1), (world.fuzhou_reviewer, 1), (world.licheng_reviewer, 0)):
        client = client_of(membership)
        listed = client.get(reverse("review:extension-list")).context["rows"]
        home = client.get(reverse("home")).context["parts"][0].context["extensions"]
        assert (len(listed), home) == (length, length)
    decide_at = reverse("review:extension-decide", args=[Extension.objects.get().public_id])
    county = client_of(world.gulou_reviewer)
    assert county.post(decide_at, {"decision": "refuse", "note": ""}).status_code == 422
    granted = county.post(decide_at, {"decision": "grant", "until": later(filing, 2).date().isoformat()})
    assert granted.status_code == 302
    assert Filing.objects.get().extended_until == later(filing, 2)


def test_the_list_costs_the_same_for_1_and_5_requests(world: Province, filing: Filing, django_assert_num_queries):
    client, address = client_of(world.statistician), reverse("review:extension-list")
    ask(filing=filing, until=later(filing), reason="停工", by=world.filer_a)
    client.get(address)
    with django_assert_num_queries(8):
        assert len(client.get(address).context["rows"]) == 1
    for institution in (world.b, world.c, world.d, world.e):
        other = a_filing(filing.round, institution)
        Extension.objects.create(filing=other, wanted_until=later(filing), reason="停工", asked_by=world.filer_b)
    with django_assert_num_queries(8):
        assert len(client.get(address).context["rows"]) == 5


def test_reminders_count_from_the_extended_day(world: Province, filing: Filing):
    today = database_now()
    filing.round.phases.filter(name="fill").update(due_at=today + 3 * DAY)
    Filing.objects.update(extended_until=today + 5 * DAY)
    assert send_reminders() == []
    Filing.objects.update(extended_until=today + 7 * DAY)
    assert send_reminders() == [world.a.pk]


def test_the_summary_workbook_lists_extensions(world: Province, filing: Filing, tmp_path: Path):
    extension = ask(filing=filing, until=later(filing), reason="停工", by=world.filer_a)
    decide(extension=extension, until=later(filing), note="", by=world.gulou_reviewer)
    [line] = extended(filing.round)
    assert (line.institution, line.reason) == (world.a.name, "停工")
    build = Build(
        round=filing.round,
        scheme=filing.round.scheme,
        number=1,
        basis="submitted",
        data_cut=database_now(),
        created_at=database_now(),
    )
    blocks: list[Block] = []
    write_workbook(build, blocks, [], tmp_path / "s.xlsx", [line])
    sheet = load_workbook(tmp_path / "s.xlsx")["延期"]
    assert [cell.value for cell in sheet[5]][1] == world.a.name
