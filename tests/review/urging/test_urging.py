from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from portal.clock import database_now
from portal.inbox.models import Notice
from portal.trail.models import Event
from reports.filings.actions import answer_remark
from reports.filings.errors import Incomplete, NotAllowed
from reports.filings.models import Remark
from reports.rounds.models import Round
from review.urging.actions import urge
from tests.factories.filings import EXPLANATION, a_filing, fill, fresh, returned, sign_and_submit, submitted_filing
from tests.factories.institutions import Province, a_membership, an_institution
from tests.review.conftest import Acting

URL = reverse("review:urge")


def urged() -> set[str]:
    return set(Notice.objects.filter(kind=Notice.Kind.URGE).values_list("institution__name", flat=True))


def test_dry_run_says_exactly_who_will_be_told_and_sends_nothing(world: Province, this_year: Round, acting: Acting):
    a_filing(this_year, world.a)
    a_filing(this_year, world.b)
    a_filing(this_year, an_institution(world.taijiang, "无人机构"))
    world.filer_a.user.email = "a@example.com"
    world.filer_a.user.save()
    client = acting(world.fuzhou_reviewer)
    run = client.get(URL).context["run"]
    assert (run.selected, run.reached, run.people, run.mailed, run.paused, run.unreachable) == (3, 2, 4, 1, 0, 1)
    assert [(part[0], *part[1:]) for part in run.parts] == [(world.gulou, 2, 4, 1)]
    assert Notice.objects.count() == 0
    client.post(URL)
    assert Notice.objects.filter(kind=Notice.Kind.URGE).count() == run.people
    assert urged() == {world.a.name, world.b.name}


def test_dry_run_shows_the_words_that_are_sent(world: Province, this_year: Round, acting: Acting):
    a_filing(this_year, world.a, filled=1, required=2)
    client = acting(world.gulou_reviewer)
    previews = {language: (subject, body) for language, subject, body in client.get(URL).context["previews"]}
    client.post(URL)
    notice = Notice.objects.filter(recipient=world.filer_a.user).get()
    assert (notice.subject_zh, notice.body_zh) == previews["zh-hans"]
    assert (notice.subject_en, notice.body_en) == previews["en"]


def test_nobody_is_urged_twice_within_a_day(world: Province, this_year: Round, acting: Acting):
    a_filing(this_year, world.a)
    client = acting(world.gulou_reviewer)
    client.post(URL)
    client.post(URL)
    acting(world.statistician).post(URL)
    assert Notice.objects.count() == 2
    run = client.get(URL).context["run"]
    assert (run.selected, run.reached, run.paused) == (1, 0, 1)
    Notice.objects.update(created_at=database_now() - dt.timedelta(hours=24, seconds=1))
    assert urge(round=this_year, bureau=world.gulou, choice="owed", by=world.gulou_reviewer) == 1


def test_urging_stays_in_the_scope_and_in_the_states_asked_for(world: Province, this_year: Round, acting: Acting):
    a_filing(this_year, world.a)
    a_filing(this_year, world.d)
    submitted_filing(this_year, world.b)
    returned(submitted_filing(this_year, world.c))
    Notice.objects.all().delete()
    acting(world.fuzhou_reviewer).post(URL, {"bureau": world.gulou.code, "state": "due"})
    assert urged() == {world.a.name}
    acting(world.fuzhou_reviewer).post(URL, {"state": "returned"})
    assert urged() == {world.a.name, world.c.name}


@pytest.mark.parametrize("name", ["bureau", "round", "state"])
def test_a_sending_to_something_unknown_goes_to_nobody(world: Province, this_year: Round, acting: Acting, name: str):
    """The page falls back on the whole area; a message does not."""
    a_filing(this_year, world.a)
    sent = {"bureau": world.gulou.code, "round": str(this_year.public_id), "state": "owed"}
    client = acting(world.fuzhou_reviewer)
    foreign = {"bureau": world.licheng.code, "round": world.a.public_id, "state": "everybody"}[name]
    assert client.get(URL, {**sent, name: foreign}).status_code == 200
    assert client.post(URL, {**sent, name: foreign}).status_code == 404
    assert urged() == set()
    assert client.post(URL, sent).status_code == 302
    assert urged() == {world.a.name}


