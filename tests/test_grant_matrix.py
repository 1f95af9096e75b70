"""Every kind of grant × every act it opens, and some it must not open × before its days, on them and after them.

The database is the clock: the days of the grant are moved, nothing else. The browser is signed in from the beginning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from institutions import grants
from institutions.models import Bureau, Grant, Membership
from institutions.queries import today_of_database
from reports.filings.models import Decision, Filing, Remark
from reports.filings.routes import route_for
from tests.factories.filings import fresh, open_round, submitted_filing
from tests.factories.institutions import Province, build_province
from tests.test_access import BACKEND

#: First and last day of a grant, counted from today.
TIMES = {"before": (1, 5), "first day": (0, 5), "during": (-3, 3), "last day": (-5, 0), "after": (-5, -1)}
IN_FORCE = ("first day", "during", "last day")


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


def today() -> dt.date:
    day: dt.date = Bureau.objects.annotate(today=today_of_database()).values_list("today", flat=True)[0]
    return day


def move(grant: Grant, time: str) -> None:
    first, last = (today() + dt.timedelta(days=days) for days in TIMES[time])
    Grant.objects.filter(pk=grant.pk).update(starts_on=first, ends_on=last)


# -- the province's authorisation ------------------------------------------------------------------------------------


@pytest.mark.parametrize("time", TIMES)
def test_authorisation_puts_the_prefecture_on_the_route_on_its_days(world: Province, time: str):
    """Its one act: what is submitted on its days passes the prefecture."""
    grants.authorise(bureau=world.quanzhou, by=world.statistician, reason="授权")
    move(world.quanzhou.grants.get(), time)
    wanted = [world.licheng, world.quanzhou, world.fujian] if time in IN_FORCE else [world.licheng, world.fujian]
    assert route_for(world.licheng) == wanted
    assert route_for(world.pingtan) == [world.pingtan, world.fujian]
    filing = submitted_filing(open_round(world), world.d)
    assert fresh(filing).route == [bureau.pk for bureau in wanted]


@pytest.mark.parametrize("time", TIMES)
def test_authorisation_opens_nothing_else_to_the_prefecture(world: Province, time: str):
    filing = submitted_filing(open_round(world), world.a)
    grants.authorise(bureau=world.quanzhou, by=world.statistician, reason="授权")
    move(world.quanzhou.grants.get(), time)
    client = Client()
    client.force_login(world.quanzhou_reviewer.user, backend=BACKEND)
    assert client.get(reverse("review:filing-read", args=[filing.public_id])).status_code == 404
    assert client.get(reverse("institutions:authorisation-give")).status_code == 403


# -- stand-ins and inspectors ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """What is asked; `ok` its status on the days of the grant and `otherwise` on the others, when the person acts as usual."""

    address: Callable[[Filing, Province], str]
    ok: int
    otherwise: int
    data: Callable[[Filing], Mapping[str, Any]] | None = None  # posted; None: read


def _of_filing(name: str, *more: object) -> Callable[[Filing, Province], str]:
    return lambda filing, world: reverse(name, args=[filing.public_id, *more])


def _of_institution(name: str) -> Callable[[Filing, Province], str]:
    return lambda filing, world: reverse(name, args=[world.a.public_id])


def _page(name: str) -> Callable[[Filing, Province], str]:
    return lambda filing, world: reverse(name)


def _judged(filing: Filing) -> Mapping[str, Any]:
    return {"version": fresh(filing).version, "revision": 1, "note": "请核对"}


def _remark(filing: Filing) -> Mapping[str, Any]:
    return {"cell": "JC01::A301", "reason": "unit", "text": "请核对单位。"}


def _returned(filing: Filing) -> Mapping[str, Any]:
    return {**_judged(filing), **_remark(filing)}


def _nothing(filing: Filing) -> Mapping[str, Any]:
    return {}


STAND_IN = {
    # What the grant opens.
    "read": Act(_of_filing("review:filing-read"), 200, 404),
    "peek": Act(_of_filing("review:filing-peek"), 200, 404),
    "open": Act(_of_filing("review:filing-open"), 204, 404, _nothing),
    "remark": Act(_of_filing("review:remark-add"), 302, 404, _remark),
    "pass": Act(_of_filing("review:filing-pass"), 302, 404, _judged),
    "return": Act(_of_filing("review:filing-reopen"), 302, 404, _returned),
    "history": Act(_of_filing("filings:revision-list"), 200, 404),
    "revision": Act(_of_filing("filings:revision-detail", 1), 200, 404),
    "institution": Act(_of_institution("institutions:institution-detail"), 200, 404),
    "record": Act(_of_institution("review:institution-record"), 200, 404),
    # What it must not open.
    "fill": Act(_of_filing("filings:filing-detail"), 403, 403),
    "submit": Act(_of_filing("filings:filing-submit"), 403, 403, _nothing),
    "excuse": Act(_of_filing("review:filing-excuse"), 403, 403, _judged),
    "authorise": Act(_page("institutions:authorisation-give"), 403, 403),
    "send a stand-in": Act(_page("institutions:stand-in-give"), 403, 403),
    "accounts": Act(_page("institutions:account-list"), 403, 403),
    "rounds": Act(_page("rounds:round-new"), 403, 403),
}
INSPECTOR = {
    "history": Act(_of_filing("filings:revision-list"), 200, 404),
    "revision": Act(_of_filing("filings:revision-detail", 1), 200, 404),
    "receipt": Act(_of_filing("filings:receipt-detail", 1), 200, 404),
    "receipt on paper": Act(_of_filing("filings:receipt-paper", 1), 200, 404),
    # What it must not open; otherwise the person asks as the reviewer of another prefecture.
    "review": Act(_of_filing("review:filing-read"), 403, 404),
    "pass": Act(_of_filing("review:filing-pass"), 403, 404, _judged),
    "remark": Act(_of_filing("review:remark-add"), 403, 404, _remark),
    "fill": Act(_of_filing("filings:filing-detail"), 403, 403),
    "submit": Act(_of_filing("filings:filing-submit"), 403, 403, _nothing),
    "institution": Act(_of_institution("institutions:institution-detail"), 403, 404),
    "record": Act(_of_institution("review:institution-record"), 403, 404),
    "people": Act(_of_institution("institutions:people-list"), 403, 404),
    "queue": Act(_page("review:queue"), 403, 200),
    "coverage": Act(_page("review:coverage"), 403, 200),
    "send an inspector": Act(_page("institutions:inspector-give"), 403, 403),
}
KINDS = {"stand_in": STAND_IN, "inspect": INSPECTOR}


@dataclass
class Case:
    filing: Filing
    grant: Grant
    membership: Membership
    client: Client

    def ask(self, act: Act, world: Province) -> int:
        """As whoever picked the grant's membership while it was in force, in the same browser."""
        address = act.address(self.filing, world)
        answer = (
            self.client.get(address) if act.data is None else self.client.post(address, dict(act.data(self.filing)))
        )
        return answer.status_code


