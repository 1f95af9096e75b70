from __future__ import annotations

import re

import pytest
from django.urls import reverse

from reports.filings.models import Decision, Filing, Finding, State
from reports.rounds.models import Round
from tests.factories.filings import a_filing, accepted_filing, fresh, passed, returned, submitted_filing
from tests.factories.institutions import Province, an_institution
from tests.review.conftest import Acting

URL = reverse("review:queue")


def names(answer) -> list[str]:
    return [row.filing.institution.name for row in answer.context["queue"].rows]


def chips(answer) -> dict[str, int]:
    return {chip.code: chip.total.number for chip in answer.context["queue"].states}


def test_queue_shows_what_waits_at_the_readers_bureau(world: Province, this_year: Round, acting: Acting):
    submitted_filing(this_year, world.a)
    submitted_filing(this_year, world.c)
    a_filing(this_year, world.b)
    assert names(acting(world.gulou_reviewer).get(URL)) == [world.a.name]
    assert names(acting(world.taijiang_reviewer).get(URL)) == [world.c.name]
    assert names(acting(world.fuzhou_reviewer).get(URL)) == []
    assert names(acting(world.fuzhou_reviewer).get(URL, {"state": "elsewhere"})) == [world.a.name, world.c.name]
    assert names(acting(world.quanzhou_reviewer).get(URL, {"state": "elsewhere"})) == []


def test_queue_puts_late_first_then_score_then_waiting(world: Province, this_year: Round, acting: Acting):
    filings = [submitted_filing(this_year, an_institution(world.gulou, f"机构{n}")) for n in "一二三四"]
    for filing, late, score in zip(filings, (False, False, True, False), (1, 9, 0, 9), strict=True):
        Filing.objects.filter(pk=filing.pk).update(late=late, score=score)
    client = acting(world.gulou_reviewer)
    assert names(client.get(URL)) == ["机构三", "机构二", "机构四", "机构一"]
    assert names(client.get(URL, {"order": "score"})) == ["机构二", "机构四", "机构一", "机构三"]
    assert names(client.get(URL, {"order": "waiting"})) == ["机构一", "机构二", "机构三", "机构四"]


def test_queue_every_chip_counts_the_list_behind_it(world: Province, this_year: Round, acting: Acting):
    """In every tier, and for every state and mark."""
    a_filing(this_year, world.b)
    submitted_filing(this_year, world.a)
    passed(submitted_filing(this_year, world.c))
    returned(submitted_filing(this_year, world.d))
    accepted_filing(this_year, world.e)
    Filing.objects.filter(institution=world.a).update(late=True, verify_count=2)
    for reviewer in (world.gulou_reviewer, world.fuzhou_reviewer, world.statistician, world.pingtan_reviewer):
        client = acting(reviewer)
        page = client.get(URL).context["queue"]
        assert sum(chip.total.number for chip in page.states) == Filing.objects.visible_to(reviewer).count()
        for state in page.states:
            listed = client.get(URL, {"state": state.code}).context["queue"]
            assert len(listed.rows) == state.total.number, (reviewer, state.code)
            for flag in listed.flags:
                marked = client.get(URL, {"state": state.code, "flag": flag.code}).context["queue"]
                if flag.code != "waiting" or state.code in ("mine", "elsewhere"):
                    assert len(marked.rows) == flag.total.number, (reviewer, state.code, flag.code)


def test_queue_search_is_literal(world: Province, this_year: Round, acting: Acting):
    odd = an_institution(world.gulou, "百分100%检测_站")
    submitted_filing(this_year, odd)
    submitted_filing(this_year, world.a)
    client = acting(world.gulou_reviewer)
    assert names(client.get(URL, {"q": "100%"})) == [odd.name]
    assert names(client.get(URL, {"q": "%"})) == [odd.name]
    assert names(client.get(URL, {"q": "_"})) == [odd.name]
    assert names(client.get(URL, {"q": world.a.uscc[:17].lower()})) == [world.a.name]
    assert names(client.get(URL, {"q": "没有这家"})) == []