def test_urging_outside_the_scope_is_refused(world: Province, this_year: Round):
    a_filing(this_year, world.d)
    with pytest.raises(NotAllowed):
        urge(round=this_year, bureau=world.licheng, choice="owed", by=world.gulou_reviewer)
    with pytest.raises(NotAllowed):
        urge(round=this_year, bureau=world.gulou, choice="owed", by=world.filer_a)
    assert urged() == set()


def test_nobody_is_urged_in_a_closed_round(world: Province, this_year: Round):
    a_filing(this_year, world.a)
    this_year.closed_at = database_now()
    this_year.save()
    with pytest.raises(Incomplete):
        urge(round=this_year, bureau=world.gulou, choice="owed", by=world.gulou_reviewer)
    assert urged() == set()


def test_urging_leaves_an_event_with_the_number(world: Province, this_year: Round):
    a_filing(this_year, world.a)
    urge(round=this_year, bureau=world.gulou, choice="owed", by=world.gulou_reviewer)
    [event] = Event.objects.filter(verb="round.urged")
    assert event.details == {"institutions": 1, "bureau": world.gulou.code, "state": "owed"}
    assert event.scope == world.gulou.path


def test_urging_costs_the_same_for_1_and_5_institutions(world: Province, this_year: Round, django_assert_num_queries):
    a_filing(this_year, world.a)
    with django_assert_num_queries(5):
        assert urge(round=this_year, bureau=world.gulou, choice="owed", by=world.gulou_reviewer) == 1
    for number in range(5):
        institution = an_institution(world.gulou, f"机构{number}")
        a_membership("filer", institution)
        a_filing(this_year, institution)
    with django_assert_num_queries(5):
        assert urge(round=this_year, bureau=world.gulou, choice="owed", by=world.gulou_reviewer) == 5


def test_record_holds_reminders_lateness_returns_and_corrections(world: Province, this_year: Round, acting: Acting):
    filing = a_filing(this_year, world.a)
    urge(round=this_year, bureau=world.gulou, choice="owed", by=world.gulou_reviewer)
    Notice.objects.filter(recipient=world.filer_a.user).update(read_at=database_now(), mailed_at=database_now())
    sign_and_submit(fill(filing, world.signer_a), world.signer_a)
    decision = returned(filing)
    answer_remark(remark=Remark.objects.get(), resolution="explained", answer=EXPLANATION, by=world.signer_a)
    sign_and_submit(filing, world.signer_a)
    answer = acting(world.gulou_reviewer).get(reverse("review:institution-record", args=[world.a.public_id]))
    [record] = answer.context["records"]
    assert (record.reminders, record.late) == (1, False)
    urging = record.messages[0]
    assert (urging.kind, urging.people, urging.read, urging.mailed) == ("urge", 2, 1, 1)
    assert [revision.number for revision in record.revisions] == [1, 2]
    assert sorted(at for at, _kind, _entry in record.lines) == [at for at, _kind, _entry in record.lines]
    assert sorted(kind for _at, kind, _entry in record.lines) == ["message"] * 2 + ["return"] + ["revision"] * 2
    assert [(d.pk, [r.resolution for r in remarks]) for d, remarks in record.returns] == [(decision.pk, ["explained"])]


def test_record_of_an_institution_elsewhere_is_not_there(world: Province, this_year: Round, acting: Acting):
    submitted_filing(this_year, world.a)
    address = reverse("review:institution-record", args=[world.a.public_id])
    assert acting(world.licheng_reviewer).get(address).status_code == 404
    assert acting(world.fuzhou_reviewer).get(address).status_code == 200
    assert fresh(world.a.filings.get()).state == "in_review"