def lent(world: Province, kind: str) -> Case:
    """刘鲤审 of 鲤城 is lent to 鼓楼, or inspects institution A, whose filing waits there; and acts as such."""
    filing = submitted_filing(open_round(world), world.a)
    person, ends_on = world.licheng_reviewer.user, today() + dt.timedelta(days=3)
    if kind == "stand_in":
        grant = grants.stand_in(
            person=person, bureau=world.gulou, by=world.statistician, reason="代审", ends_on=ends_on
        )
    else:
        grant = grants.inspect(
            person=person, institution=world.a, by=world.statistician, reason="督查", ends_on=ends_on
        )
    client = Client()
    client.force_login(person, backend=BACKEND)
    assert client.post(reverse("membership-switch"), {"membership": grant.membership.pk}).status_code == 302
    return Case(filing, grant, grant.membership, client)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, acts in KINDS.items() for name in acts])
def test_act_is_open_on_the_days_of_the_grant_alone(world: Province, kind: str, name: str):
    case, act = lent(world, kind), KINDS[kind][name]
    for time in ("before", "after"):
        move(case.grant, time)
        assert case.ask(act, world) == act.otherwise, time
    assert (Decision.objects.count(), Remark.objects.count()) == (0, 0)
    for time in IN_FORCE if act.data is None else ("during",):
        move(case.grant, time)
        # Without its days the browser fell back to the person's own place; the choice is made anew.
        case.client.post(reverse("membership-switch"), {"membership": case.membership.pk})
        assert case.ask(act, world) == act.ok, time
    assert (Decision.objects.exists() or Remark.objects.exists()) is (act.ok == 302)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("time", TIMES)
def test_membership_is_offered_on_the_days_of_the_grant_alone(world: Province, kind: str, time: str):
    case = lent(world, kind)
    move(case.grant, time)
    answer = case.client.post(reverse("membership-switch"), {"membership": case.membership.pk})
    assert answer.status_code == (302 if time in IN_FORCE else 404)
    assert (f'value="{case.membership.pk}"' in case.client.get("/").content.decode()) is (time in IN_FORCE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["ran out", "withdrawn"])
def test_a_session_that_is_open_loses_it_with_the_next_request(world: Province, kind: str, how: str):
    case = lent(world, kind)
    act = KINDS[kind]["history"]
    assert case.ask(act, world) == 200
    if how == "withdrawn":
        grants.end(grant=case.grant, by=world.statistician, reason="提前结束")
    else:
        move(case.grant, "after")
    assert case.ask(act, world) == 404
    assert list(Filing.objects.visible_to(Membership.objects.get(pk=case.membership.pk))) == []
    assert case.client.get("/").status_code == 200  # the person goes on as what they are
