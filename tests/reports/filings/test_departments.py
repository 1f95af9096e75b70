"""Another reviewing department: asked with a reason, accepted by the new one, fixed by the submission."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from portal.clock import database_now
from portal.errors import Refused
from portal.inbox.models import Notice
from portal.trail.actions import record
from portal.trail.models import Event
from reports.filings.departments.actions import answer, ask, take_back
from reports.filings.departments.models import DepartmentChange
from reports.filings.departments.queries import clashes, orphans
from reports.filings.models import Filing
from reports.filings.roster import add_to_roster, reviewed_elsewhere
from reports.filings.rules import can_fill
from tests.factories.filings import a_filing, fill, fresh, open_round, sign_and_submit, submitted_filing
from tests.factories.institutions import Province, a_certificate, build_province

BACKEND = "institutions.accounts.backends.NameBackend"
LIST = "review:department-list"


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


@pytest.fixture
def filing(world: Province) -> Filing:
    return fresh(a_filing(open_round(world), world.a))


def client_of(membership) -> Client:
    client = Client()
    client.force_login(membership.user, backend=BACKEND)
    return client


def asked(world: Province, filing: Filing) -> DepartmentChange:
    return ask(filing=filing, wanted=world.licheng, reason="主要证书在泉州", by=world.filer_a)


def test_the_new_department_accepts_and_both_are_told(world: Province, filing: Filing):
    change = asked(world, filing)
    assert Filing.objects.get().reviewing_bureau_id == world.gulou.pk
    departments = {world.gulou_reviewer.user_id, world.licheng_reviewer.user_id}
    assert set(Notice.objects.values_list("recipient", flat=True)) == departments
    Notice.objects.all().delete()
    answer(change=change, accepts=True, note="", by=world.licheng_reviewer)
    moved = fresh(filing)
    assert (moved.reviewing_bureau_id, moved.scope) == (world.licheng.pk, world.licheng.path)
    institution = {world.filer_a.user_id, world.signer_a.user_id}
    assert set(Notice.objects.values_list("recipient", flat=True)) == departments | institution
    visible = [Filing.objects.visible_to(one).count() for one in (world.gulou_reviewer, world.licheng_reviewer)]
    assert visible == [0, 1]
    verbs = Event.objects.filter(verb__startswith="department.").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["department.asked", "department.accepted"]
    sign_and_submit(fill(moved, world.signer_a), world.signer_a)
    assert fresh(filing).route == [world.licheng.pk, world.fujian.pk]


def test_refused_needs_words_and_changes_nothing(world: Province, filing: Filing):
    change = asked(world, filing)
    with pytest.raises(Refused):
        answer(change=change, accepts=False, note=" ", by=world.licheng_reviewer)
    assert answer(change=change, accepts=False, note="主要业务不在本区", by=world.licheng_reviewer).state == "refused"
    assert Filing.objects.get().reviewing_bureau_id == world.gulou.pk
    with pytest.raises(Refused):
        answer(change=change, accepts=True, note="", by=world.licheng_reviewer)


@pytest.mark.parametrize("who", ["gulou_reviewer", "fuzhou_reviewer", "quanzhou_reviewer", "statistician", "signer_a"])
def test_only_the_department_that_is_asked_answers(world: Province, filing: Filing, who: str):
    change = asked(world, filing)
    with pytest.raises(Refused):
        answer(change=change, accepts=True, note="", by=getattr(world, who))
    assert DepartmentChange.objects.get().state == "asked"
    assert Filing.objects.get().reviewing_bureau_id == world.gulou.pk


def test_a_submission_fixes_the_department(world: Province, filing: Filing):
    change = asked(world, filing)
    sign_and_submit(fill(filing, world.signer_a), world.signer_a)
    with pytest.raises(Refused):
        answer(change=change, accepts=True, note="", by=world.licheng_reviewer)
    sent = submitted_filing(filing.round, world.b)
    with pytest.raises(Refused):
        ask(filing=sent, wanted=world.licheng, reason="主要证书在泉州", by=world.filer_b)
    assert set(Filing.objects.values_list("reviewing_bureau", flat=True)) == {world.gulou.pk}
    assert [one.pk for one in DepartmentChange.objects.waiting()] == []


def test_one_request_waits_at_a_time_and_the_database_holds_it(world: Province, filing: Filing):
    change = asked(world, filing)
    with pytest.raises(Refused):
        ask(filing=filing, wanted=world.taijiang, reason="就近", by=world.gulou_reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        DepartmentChange.objects.create(
            filing=filing, before=world.gulou, wanted=world.taijiang, reason="就近", asked_by=world.filer_a
        )
    with pytest.raises(Refused):
        take_back(change=change, by=world.gulou_reviewer)
    take_back(change=change, by=world.signer_a)
    assert ask(filing=filing, wanted=world.taijiang, reason="就近", by=world.gulou_reviewer).state == "asked"


@pytest.mark.parametrize("wanted", ["fujian", "gulou"])
def test_neither_the_province_nor_the_same_department(world: Province, filing: Filing, wanted: str):
    with pytest.raises(Refused):
        ask(filing=filing, wanted=getattr(world, wanted), reason="试", by=world.filer_a)
    assert not DepartmentChange.objects.exists()


def test_on_the_pages_from_the_request_to_the_answer(world: Province, filing: Filing):
    page = reverse("filings:department-ask", args=[filing.public_id])
    filer, licheng = client_of(world.filer_a), client_of(world.licheng_reviewer)
    assert filer.post(page, {"wanted": world.licheng.pk, "reason": " "}).status_code == 422
    assert filer.post(page, {"wanted": world.licheng.pk, "reason": "主要证书在泉州"}).status_code == 302
    assert "主要证书在泉州" in filer.get(page).content.decode()
    listed = licheng.get(reverse(LIST)).context["rows"]
    home = licheng.get(reverse("home")).context["parts"][0].context["departments"]
    assert (len(listed), home) == (1, 1)
    there = reverse("review:department-answer", args=[DepartmentChange.objects.get().public_id])
    assert licheng.post(there, {"decision": "refuse", "note": ""}).status_code == 422
    assert licheng.post(there, {"decision": "accept"}).status_code == 302
    assert Filing.objects.get().reviewing_bureau_id == world.licheng.pk


def test_the_list_costs_the_same_for_1_and_5_requests(world: Province, filing: Filing, django_assert_num_queries):
    client, address = client_of(world.licheng_reviewer), reverse(LIST)
    asked(world, filing)
    client.get(address)
    with django_assert_num_queries(8):
        assert len(client.get(address).context["rows"]) == 1
    for institution in (world.b, world.c, world.d, world.e):
        DepartmentChange.objects.create(
            filing=a_filing(filing.round, institution), before=world.gulou, wanted=world.licheng, reason="试",
            asked_by=world.filer_b,
        )  # fmt: skip
    with django_assert_num_queries(8):
        assert len(client.get(address).context["rows"]) == 5


def test_the_province_sees_who_has_no_department_and_who_has_two(world: Province, filing: Filing):
    other = a_filing(
        open_round(world, period="2024"), world.a, reviewing_bureau=world.taijiang, scope=world.taijiang.path
    )
    lonely = a_filing(filing.round, world.c)
    assert set(clashes(world.statistician)) == {filing, other}
    assert list(orphans(world.statistician)) == []
    world.taijiang_reviewer.user.is_active = False
    world.taijiang_reviewer.user.save()
    assert set(orphans(world.statistician)) == {other, lonely}
    page = client_of(world.statistician).get(reverse(LIST))
    assert (page.context["orphan_count"], page.context["clash_count"]) == (2, 2)


def test_reviewed_elsewhere_closes_the_line_and_keeps_the_certificates(world: Province, filing: Filing):
    certificate = a_certificate(world.a, kind="CMA-N")
    reviewed_elsewhere(round=filing.round, institution=world.a, reason="国家级资质认定", by=world.statistician)
    closed = Filing.objects.get()
    assert (closed.state, closed.off_reason) == ("excused", "national")
    with override("en"):
        assert can_fill(world.filer_a, closed, database_now()).reason == (
            "The State Administration reviews this institution; there is nothing to fill here."
        )
    assert list(world.a.certificates.all()) == [certificate]
    details = Event.objects.get(verb="filing.excuse").details
    assert (details["off_reason"], details["note"]) == ("national", "国家级资质认定")
    back = add_to_roster(round=filing.round, institution=world.a, reason="改由本省审核", by=world.statistician)
    assert (Filing.objects.get(pk=back.pk).state, Filing.objects.get(pk=back.pk).off_reason) == ("due", "")


def test_lines_from_before_there_were_codes_get_theirs_from_the_trail(world: Province):
    round = open_round(world)
    for institution, verb, note in (
        (world.a, "filing.excuse", "由国家级部门审核：国家级资质认定"),
        (world.b, "filing.excuse", "停业"),
        (world.c, "filing.release", "注销"),
    ):
        line = a_filing(round, institution, state="excused")
        record(verb, by=world.statistician, obj=line, details={"note": note})
    with connection.cursor() as cursor:
        cursor.execute(import_module("reports.filings.migrations.0011_off_reason").CODE)
    assert list(Filing.objects.order_by("pk").values_list("off_reason", flat=True)) == [
        "national",
        "exempt",
        "register",
    ]


def test_a_code_stands_on_a_closed_line_alone(filing: Filing):
    for values in ({"off_reason": "national"}, {"state": "excused", "off_reason": "whim"}):
        with pytest.raises(IntegrityError, match="filing_off_has_reason"), transaction.atomic():
            Filing.objects.filter(pk=filing.pk).update(**values)
