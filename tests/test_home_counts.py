"""Every number of every first page is the length of the list its link leads to, all pages of it counted.

Hooks: the link that carries a number has `data-count`, each row of the list behind it `data-row`.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime

from institutions.enrolment import applying
from institutions.grants import inspect
from institutions.models import Membership, User
from institutions.roles import Role
from portal.clock import database_now
from reports.filings.departments.actions import ask as ask_department
from reports.filings.examination import examine
from reports.filings.extensions.actions import ask as ask_extension
from reports.filings.extensions.forms import end_of
from reports.filings.models import Filing, State
from reports.filings.signing.actions import hand_over
from reports.rounds.models import Kind, Round
from tests.factories.announcements import an_announcement
from tests.factories.filings import a_filing, accepted_filing, fill, open_round, passed, returned, submitted_filing
from tests.factories.institutions import Province, a_membership, a_user, an_institution, build_province

BACKEND = "institutions.accounts.backends.NameBackend"
DAY = dt.timedelta(days=1)
COUNT = re.compile(r'<(a|em)\b(?P<open>[^>]*\bdata-count="(?P<count>\d+)"[^>]*)>(?P<words>.*?)</\1>', re.DOTALL)
HREF, NEXT = re.compile(r'\bhref="([^"]*)"'), re.compile(r'<a href="([^"]*)" rel="next"')
BESIDE = re.compile(r'<div class="days"><b>(\d+)</b>')
MANY = 52  # more than a page of any list
#: Every list that a number leads to, "/" being the institution's own on the first page itself.
LISTS = {
    "/", "/inbox/", "/applications/", "/announcements/?show=unread",
    "/accounts/", "/accounts/?state=stopped", "/accounts/?state=never", "/accounts/?state=unused",
    "/review/", "/review/?flag=waiting", "/review/?flag=late", "/review/?state=returned",
    "/review/coverage/nonfilers/", "/review/contacts/", "/review/extensions/", "/review/departments/",
}  # fmt: skip


class Shown(NamedTuple):
    """A number of the first page. `url` is empty where its list stands on the same page."""

    number: int
    url: str
    beside: bool


def shown_on(page: str) -> list[Shown]:
    """With proof that the reader sees the number of the hook: in the link's own words, or large beside its button."""
    found = []
    for match in COUNT.finditer(page):
        number, url = int(match["count"]), HREF.search(match["open"])
        own = re.findall(r"\d+", re.sub(r"<[^>]*>", "", match["words"]))
        read = own or BESIDE.findall(page[: match.start()])[-1:]
        assert str(number) in read, match.group()
        found.append(Shown(number, html.unescape(url[1]) if url else "", not own))
    return found


def length_of(client: Client, url: str) -> int:
    """Rows on all pages of the list."""
    rows = 0
    while True:
        answer = client.get(url)
        assert answer.status_code == 200, url
        page = answer.content.decode()
        rows += len(re.findall(r"<[a-z]+\b[^>]* data-row\b", page))
        following = NEXT.search(page)
        if following is None:
            return rows
        url = urljoin(url, html.unescape(following[1]))


