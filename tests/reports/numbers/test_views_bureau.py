"""Who has filed a quarter's numbers, the workbook of counts, and numbers two institutions share."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import openpyxl
import pytest
from django.urls import reverse

from institutions.bureaus import create_bureau
from portal.trail.models import Event
from reports.filings.models import Filing
from reports.numbers import figures, submitting
from reports.numbers.models import NumberBatch
from reports.rounds.models import Round
from tests.factories.filings import a_filing, fresh, passed, signer_of
from tests.factories.institutions import Province, a_certificate, an_institution
from tests.reports.numbers.clients import client_of, submit, text_of
from tests.reports.numbers.conftest import lines, send

Sent = Callable[..., NumberBatch]


@pytest.fixture
def roster(world: Province, quarter_round: Round) -> dict[str, Filing]:
    """A filed two numbers, B a nil return, C is being filled, D is due."""
    a_certificate(world.c)
    filings = {name: a_filing(quarter_round, getattr(world, name)) for name in ("a", "b", "c", "d")}
    send(filings["a"], lines("FJ-1", "FJ-2"), world.filer_a)
    submitting.declare(filing=fresh(filings["a"]), count=2, by=world.filer_a)
    submit(filings["a"], world.signer_a)
    submitting.declare_nil(filing=fresh(filings["b"]), by=world.filer_b)
    submit(filings["b"], world.signer_b)
    send(filings["c"], lines("FJ-1"), signer_of(world.c))
    return filings


def page(membership, **params):
    return client_of(membership).get(reverse("numbers:coverage"), params)


def test_the_province_sees_every_part(world: Province, roster: dict[str, Filing]) -> None:
    found = page(world.statistician)
    whole = found.context["whole"]
    assert (whole.due, whole.filed, whole.nil, whole.late, whole.returned, whole.missing, whole.numbers, whole.declared) == (
        4, 2, 1, 0, 0, 2, 2, 2,
    )  # fmt: skip
    rows = {(area.depth, str(area.bureau)): area.part.due for area in found.context["areas"]}
    assert rows == {
        (0, str(world.fujian)): 4, (1, str(world.fuzhou)): 3, (1, str(world.quanzhou)): 1, (1, str(world.pingtan)): 0,
    }  # fmt: skip
    opened = page(world.statistician, open="350100").context["areas"]
    assert [(str(area.bureau), area.part.missing) for area in opened if area.depth == 2] == [
        (str(world.gulou), 0), (str(world.taijiang), 1),
    ]  # fmt: skip
    assert [filing.institution for filing in found.context["page"]] == [world.c, world.d]


def test_a_county_sees_its_own_alone(world: Province, roster: dict[str, Filing]) -> None:
    found = page(world.gulou_reviewer, show="all", bureau="350000")
    assert {filing.institution for filing in found.context["page"]} == {world.a, world.b}
    assert "福建丁检测有限公司" not in text_of(found)
    assert [filing.institution for filing in page(world.gulou_reviewer, show="nil").context["page"]] == [world.b]


def test_the_page_says_of_an_institution_what_the_workbook_says(world: Province, roster: dict[str, Filing]) -> None:
    figures.return_of(roster["a"]).__class__.objects.filter(filing=roster["a"]).update(
        replaced=31, invalid_certificate=47
    )
    passed(roster["b"])
    text = text_of(page(world.statistician, show="filed"))
    assert ("待县初审" in text, "已终审" in text, " 31 47 " in text) == (True, True, True)


def test_the_bureaus_stand_below_their_prefecture_in_every_choice(world: Province, roster: dict[str, Filing]) -> None:
    create_bureau(code="350181", name_zh="福清市市场监督管理局", tier="county", parent=world.fuzhou, by=None)
    client = client_of(world.statistician)
    for name in ("numbers:coverage", "numbers:shared-list"):
        codes = [bureau.code for bureau in client.get(reverse(name)).context["asked"].bureaus]
        assert codes.index("350181") < codes.index(world.pingtan.code)
    assert codes == [bureau.code for bureau in client.get(reverse("review:queue")).context["bureaus"]]


@pytest.mark.parametrize(
    "params", [{"round": "x"}, {"bureau": "%00"}, {"open": "'"}, {"show": "everything"}, {"page": "-1"}]
)
def test_a_parameter_that_means_nothing_is_passed_over(
    world: Province, roster: dict[str, Filing], params: dict
) -> None:
    assert page(world.statistician, **params).status_code == 200


def test_without_a_round_the_page_says_so(world: Province) -> None:
    assert page(world.statistician).status_code == 200


@pytest.mark.parametrize("count", [1, 5])
def test_coverage_costs_the_same_however_many_institutions(
    world: Province, quarter_round: Round, django_assert_num_queries: Callable, count: int
) -> None:
    for _number in range(count):
        a_filing(quarter_round, an_institution(world.gulou))
    client = client_of(world.statistician)
    client.get(reverse("numbers:coverage"))
    with django_assert_num_queries(11):
        client.get(reverse("numbers:coverage"))


def test_the_workbook_has_both_lists_as_text_and_figures(world: Province, roster: dict[str, Filing]) -> None:
    type(world.b).objects.filter(pk=world.b.pk).update(name="=HYPERLINK(1)")
    passed(roster["b"])
    answer = client_of(world.statistician).get(reverse("numbers:coverage-workbook"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    by_bureau, by_institution = book.worksheets
    assert [cell.value for cell in by_bureau[4]][1:] == [4, 2, 50, 1, 0, 0, 2, 2, 2]
    rows = {row[0]: row for row in by_institution.iter_rows(min_row=4, values_only=True)}
    assert rows["福建甲检测有限公司"][3:8] == ("待县初审", None, None, 2, 2)
    assert (rows["=HYPERLINK(1)"][3], rows["=HYPERLINK(1)"][5]) == ("已终审", "是")
    [cell] = [cell for cell in by_institution["A"] if cell.value == "=HYPERLINK(1)"]
    assert cell.data_type == "s"
    assert Event.objects.get(verb="numbers.exported").details == {"list": "counts"}


def test_nothing_of_a_draft_is_shown_and_no_link_refuses(world: Province, roster: dict[str, Filing]) -> None:
    """C sent one number and declared 4321; nothing of it was submitted."""
    submitting.declare(filing=fresh(roster["c"]), count=4321, by=signer_of(world.c))
    client = client_of(world.statistician)
    listed = client.get(reverse("numbers:coverage"), {"show": "all"})
    assert "4321" not in text_of(listed).replace(",", "")
    shown = {filing.institution: (filing.declared, filing.valid, filing.void) for filing in listed.context["page"]}
    nothing = (None, None, None)
    assert shown == {world.a: (2, 2, 0), world.b: (0, 0, 0), world.c: nothing, world.d: nothing}
    assert (listed.context["whole"].numbers, listed.context["whole"].declared) == (2, 2)
    links = set(re.findall(r'href="(/numbers/[0-9a-f-]{36}/[^"]*)"', listed.content.decode()))
    assert links == {reverse("numbers:number-list", args=[roster[name].public_id]) for name in ("a", "b")}
    assert {client.get(link).status_code for link in links} == {200}
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("numbers:coverage-workbook")).content))
    rows = {row[0]: row for row in book.worksheets[1].iter_rows(min_row=4, values_only=True)}
    assert set(rows[world.c.name][4:]) == {None}
    assert rows[world.a.name][6:11] == (2, 2, 0, 0, 0)


def test_shared_numbers_are_shown_to_supervisors_alone(world: Province, roster: dict[str, Filing]) -> None:
    figures.look_closer(figures.filing_of(roster["c"].pk))
    listed = client_of(world.statistician).get(reverse("numbers:shared-list"))
    assert {(row.key, row.institution, row.other) for row in listed.context["page"]} == {
        ("FJ-1", world.a, world.c), ("FJ-1", world.c, world.a),
    }  # fmt: skip
    county = client_of(world.taijiang_reviewer).get(reverse("numbers:shared-list"))
    assert [(row.key, row.institution) for row in county.context["page"]] == [("FJ-1", world.c)]
    assert list(client_of(world.licheng_reviewer).get(reverse("numbers:shared-list")).context["page"]) == []
    own = client_of(world.filer_a)
    assert own.get(reverse("numbers:shared-list")).status_code == 403
    for name in ("quarter-detail", "number-list"):
        assert world.c.name not in text_of(own.get(reverse(f"numbers:{name}", args=[roster["a"].public_id])))
