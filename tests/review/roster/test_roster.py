"""Who is on the roster and why, before and after the freeze; what is changed later keeps its reason."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from institutions.actions import close_institution
from institutions.models import Institution
from institutions.register import acts
from portal.ui.states import MARKS
from reports.filings import places
from reports.filings.errors import Incomplete, NotAllowed
from reports.filings.models import Filing, OffReason, State
from reports.filings.roster import add_to_roster, freeze_roster, take_off_roster
from reports.rounds.models import Round
from reports.summaries.tasks import non_filers
from tests.factories.filings import a_filing, fill, fresh, open_round, returned, submitted_filing
from tests.factories.institutions import Province, a_certificate, an_institution
from tests.review.conftest import Acting


@pytest.fixture
def register(world: Province) -> dict[str, Institution]:
    """One institution for each reason, all in 鼓楼 but C and D."""
    made = {
        "in_certificate": world.a,
        "out_expired": world.b,
        "out_no_cma": world.c,
        "out_not_yet": world.d,
        "out_not_in_force": world.e,
        "out_closed": an_institution(world.gulou, "已注销检测"),
        "out_merged": an_institution(world.gulou, "已并入检测"),
    }
    a_certificate(world.a)
    a_certificate(world.a, kind="CMA-N")
    a_certificate(world.b, expires_on=dt.date(2023, 12, 30))
    a_certificate(world.c, kind="CNAS-L")
    a_certificate(world.d, issued_on=dt.date(2024, 1, 1))
    a_certificate(world.e, status="5")
    for name in ("out_closed", "out_merged"):
        a_certificate(made[name])
    close_institution(institution=made["out_closed"], reason="注销", by=world.statistician)
    acts.merge(institution=made["out_merged"], into=world.b, reason="并", by=world.statistician)
    return made


def test_preview_counts_every_institution_once_with_its_reason(world: Province, register: dict[str, Institution]):
    round = open_round(world, frozen=False)
    found = places.counts(round, world.fujian)
    expected = dict.fromkeys(places.PLACES, 0) | dict.fromkeys(register, 1)
    # B took over a certificate that is valid on the day.
    assert found == expected | {"in_certificate": 2, "out_expired": 0}
    assert sum(found.values()) == Institution.objects.count()
    assert freeze_roster(round=round, by=world.statistician) == found["in_certificate"]
    after = places.counts(Round.objects.get(pk=round.pk), world.fujian)
    assert after == found


def test_lists_hold_what_the_counts_say_in_every_area(world: Province, register: dict[str, Institution]):
    round = open_round(world, frozen=False)
    for bureau in (world.fujian, world.fuzhou, world.gulou, world.pingtan):
        for place, count in places.counts(round, bureau).items():
            assert len(places.listed(round, bureau, place)) == count
    [one] = places.listed(round, world.fujian, "out_not_yet")
    assert one.institution_id == register["out_not_yet"].pk


def test_newcomers_after_the_freeze_are_shown_and_added_by_freezing_again(world: Province):
    a_certificate(world.a)
    round = open_round(world, frozen=False)
    freeze_roster(round=round, by=world.statistician)
    a_certificate(world.b)
    assert places.counts(round, world.fujian)["missing"] == 1
    assert freeze_roster(round=round, by=world.statistician) == 1
    assert places.counts(round, world.fujian)["missing"] == 0


def test_changes_after_the_freeze_keep_their_reason(world: Province):
    round = open_round(world)
    added = add_to_roster(round=round, institution=world.a, reason="持有其他法定资质", by=world.statistician)
    assert (added.due_reason, added.state) == ("added", State.DUE)
    with pytest.raises(Incomplete):
        add_to_roster(round=round, institution=world.a, reason="再加", by=world.statistician)
    take_off_roster(round=round, institution=world.a, reason="停业", by=world.statistician)
    assert places.counts(round, world.fujian)["off"] == 1
    back = add_to_roster(round=round, institution=world.a, reason="复业", by=world.statistician)
    assert (back.pk, fresh(back).state) == (added.pk, State.DUE)
    assert Filing.objects.count() == 1


def test_changes_are_the_provinces_and_need_a_reason(world: Province):
    round = open_round(world)
    a_filing(round, world.a)
    sent = submitted_filing(round, world.b)
    for by in (world.fuzhou_reviewer, world.gulou_reviewer, world.filer_a):
        with pytest.raises(NotAllowed):
            add_to_roster(round=round, institution=world.c, reason="加", by=by)
        with pytest.raises(NotAllowed):
            take_off_roster(round=round, institution=world.a, reason="减", by=by)
    with pytest.raises(Incomplete):
        take_off_roster(round=round, institution=world.a, reason=" ", by=world.statistician)
    with pytest.raises(NotAllowed):
        take_off_roster(round=round, institution=world.b, reason="减", by=world.statistician)
    close_institution(institution=world.c, reason="注销", by=world.statistician)
    with pytest.raises(NotAllowed):
        add_to_roster(round=round, institution=world.c, reason="加", by=world.statistician)
    Round.objects.filter(pk=round.pk).update(closed_at=dt.datetime(2024, 6, 1, tzinfo=dt.UTC))
    with pytest.raises(NotAllowed):
        add_to_roster(round=Round.objects.get(pk=round.pk), institution=world.d, reason="加", by=world.statistician)
    assert sorted(Filing.objects.values_list("state", flat=True)) == ["due", "in_review"]
    assert fresh(sent).state == State.IN_REVIEW


def test_what_was_returned_to_a_closed_institution_is_taken_off(world: Province):
    round = open_round(world)
    filing = submitted_filing(round, world.a)
    returned(filing)
    with pytest.raises(NotAllowed):
        take_off_roster(round=round, institution=world.a, reason="注销", by=world.statistician)
    Institution.objects.filter(pk=world.a.pk).update(status="closed")
    world.a.refresh_from_db()
    take_off_roster(round=round, institution=world.a, reason="已注销，无人更正", by=world.statistician)
    assert (fresh(filing).state, filing.revisions.count()) == (State.EXCUSED, 1)


def test_what_was_filled_is_there_again_after_a_return_to_the_roster(world: Province):
    round = open_round(world)
    filing = fill(a_filing(round, world.a), world.filer_a)
    before = dict(filing.drafts.values_list("table", "cells"))
    take_off_roster(round=round, institution=world.a, reason="停业", by=world.statistician)
    add_to_roster(round=round, institution=world.a, reason="复业", by=world.statistician)
    assert dict(filing.drafts.values_list("table", "cells")) == before


def test_pairs_of_parent_and_child_are_pointed_out(world: Province, acting: Acting):
    round = open_round(world)
    acts.set_parent(institution=world.b, parent=world.a, reason="控股", by=world.statistician)
    a_filing(round, world.a)
    assert places.pairs(round, world.fujian) == []
    a_filing(round, world.b)
    assert places.pairs(round, world.fujian) == [(world.b.pk, world.a.pk)]
    assert places.pairs(round, world.licheng) == []
    assert world.b.name in acting(world.statistician).get(f"/review/rounds/{round.public_id}/roster/").content.decode()


def test_reviewed_elsewhere_is_a_list_of_its_own(world: Province, acting: Acting):
    round = open_round(world)
    for institution in (world.a, world.b, world.c):
        a_filing(round, institution)
    client, address = acting(world.statistician), f"/review/rounds/{round.public_id}/roster/"
    for institution, act in ((world.a, "elsewhere"), (world.b, "off")):
        client.post(f"{address}change/", {"uscc": institution.uscc, "reason": "国家级资质认定", "act": act})
    found = places.counts(round, world.fujian)
    assert (found["off_national"], found["off"], found["in_certificate"]) == (1, 1, 1)
    page = client.get(address, {"list": "off_national"})
    assert [(row.institution, row.note) for row in page.context["rows"]] == [(world.a, "国家级资质认定")]
    assert [(line.institution, line.state) for line in non_filers(round)] == [
        (world.c.name, str(State.DUE.label)), (world.a.name, str(OffReason.NATIONAL.label)),
    ]  # fmt: skip
    row = acting(world.gulou_reviewer).get(reverse("review:queue"), {"state": "excused"}).content.decode()
    assert row.count(str(MARKS["national"])) == 1


def test_the_page_freezes_adds_and_takes_off(world: Province, acting: Acting):
    a_certificate(world.a)
    round = open_round(world, frozen=False)
    client = acting(world.statistician)
    address = f"/review/rounds/{round.public_id}/roster/"
    page = client.get(address)
    assert (page.context["due"], page.context["page"].paginator.count) == (1, 1)
    refused = client.post(f"{address}change/", {"uscc": world.b.uscc, "reason": "加", "act": "add"})
    assert refused.status_code == 403
    assert world.b.uscc in refused.content.decode()
    assert client.post(f"{address}freeze/").url == address
    assert client.post(f"{address}change/", {"uscc": world.b.uscc, "reason": "其他资质", "act": "add"}).url == address
    page = client.get(address, {"list": "in_added"})
    [row] = page.context["rows"]
    assert (row.institution, row.note) == (world.b, "其他资质")
    client.post(f"{address}change/", {"uscc": world.a.uscc, "reason": "停业", "act": "off"})
    [row] = client.get(address, {"list": "off"}).context["rows"]
    assert (row.institution, row.note) == (world.a, "停业")
    for sent in ({"uscc": "x", "reason": "加", "act": "add"}, {"uscc": world.b.uscc, "act": "off"}):
        assert client.post(f"{address}change/", sent).status_code == 422
    assert client.post(f"{address}change/", {"uscc": world.b.uscc, "reason": "x", "act": "no"}).status_code == 404


def test_a_county_sees_its_own_area_and_no_buttons(world: Province, acting: Acting):
    a_certificate(world.a)
    a_certificate(world.c)
    round = open_round(world, frozen=False)
    freeze_roster(round=round, by=world.statistician)
    page = acting(world.gulou_reviewer).get(
        f"/review/rounds/{round.public_id}/roster/", {"bureau": world.taijiang.code}
    )
    assert [row.institution for row in page.context["rows"]] == [world.a]
    assert '<form class="zb-pad acts"' not in page.content.decode()


def test_the_workbook_holds_the_list(world: Province, acting: Acting):
    round = open_round(world)
    add_to_roster(round=round, institution=world.a, reason="=1+1", by=world.statistician)
    answer = acting(world.statistician).get(f"/review/rounds/{round.public_id}/roster/workbook/", {"list": "in_added"})
    sheet = load_workbook(BytesIO(answer.content)).active
    row = [cell.value for cell in sheet[4]]
    assert (row[0], row[1], row[5]) == (world.a.name, world.a.uscc, "=1+1")
    assert sheet["F4"].data_type == "s"


@pytest.mark.parametrize("many", [1, 5])
def test_the_page_costs_the_same_for_one_row_and_five(
    world: Province, acting: Acting, django_assert_num_queries, many: int
):
    round = open_round(world)
    for _number in range(many):
        add_to_roster(round=round, institution=an_institution(world.gulou), reason="加", by=world.statistician)
    client = acting(world.statistician)
    address = f"/review/rounds/{round.public_id}/roster/"
    client.get(address)
    # session, person, memberships; round, bureaus, counts, list, institutions, filings, reasons, pairs;
    # the frame: memberships, unread
    with django_assert_num_queries(11):
        assert len(client.get(address, {"list": "in_added"}).context["rows"]) == many