@pytest.fixture
def world(db: None) -> Province:
    """Filings in every state, more than a page of some, and requests that wait; rounds that ended or have not begun."""
    world = build_province()
    over = open_round(world, period="2022")
    _ask_time(a_filing(over, world.a), world.filer_a)
    Round.objects.update(closed_at=database_now())
    round = open_round(world, period="2023")
    a_filing(open_round(world, period="2024", frozen=False), world.a)
    a_filing(open_round(world, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS), world.a)
    handed = a_filing(round, world.a)
    _ask_time(handed, world.filer_a)
    handed = fill(handed, world.filer_a)
    hand_over(filing=handed, by=world.filer_a, stamp=examine(handed).digest)
    drafted = fill(a_filing(round, world.b), world.signer_b)
    ask_department(filing=drafted, wanted=world.licheng, reason="主要证书在泉州", by=world.filer_b)
    returned(submitted_filing(round, world.c))
    submitted_filing(round, world.d)
    e = a_membership(Role.UNIT_ADMIN, world.e, a_user("admin-e"))
    ask_department(filing=a_filing(round, world.e), wanted=world.fuzhou, reason="迁址", by=e)
    submitted_filing(round, an_institution(world.gulou, "待区审"))
    passed(submitted_filing(round, an_institution(world.gulou, "待市审")))
    passed(passed(submitted_filing(round, an_institution(world.gulou, "待省审"))))
    accepted_filing(round, an_institution(world.taijiang, "已接受"))
    a_filing(round, an_institution(world.taijiang, "免报"), state=State.EXCUSED)
    for number in range(MANY):
        a_filing(round, an_institution(world.taijiang, f"未报{number}"))
    waiting = Filing.objects.filter(state=State.IN_REVIEW)
    waiting.update(late=True)
    waiting.update(step_since=database_now() - 20 * DAY)
    _apply(world)
    inspect(
        person=world.licheng_reviewer.user, institution=world.e, by=world.statistician, reason="专项督查",
        ends_on=localtime(database_now()).date() + 5 * DAY,
    )  # fmt: skip
    an_announcement(world.statistician, Role.values)
    User.objects.filter(pk=world.filer_b.user_id).update(last_login=database_now() - 91 * DAY)
    User.objects.filter(pk=world.signer_b.user_id).update(is_active=False)
    return world


def _ask_time(filing: Filing, by: Membership) -> None:
    ask_extension(
        filing=filing, until=end_of(localtime(database_now()).date() + 12 * DAY), reason="停电三日，数据未齐", by=by
    )


def _apply(world: Province) -> None:
    for number, bureau in enumerate((world.gulou, world.pingtan)):
        applying.apply(
            uscc=world.a.uscc if number == 0 else world.e.uscc, certificate_number="221300000001",
            institution="福建检测有限公司", bureau=bureau, role="unit_admin", name="郑新人", phone="0591-87804684",
            username=f"newcomer{number}", password="Osmanthus-8642",
        )  # fmt: skip


def test_the_numbers_of_every_first_page_are_those_of_the_lists_behind_them(world: Province):
    unit_admin = Membership.objects.get(user__username="admin-e")
    people = [
        world.filer_a, world.signer_a, unit_admin, world.gulou_reviewer, world.taijiang_reviewer, world.licheng_reviewer,
        world.fuzhou_reviewer, world.quanzhou_reviewer, world.pingtan_reviewer, world.fujian_reviewer,
        world.statistician, world.system_admin, world.security_admin, world.audit_admin,
        Membership.objects.get(role=Role.INSPECTOR),
    ]  # fmt: skip
    assert {one.role for one in people} == set(Role.values)
    wrong: list[tuple[str, Shown, int]] = []
    largest: dict[str, int] = {}
    for person in people:
        client = Client()
        client.force_login(person.user, backend=BACKEND)
        client.post(reverse("membership-switch"), {"membership": person.pk})
        page = client.get("/").content.decode()
        shown = shown_on(page)
        assert len(BESIDE.findall(page)) == sum(one.beside for one in shown), (person, "a number without a link")
        for one in shown:
            largest[_list_of(one.url)] = max(largest.get(_list_of(one.url), 0), one.number)
            length = length_of(client, one.url or "/")
            if length != one.number:
                wrong.append((str(person), one, length))
    assert wrong == []
    assert min(largest.values()) > 0, "a list that is empty for everybody proves nothing"
    assert set(largest) == LISTS


def _list_of(url: str) -> str:
    """The address without the round it asks for."""
    address = urlsplit(url or "/")
    asked = "&".join(f"{name}={value}" for name, value in parse_qsl(address.query) if name != "round")
    return f"{address.path}?{asked}" if asked else address.path
