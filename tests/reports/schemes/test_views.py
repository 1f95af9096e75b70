from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from openpyxl import load_workbook

from reports.schemes.content import DATA, content_from_folder
from reports.schemes.definition import SchemeDefinition
from reports.schemes.helptexts import condition_words, search, source_words
from reports.schemes.loading import load_scheme
from reports.schemes.models import Scheme
from reports.schemes.workbook import content_from_workbook, workbook_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def scheme() -> Scheme:
    return load_scheme()


def page(client: Client, name: str, *args: str, lang: str = "zh-hans", **query: str) -> str:
    answer = client.get(reverse(name, args=args), query, headers={"accept-language": lang})
    assert answer.status_code == 200
    return answer.content.decode()


def test_index_before_anything_is_published(client: Client) -> None:
    html = page(client, "schemes:help-index", lang="en")
    assert reverse("schemes:scheme-download") not in html
    assert client.get(reverse("schemes:check-help")).status_code == 404


def test_index_lists_tables(client: Client, scheme: Scheme) -> None:
    html = page(client, "schemes:help-index")
    for table in scheme.definition.tables:
        assert reverse("schemes:table-help", args=[table.code]) in html
        assert table.name_zh in html


def test_table_page_defines_every_item(client: Client, scheme: Scheme) -> None:
    html = page(client, "schemes:table-help", "JC01-2")
    for item in scheme.definition.table("JC01-2").indicators:
        assert f'id="{item.code}"' in html
        assert item.definition_zh in html
    assert "示例" in html
    assert client.get(reverse("schemes:table-help", args=["JC99"])).status_code == 404


@pytest.mark.parametrize(
    ("word", "tables", "items", "checks"),
    [
        ("JC01-2", {"JC01-2"}, set(), set()),
        ("A301", set(), {"A301"}, {"K011", "K100"}),
        ("k011", set(), set(), {"K011"}),
        ("从业人员", set(), {"A301", "A305"}, {"K011"}),
        ("Persons engaged", set(), {"A301", "A336"}, set()),
    ],
)
def test_one_search_looks_through_tables_items_and_checks(
    scheme: Scheme, word: str, tables: set[str], items: set[str], checks: set[str]
) -> None:
    found = search(scheme.definition, word)
    assert tables <= {table.code for table in found.tables}
    assert items <= {item.code for item in found.items}
    assert checks <= {card.code for card in found.cards}


def test_the_help_page_shows_what_was_found(client: Client, scheme: Scheme) -> None:
    html = page(client, "schemes:help-index", q="A301")
    assert f'href="{reverse("schemes:check-detail", args=["K011"])}?' in html
    assert f'href="{reverse("schemes:indicator-help", args=["A301"])}?' in html
    assert 'value="A301"' in html
    nothing = page(client, "schemes:help-index", q="<b>无此词")
    assert "没有找到" in nothing
    assert "<b>无此词" not in nothing


def test_a_rule_card_has_its_own_page(client: Client, scheme: Scheme) -> None:
    html = page(client, "schemes:check-detail", "K011")
    check = scheme.definition.check_by_key["K011"]
    for words in (check.help_zh, check.example, check.expression, "为示例制度复原，无公开出处"):
        assert words in html
    assert reverse("schemes:indicator-help", args=["A315"]) in html
    assert "应填尽填" in page(client, "schemes:check-detail", "REQ")
    alone = client.get(reverse("schemes:check-detail", args=["K011"]), headers={"HX-Request": "true"})
    assert alone.content.decode().lstrip().startswith('<section class="zb-sheet" id="check-card"')
    assert "HX-Request" in alone.headers["Vary"]
    assert client.get(reverse("schemes:check-detail", args=["K999"])).status_code == 404


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("reconstructed", "为示例制度复原，无公开出处"),
        ("found (GB 32100-2015)", "见于公开文件 (GB 32100-2015)"),
        ("table names found", "见于公开文件"),
        ("YoY check type found in NBS manuals; threshold reconstructed", "部分见于公开文件，部分为示例制度复原"),
        ("《统计调查制度》第三章第二条", "《统计调查制度》第三章第二条"),
    ],
)
def test_the_source_of_a_rule_is_told_in_the_readers_language(source: str, words: str) -> None:
    with override("zh-hans"):
        assert source_words(source) == words


