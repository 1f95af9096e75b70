"""Whom to ask: the nearest bureau that names somebody for the kind of question; kept on screen by the bureau."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from institutions.helplines.actions import Line, NotKept, keep_lines
from institutions.helplines.models import HelpLine
from institutions.helplines.queries import whom_to_ask
from institutions.models import Membership
from portal.errors import Refused
from portal.trail.models import Event
from reports.filings.home import tasks
from tests.factories.institutions import Province, build_province

BACKEND = "institutions.accounts.backends.NameBackend"
URL = reverse("institutions:help-line-list")
PROVINCE = {"filling": Line("林省统", "0591-87800001", "工作日9:00—17:00"), "technical": Line(email="help@example.com")}


@pytest.fixture
def world(db: None) -> Province:
    world = build_province()
    keep_lines(bureau=world.fujian, lines=PROVINCE, by=world.statistician)
    keep_lines(bureau=world.gulou, lines={"filling": Line("陈区审", "0591-87800102")}, by=world.gulou_reviewer)
    return world


def acting(membership: Membership | None) -> Client:
    client = Client()
    if membership is not None:
        client.force_login(membership.user, backend=BACKEND)
    return client


def asked(membership: Membership | None) -> list[tuple[str, str]]:
    return [(line.kind, line.bureau.code) for line in whom_to_ask(membership)]


def test_each_kind_is_answered_by_the_nearest_bureau_that_names_somebody(world: Province, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert asked(world.filer_a) == [("filling", "350102"), ("technical", "350000")]
    assert asked(world.gulou_reviewer) == asked(world.filer_a)
    assert asked(Membership.objects.get(user=world.taijiang_reviewer.user)) == [
        ("filling", "350000"),
        ("technical", "350000"),
    ]
    assert asked(None) == [("filling", "350000"), ("technical", "350000")]


def test_help_home_and_a_refused_page_say_whom_to_ask(world: Province):
    client = acting(world.filer_a)
    for page in (client.get(reverse("schemes:help-index")), client.get("/"), client.get(URL), client.get("/nothing/")):
        text = page.content.decode()
        assert "0591-87800102" in text, page.status_code
        assert "help@example.com" in text
    assert "0591-87800001" in acting(None).get(reverse("schemes:help-index")).content.decode()
    assert [line.kind for line in tasks(world.filer_a).context["ask"]] == ["filling", "technical"]


def test_without_any_contact_the_settings_answer(world: Province):
    HelpLine.objects.all().delete()
    assert whom_to_ask(world.filer_a) == []
    client = acting(world.filer_a)
    for address in (reverse("schemes:help-index"), "/nothing/"):
        assert "0591-00000001" in client.get(address).content.decode()


def typed(**fields: str) -> dict[str, str]:
    """As a browser sends the form."""
    sent = {f"{kind}-{part}": "" for kind in HelpLine.Kind.values for part in ("name", "phone", "hours", "email")}
    return sent | {name.replace("_", "-", 1): value for name, value in fields.items()}


def test_a_bureau_keeps_its_lines_on_screen(world: Province):
    client = acting(world.gulou_reviewer)
    page = client.get(URL).content.decode()
    assert 'value="0591-87800102"' in page
    assert "0591-87800001" in page, "who answers while a row is blank"
    answer = client.post(URL, typed(review_name="陈 审", review_phone="０５９１－１２３４"))
    assert answer.status_code == 302
    assert list(HelpLine.objects.filter(bureau=world.gulou).values_list("kind", "name", "phone")) == [
        ("review", "陈 审", "0591-1234")
    ]
    event = Event.objects.filter(verb="help-lines.changed").latest("pk")
    assert (event.object_id, event.details) == (str(world.gulou.pk), {"kinds": ["filling", "review"]})
    events = Event.objects.count()
    client.post(URL, typed(review_name="陈 审", review_phone="0591-1234"))
    assert Event.objects.count() == events


@pytest.mark.parametrize(
    "sent",
    [{"filling_name": "有名无号"}, {"filling_email": "不是邮箱"}, {"filling_phone": "1" * 41}],
    ids=["nothing to reach them by", "no e-mail", "too long"],
)
def test_a_line_that_reaches_nobody_is_refused_and_stays_typed(world: Province, sent: dict[str, str]):
    answer = acting(world.gulou_reviewer).post(URL, typed(**sent))
    assert answer.status_code == 422
    assert next(iter(sent.values())) in answer.content.decode()
    assert HelpLine.objects.get(bureau=world.gulou).phone == "0591-87800102"


def test_others_bureaus_are_refused(world: Province):
    for by in (world.filer_a, world.taijiang_reviewer, world.gulou_reviewer):
        with pytest.raises(Refused):
            keep_lines(bureau=world.fuzhou, lines={}, by=by)
    sent = acting(world.taijiang_reviewer).post(f"{URL}?bureau=350102", typed(review_phone="110"))
    assert sent.status_code == 404
    assert HelpLine.objects.get(bureau=world.gulou).phone == "0591-87800102"
    assert not HelpLine.objects.filter(phone="110").exists()
    keep_lines(bureau=world.gulou, lines={}, by=world.system_admin)
    assert not HelpLine.objects.filter(bureau=world.gulou).exists()


def test_nobody_can_be_reached_is_no_line_for_the_database(world: Province):
    with pytest.raises(NotKept):
        keep_lines(bureau=world.gulou, lines={"account": Line(hours="全天")}, by=world.gulou_reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        HelpLine.objects.create(bureau=world.gulou, kind="account", hours="全天")
    with pytest.raises(IntegrityError), transaction.atomic():
        HelpLine.objects.create(bureau=world.gulou, kind="filling", phone="1")