@pytest.mark.parametrize(
    "query",
    [
        {"page": "-1"}, {"page": "999999"}, {"page": "abc"}, {"page": "9" * 5000}, {"order": "password"}, {"state": "<script>"},
        {"round": "1"}, {"round": "00000000-0000-0000-0000-000000000000"}, {"bureau": "999999"}, {"flag": "x"}, {"q": "\x00"},
    ],
)  # fmt: skip
def test_queue_ignores_parameters_that_mean_nothing(world: Province, this_year: Round, acting: Acting, query):
    submitted_filing(this_year, world.a)
    answer = acting(world.gulou_reviewer).get(URL, query)
    assert answer.status_code == 200
    assert names(answer) == [world.a.name]


def test_queue_costs_the_same_for_1_and_5_rows(
    world: Province, this_year: Round, acting: Acting, django_assert_num_queries
):
    client = acting(world.gulou_reviewer)
    submitted_filing(this_year, world.a)
    client.get(URL)
    with django_assert_num_queries(13):
        assert len(client.get(URL).context["queue"].rows) == 1
    for number in range(4):
        submitted_filing(this_year, an_institution(world.gulou, f"机构{number}"))
    with django_assert_num_queries(13):
        assert len(client.get(URL).context["queue"].rows) == 5


def test_queue_of_a_filer_is_refused(world: Province, this_year: Round, acting: Acting):
    submitted_filing(this_year, world.a)
    answer = acting(world.filer_a).get(URL)
    assert answer.status_code == 403
    assert world.b.name not in answer.content.decode()


def test_queue_without_a_round_says_what_to_wait_for(world: Province, acting: Acting):
    answer = acting(world.gulou_reviewer).get(URL)
    assert answer.status_code == 200
    assert answer.context["asked"].round is None


def test_peek_shows_main_figures_and_findings_of_one_filing(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    url = reverse("review:filing-peek", args=[filing.public_id])
    answer = acting(world.gulou_reviewer).get(url, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert re.search(r'<aside[^>]* id="peek"', answer.content.decode())
    assert [pair.indicator.code for pair in answer.context["peek"].figures][:2] == ["X001", "A301"]
    assert acting(world.licheng_reviewer).get(url).status_code == 404


def test_bulk_pass_states_the_result_of_each_row(world: Province, this_year: Round, acting: Acting):
    """W14: one clean, one with an explanation nobody judged, one that changed meanwhile, one of another bureau."""
    clean, doubtful, stale = (submitted_filing(this_year, an_institution(world.gulou, f"机构{n}")) for n in "一二三")
    foreign = submitted_filing(this_year, world.d)
    for filing in (clean, doubtful, stale, foreign):
        Finding.objects.filter(revision=filing.revision).update(verdict=Finding.Verdict.PLAUSIBLE)
    Finding.objects.create(
        revision=doubtful.revision,
        key="K100",
        check_code="K100",
        severity="verify",
        table="JC01",
        message_zh="变动",
        message_en="Change",
    )
    tickets = [f"{f.public_id}:{f.version}:{f.revision.number}" for f in (clean, doubtful, foreign)]
    tickets += [f"{stale.public_id}:{stale.version - 1}:1", "nonsense", f"{clean.public_id}:1"]
    answer = acting(world.gulou_reviewer).post(reverse("review:queue-pass"), {"filing": tickets})
    assert answer.status_code == 200
    assert [(o.filing.pk, bool(o.reason)) for o in answer.context["outcomes"]] == [
        (clean.pk, False), (doubtful.pk, True), (stale.pk, True)
    ]  # fmt: skip
    assert fresh(clean).step == world.fuzhou
    assert [fresh(f).step for f in (doubtful, stale, foreign)] == [world.gulou, world.gulou, world.licheng]
    assert Decision.objects.count() == 1


def test_bulk_pass_sent_twice_passes_once(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    Finding.objects.filter(revision=filing.revision).update(verdict=Finding.Verdict.PLAUSIBLE)
    data = {"filing": [f"{filing.public_id}:{filing.version}:1"] * 2}
    client = acting(world.gulou_reviewer)
    first, second = (client.post(reverse("review:queue-pass"), data).context for _ in range(2))
    assert (first["passed"], first["kept"]) == (1, 0)
    assert (second["passed"], second["kept"]) == (0, 1)
    assert Decision.objects.count() == 1
    assert fresh(filing).state == State.IN_REVIEW