def test_checks_are_found_by_code_item_and_word(client: Client, scheme: Scheme) -> None:
    assert page(client, "schemes:check-help").count('<tr id="K') == 80
    by_item = page(client, "schemes:check-help", q="A334")
    assert 'id="K016"' in by_item
    assert 'id="K041"' not in by_item
    assert 'id="K077"' in page(client, "schemes:check-help", q="100%")
    assert '<tr id="K' not in page(client, "schemes:check-help", q="<nothing>")
    assert page(client, "schemes:check-help", severity="info").count('<tr id="K') == 1


def test_item_card_stands_alone_for_htmx(client: Client, scheme: Scheme) -> None:
    address = reverse("schemes:indicator-help", args=["A201"])
    whole = client.get(address).content.decode()
    answer = client.get(address, headers={"HX-Request": "true"})
    alone = answer.content.decode()
    assert "<html" in whole
    assert "<html" not in alone
    assert alone.strip().startswith('<section class="zb-sheet" id="indicator-help"')
    assert "民办非企业单位" in alone
    assert "HX-Request" in answer["Vary"]
    assert client.get(reverse("schemes:indicator-help", args=["A999"])).status_code == 404


def test_help_costs_few_queries_whatever_the_number_of_schemes(
    client: Client, scheme: Scheme, django_assert_max_num_queries
) -> None:
    page(client, "schemes:table-help", "JC05")
    with django_assert_max_num_queries(2):
        page(client, "schemes:table-help", "JC05")


def test_an_older_version_can_be_asked_for(client: Client, scheme: Scheme) -> None:
    assert scheme.title_zh in page(client, "schemes:help-index", scheme="jc2023-1")
    assert client.get(reverse("schemes:help-index"), {"scheme": "jc2023-9"}).status_code == 404


def test_download_is_the_scheme(client: Client, scheme: Scheme) -> None:
    answer = client.get(reverse("schemes:scheme-download"))
    assert answer["Content-Disposition"] == 'attachment; filename="jc2023-v1.xlsx"'
    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames == [
        "说明 Readme",
        "scheme",
        "tables",
        "units",
        "indicators",
        "options",
        "checks",
        "regions",
        "columns",
        "renames",
        "_lists",
    ]
    assert book["indicators"].max_row == 302
    codes = [cell.value for cell in book["indicators"]["B"]]
    assert codes[:2] == ["code", "A101"]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_the_workbook_can_be_loaded_again() -> None:
    content = content_from_folder(DATA / "jc2023")
    again = content_from_workbook(BytesIO(workbook_bytes(content)))
    assert SchemeDefinition.from_content(again) == SchemeDefinition.from_content(content)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ('A201 = "10"', "“Type of unit” (A201) is Enterprise"),
        ('A201 != "10"', "“Type of unit” (A201) is not Enterprise"),
        ('A201 in ("30", "40")', "“Type of unit” (A201) is one of Government organ, Social organisation"),
        ('any(D101 = "05")', "“Survey domain” (D101) is Motor-vehicle inspection on one of the lines"),
        ("A213", "“National quality inspection centre” (A213) is yes"),
        ("Q103 > 0", "“Valid reports in the quarter” (Q103) is above 0"),
        ("A121 != prev(A121)", "A121 != prev(A121)"),
    ],
)
def test_conditions_in_words(expression: str, words: str, scheme: Scheme) -> None:
    with override("en"):
        assert condition_words(scheme.definition, expression) == words
