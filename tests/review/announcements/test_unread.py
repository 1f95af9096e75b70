"""Who has not read it: by bureau, in pages, as a workbook that the trail knows of."""

from __future__ import annotations

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from institutions.roles import Role
from portal.jobs.models import Job
from portal.jobs.progress import Silent
from portal.trail.models import Event
from reports.filings.errors import NotAllowed
from reports.rounds.models import Round
from review.announcements import actions, tasks
from review.announcements.unread import ask_workbook, unread_in
from tests.factories.announcements import an_announcement
from tests.factories.filings import a_filing
from tests.factories.institutions import Province, a_membership, an_institution
from tests.review.conftest import Acting


def test_the_list_names_institution_person_and_bureau_and_follows_the_tree(world: Province, acting: Acting):
    out = an_announcement(world.statistician, ["filer", "reviewer"])
    actions.mark_announcement_read(announcement=out, by=world.filer_a.user)
    url = reverse("announcements:unread-list", args=[out.public_id])
    client = acting(world.statistician)
    page = client.get(url, {"bureau": world.gulou.code})
    lines = [(one.bureau, one.institution, one.recipient) for one in page.context["page"]]
    assert lines == [
        (world.gulou, world.b, world.filer_b.user),
        (world.gulou, None, world.gulou_reviewer.user),
    ]
    every = client.get(url).context
    assert every["people"] == every["page"].paginator.count == out.people - 1
    assert acting(world.fuzhou_reviewer).get(url).status_code == 404


def test_the_workbook_has_the_same_lines_as_text_and_stands_in_the_trail(world: Province, acting: Acting):
    a_membership(Role.FILER, an_institution(world.gulou, "=1+1检测有限公司"), world.filer_b.user)
    out = an_announcement(world.gulou_reviewer, ["filer"])
    answer = acting(world.gulou_reviewer).post(reverse("announcements:unread-workbook", args=[out.public_id]))
    job = Job.objects.get(kind="announcement.unread")
    assert answer.url == reverse("jobs:job-detail", args=[job.pk])
    result = tasks.unread(job, Silent(job))
    assert result.name.endswith(".xlsx")
    sheet = load_workbook(result.path).active
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert [(row[0], row[1], row[2]) for row in rows] == [
        (str(world.gulou), "=1+1检测有限公司", world.filer_b.user.name),
        (str(world.gulou), world.b.name, world.filer_b.user.name),
        (str(world.gulou), world.a.name, world.filer_a.user.name),
    ]
    assert {cell.data_type for row in sheet.iter_rows(min_row=4) for cell in row} <= {"s", "n"}
    event = Event.objects.get(verb="review.exported")
    assert event.details == {"list": "unread", "bureau": world.gulou.code}


def test_institution_at_home_elsewhere_that_files_here_is_on_the_list_of_the_writer(world: Province, this_year: Round):
    a_filing(this_year, world.a, reviewing_bureau=world.taijiang, scope=world.taijiang.path)
    out = an_announcement(world.taijiang_reviewer, ["filer"], round=this_year)
    assert [one.institution for one in unread_in(out, world.taijiang)] == [world.a]
    assert [one.institution for one in unread_in(out, world.fujian)] == [world.a]
    assert list(unread_in(out, world.pingtan)) == []


@pytest.mark.parametrize("count", [1, 5])
def test_list_and_workbook_cost_the_same_for_1_and_5(
    world: Province, acting: Acting, count: int, django_assert_num_queries
):
    for number in range(count):
        a_membership(Role.FILER, an_institution(world.taijiang, f"台江{number}"))
    out = an_announcement(world.taijiang_reviewer, ["filer"])
    client = acting(world.taijiang_reviewer)
    url = reverse("announcements:unread-list", args=[out.public_id])
    client.get(url)
    with django_assert_num_queries(8):
        assert len(client.get(url).context["page"]) == count
    job = ask_workbook(announcement=out, bureau=world.taijiang, by=world.taijiang_reviewer)
    with django_assert_num_queries(5):
        tasks.unread(job, Silent(job))


def test_a_bureau_that_no_longer_sees_it_gets_no_workbook(world: Province):
    out = an_announcement(world.gulou_reviewer, ["filer"])
    job = ask_workbook(announcement=out, bureau=world.gulou, by=world.taijiang_reviewer)
    with pytest.raises(NotAllowed):
        tasks.unread(job, Silent(job))
