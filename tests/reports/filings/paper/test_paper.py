"""A filing on paper: every table and figure, its marks and places to sign, as pages somebody can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from institutions.models import Institution, Membership
from portal.jobs.models import Job
from portal.jobs.tasks import run
from portal.trail.models import Event
from reports.filings.models import Filing
from reports.filings.paper import tasks, views
from reports.filings.paper.document import html_of, of_draft, of_revision
from reports.rounds.models import Round
from tests.factories.filings import a_filing, fill, fresh, submitted_filing
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.portal.paper.looking import ink, pictures, texts

Acting = Callable[[Membership], Client]
RARE = "福州𠮷𬱖检测技术有限公司"


def pdf(answer: HttpResponse) -> bytes:
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment")
    return answer.content


def address(name: str, filing: Filing, *numbers: int) -> str:
    return reverse(f"filings:{name}", args=[filing.public_id, *numbers])


@pytest.fixture
def sent(world: Province, round: Round) -> Filing:
    """In review, of an institution whose name has rare letters."""
    Institution.objects.filter(pk=world.a.pk).update(name=RARE)
    world.a.refresh_from_db()
    return submitted_filing(round, world.a, by=world.signer_a)


@pytest.fixture
def of_filer(world: Province, acting: Acting) -> Client:
    return acting(world.filer_a)


def test_the_paper_of_a_revision_shows_tables_figures_marks_and_places_to_sign(of_filer: Client, sent: Filing) -> None:
    answer = of_filer.get(address("revision-paper", sent, 1))
    assert unquote(answer["Content-Disposition"]).endswith(f"{RARE} {sent.round.title} 第1版.pdf")
    made = pdf(answer)
    pages = texts(made)
    cover, whole = pages[0], "".join(pages)
    revision = sent.revision
    assert revision is not None
    for words in (RARE, sent.institution.uscc, revision.receipt_number, "单位负责人（签字）", "单位公章", "示例"):
        assert words in cover
    definition = sent.round.scheme.definition
    for code in revision.cells:
        table = definition.table(code)
        assert table.name() in whole
        assert dict(table.legal_marks())["表号"] in whole
    assert [page.endswith(f"{number} / {len(pages)}") for number, page in enumerate(pages, 1)] == [True] * len(pages)
    for figure in ("0591-87804684", revision.cells["JC01"]["A207"], "林建国"):
        assert figure in whole
    assert "草稿" not in whole
    assert "内部资料" not in whole
    assert_ink_where_a_reader_looks(pictures(made))
    assert not Event.objects.filter(verb="filing.printed").exists()


def assert_ink_where_a_reader_looks(pages: list[Any]) -> None:
    cover = pages[0]
    assert ink(cover, (0, 0.05, 1, 0.3)) > 5_000  # title
    assert ink(cover, (0.65, 0.4, 1, 0.85)) > 8_000  # the square code
    for page in pages[1:]:
        assert ink(page, (0, 0, 1, 0.06)) > 300  # running head
        assert ink(page, (0, 0.94, 1, 1)) > 100  # receipt number, code and page
        assert ink(page, (0, 0, 0.03, 1)) == ink(page, (0.97, 0, 1, 1)) == 0  # nothing runs over the edge


def test_headings_are_repeated_where_a_table_goes_on(
    settings: Any, world: Province, round: Round, of_filer: Client
) -> None:
    settings.PAPER_CELLS_AT_ONCE = 5_000
    cells = valid_cells(world.a)
    rows = [dict(cells["JC01-2"]["rows"][0], id=f"r{number}") for number in range(1, 61)]
    filing = fill(a_filing(round, world.a), world.filer_a, cells | {"JC01-2": {"rows": rows}})
    table = filing.round.scheme.definition.table("JC01-2")
    pages = [
        page for page in texts(pdf(of_filer.get(address("draft-paper", filing)))) if table.indicators[0].code in page
    ]
    assert len(pages) >= 2
    assert all(table.indicators[1].name()[:4] in page for page in pages)


def test_the_draft_says_so_on_every_page_and_has_no_code(world: Province, round: Round, of_filer: Client) -> None:
    filing = fill(a_filing(round, world.a), world.filer_a)
    made = pdf(of_filer.get(address("draft-paper", filing)))
    assert all("草稿" in page for page in texts(made))
    html = html_of(of_draft(fresh(filing)))
    assert "<svg" not in html


def test_what_a_bureau_takes_is_marked_internal_and_stands_in_the_trail(
    world: Province, sent: Filing, acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "pdf_of", str.encode)
    html = pdf(acting(world.gulou_reviewer).get(address("revision-paper", sent, 1))).decode()
    assert "内部资料" in html
    assert Event.objects.filter(verb="filing.printed").values_list("details", flat=True).get() == {"revision": 1}


def test_text_of_people_stays_text(world: Province, sent: Filing) -> None:
    Institution.objects.filter(pk=world.a.pk).update(name='<img src="file:///etc/passwd">')
    revision = fresh(sent).revisions.select_related("filer", "signer").get()
    revision.filing = fresh(sent)
    html = html_of(of_revision(revision, internal=False))
    assert "<img" not in html
    assert "&lt;img src=" in html


def test_a_long_filing_is_made_in_the_background(
    settings: Any, no_worker: None, of_filer: Client, sent: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "pdf_of", str.encode)
    settings.PAPER_CELLS_AT_ONCE = 10
    answer = of_filer.get(address("revision-paper", sent, 1))
    job = Job.objects.get(kind="filing.paper")
    assert answer.url == reverse("jobs:job-detail", args=[job.pk])
    run(str(job.pk))
    done = of_filer.get(reverse("jobs:job-download", args=[job.pk]))
    assert sent.revision is not None
    assert sent.revision.receipt_number in b"".join(done).decode()


def test_english_readers_get_english_paper(sent: Filing) -> None:
    revision = sent.revisions.select_related("filer", "signer").get()
    revision.filing = fresh(sent)
    with override("en"):
        html = html_of(of_revision(revision, internal=True))
    assert "Seal of the unit" in html
    assert 'lang="en"' in html


@pytest.mark.parametrize("rows", [1, 5])
def test_queries_do_not_grow_with_the_rows(
    rows: int, world: Province, round: Round, django_assert_num_queries: Any
) -> None:
    cells = valid_cells(world.a)
    more = [dict(cells["JC01-2"]["rows"][0], id=f"r{number}") for number in range(rows)]
    filing = fill(a_filing(round, world.a), world.filer_a, cells | {"JC01-2": {"rows": more}})
    with django_assert_num_queries(2):
        html_of(of_draft(filing))


def test_the_paper_is_offered_where_one_would_look(world: Province, sent: Filing, acting: Acting) -> None:
    place = address("revision-paper", sent, 1)
    own, above = acting(world.filer_a), acting(world.gulou_reviewer)
    pages = (
        own.get(address("filing-detail", sent)),
        own.get(address("revision-list", sent)),
        own.get(address("revision-detail", sent, 1)),
        above.get(reverse("review:filing-read", args=[sent.public_id])),
    )
    assert [place in page.content.decode() for page in pages] == [True] * 4
    assert address("draft-paper", sent) in pages[0].content.decode()
    assert address("receipt-paper", sent, 1) in own.get(address("receipt-detail", sent, 1)).content.decode()
