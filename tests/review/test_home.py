from __future__ import annotations

from urllib.parse import urlsplit

from reports.filings.models import Filing
from reports.rounds.models import Round
from review.home import work
from tests.factories.filings import a_filing, accepted_filing, fill, passed, returned, submitted_filing
from tests.factories.institutions import Province, an_institution
from tests.review.conftest import Acting


def the_five(world: Province, round: Round) -> None:
    submitted_filing(round, world.a)
    fill(a_filing(round, world.b), world.signer_b)
    returned(submitted_filing(round, world.c))
    a_filing(round, world.d)
    passed(submitted_filing(round, world.e))
    Filing.objects.filter(institution__in=[world.a, world.e]).update(late=True)


def test_home_numbers_are_the_lengths_of_the_lists_behind_the_links(world: Province, this_year: Round, acting: Acting):
    the_five(world, this_year)
    for membership in (
        world.gulou_reviewer,
        world.taijiang_reviewer,
        world.fuzhou_reviewer,
        world.pingtan_reviewer,
        world.statistician,
    ):
        client = acting(membership)
        [found] = work(membership).context["works"]
        shown = {
            found.waiting_url: found.waiting,
            found.long_url: found.long.number,
            found.late_url: found.late,
            found.returned_url: found.returned,
        }
        for url, number in shown.items():
            assert len(client.get(url).context["queue"].rows) == number, (membership, url)
        assert len(client.get(found.unfiled_url).context["rows"]) == found.unfiled
        assert client.get(found.coverage_url).status_code == 200
        assert {urlsplit(url).path for url in shown} == {"/review/"}


def test_home_counts_what_waits_at_each_tier(world: Province, this_year: Round):
    the_five(world, this_year)
    waiting = {
        m: work(m).context["works"][0].waiting
        for m in (world.gulou_reviewer, world.fuzhou_reviewer, world.statistician)
    }
    assert list(waiting.values()) == [1, 0, 1]
    assert work(world.statistician).context["works"][0].late == 1


def test_home_shows_the_province_its_prefectures(world: Province, this_year: Round):
    the_five(world, this_year)
    areas = work(world.statistician).context["works"][0].areas
    assert [(area.bureau, area.due) for area in areas] == [
        (world.fujian, 5),
        (world.fuzhou, 3),
        (world.pingtan, 1),
        (world.quanzhou, 1),
    ]
    assert work(world.gulou_reviewer).context["works"][0].areas == []


def test_home_page_draws_the_part(world: Province, this_year: Round, acting: Acting):
    the_five(world, this_year)
    page = acting(world.statistician).get("/").content.decode()
    assert 'id="work"' in page
    assert this_year.title in page


def test_home_costs_the_same_for_1_and_5_filings(world: Province, this_year: Round, django_assert_num_queries):
    submitted_filing(this_year, world.a)
    with django_assert_num_queries(6):
        work(world.gulou_reviewer)
    for number in range(4):
        submitted_filing(this_year, an_institution(world.gulou, f"机构{number}"))
    with django_assert_num_queries(6):
        assert work(world.gulou_reviewer).context["works"][0].waiting == 5


def test_home_leaves_out_closed_rounds(world: Province, this_year: Round):
    accepted_filing(this_year, world.a)
    Round.objects.update(closed_at=this_year.roster_frozen_at)
    assert work(world.gulou_reviewer).context["works"] == []
