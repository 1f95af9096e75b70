"""Rows S1–S14 of docs/bad-inputs.md: what people type or paste into a cell for text, posted to the page, and its answer in Chinese."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from institutions.models import Membership
from reports.filings.models import Draft, Filing
from reports.rounds.models import Round
from tests.factories.filings import submitted_filing
from tests.factories.institutions import Province, an_institution
from tests.reports.filings.spreadsheet.books import book_of, download, place_of
from tests.reports.filings.test_bad_numbers import line_of
from tests.reports.filings.test_views_pages import address
from tests.reports.filings.test_views_saving import save, stored, whole

Acting = Callable[[Membership], Client]
NAME, PERSON, NOTE, CODE, PHONE, MOBILE = "A103", "A107", "A104", "A101", "A116", "A117"
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "{% now 'Y' %}", "${7*7}"]
FORMULAS = ["=1+1", "+86 591", "-x", "@x", "＝1+1"]


@pytest.fixture
def clerk(world: Province, filing: Filing, acting: Acting) -> Client:
    return acting(world.filer_a)


#: row → (cell, typed, stored)
READ: dict[str, list[tuple[str, str, str | None]]] = {
    "S2": [(PERSON, "欧阳𠮷", "欧阳𠮷"), (NAME, "𬱖鲤检测😀", "𬱖鲤检测😀")],
    "S3": [(PERSON, "林\u202e建国", "林建国"), (PERSON, "\u2067林建国\u2069", "林建国")],
    "S4": [(PERSON, "林\x07建国", "林建国")],
    "S5": [(PERSON, "\u200b", None), (NOTE, "\u200b\ufeff \n", None)],
    "S8": [(PERSON, "林建国\r\nSet-Cookie: x", "林建国 Set-Cookie: x"), (NOTE, "甲\r\n乙", "甲\n乙")],
    "S9": [(PERSON, typed, typed) for typed in HOSTILE],
    "S10": [(PERSON, typed, typed) for typed in ("'; DROP TABLE x", "100%", "a_b", "a\\b")],
    "S11": [(PERSON, typed, typed) for typed in FORMULAS],
    "S12": [(CODE, " 91350102ma2y00001e ", "91350102MA2Y00001E"), (CODE, "９１３５０１０２MA2Y00001E", "91350102MA2Y00001E")],
    "S13": [
        (PHONE, "０５９１－８７８０４６８４", "0591-87804684"),
        (PHONE, "400 123 4567", "400-123-4567"),
        (MOBILE, "138 0000 0001", "13800000001"),
    ],
    "S14": [(NAME, "晨光(福州)检测", "晨光（福州）检测"), (NAME, "晨光（福州）检测", "晨光（福州）检测")],
}  # fmt: skip


@pytest.mark.parametrize("row", READ)
def test_a_text_is_cleaned_stored_and_shown_as_text(clerk: Client, filing: Filing, row: str):
    version = 0
    for cell, typed, kept in READ[row]:
        answer = save(clerk, filing, "JC01", version, **{cell: typed})
        version = answer["version"]
        assert answer["refused"] == {}
        assert stored(filing, "JC01").get(cell) == kept
        page = clerk.get(address("table-edit", filing, "JC01")).content.decode()
        assert escape(kept or "") in line_of(page, cell)
        assert cell != PERSON or (answer["marks"].get(cell) == "blank") is (kept is None)


def test_s9_markup_is_text_on_every_page_and_in_the_answer(clerk: Client, filing: Filing):
    answer = save(clerk, filing, "JC01", **{PERSON: "".join(HOSTILE)[:50], NOTE: "".join(HOSTILE)})
    pages = [address("table-edit", filing, "JC01"), address("filing-preview", filing), address("finding-list", filing)]
    for text in (answer["findings"], answer["rail"], *(clerk.get(page).content.decode() for page in pages)):
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    assert escape("".join(HOSTILE)) in clerk.get(pages[1]).content.decode()


def test_s11_what_looks_like_a_formula_is_text_in_the_workbook(clerk: Client, filing: Filing):
    codes = (PERSON, NAME, NOTE, "A102", "A108")
    save(clerk, filing, "JC01", **dict(zip(codes, FORMULAS, strict=True)))
    book = book_of(download(clerk, filing))
    found = [(place_of(book, code).data_type, place_of(book, code).value) for code in codes]
    assert found == [("s", typed) for typed in FORMULAS]


def test_s10_a_search_is_literal(world: Province, round: Round, acting: Acting):
    names = ["'; DROP TABLE x", "百分100%站", "甲_乙站", "甲\\乙站"]
    for name in names:
        submitted_filing(round, an_institution(world.gulou, name))
    reviewer = acting(world.gulou_reviewer)
    for typed, found in zip(("'; DROP", "%", "_", "\\"), names, strict=True):
        rows = reviewer.get(reverse("review:queue"), {"q": typed}).context["queue"].rows
        assert [row.filing.institution.name for row in rows] == [found]


CANNOT_BE_READ = "“林�建”含有无法识别的字符。请手工重新录入，不要粘贴。"
#: row → (cell, typed, the sentence beside the cell, offered)
REFUSED: dict[str, list[tuple[str, str, str, str | None]]] = {
    "S1": [(NAME, "检" * 5000, f"“{'检' * 39}…”超长4800个字，最多200个字。", None)],
    "S7": [(PERSON, "林\x00建", CANNOT_BE_READ, None)],
    "S12": [
        (CODE, "913501O2MA2Y00001E", "“913501O2MA2Y00001E”第7位是“O”，该位不能用这个字符。", "91350102MA2Y00001E"),
        (CODE, "9I350102MA2Y00001E", "“9I350102MA2Y00001E”第2位是“I”，该位不能用这个字符。", "91350102MA2Y00001E"),
        (CODE, "91350102MA2Y00001F", "第18位是“F”，按前17位计算应为“E”。其中有一位填错，请逐位核对。", None),
        (CODE, "91350102MA2Y00001", "“91350102MA2Y00001”有17位，统一社会信用代码应为18位。", None),
        (CODE, "91350102MA2Y00001EE", "“91350102MA2Y00001EE”有19位，统一社会信用代码应为18位。", None),
    ],
    "S13": [
        (PHONE, "12345", "“12345”不是电话号码。请按“区号-号码”填写，如0591-87804684。", None),
        (MOBILE, "0591-87804684", "“0591-87804684”不是手机号码：应为以1开头的11位数字。", None),
    ],
}  # fmt: skip


@pytest.mark.parametrize("row", REFUSED)
def test_a_text_is_refused_in_chinese_and_stays_as_it_was_typed(clerk: Client, filing: Filing, row: str):
    version = save(clerk, filing, "JC01", **{PERSON: "林建国"})["version"]
    before = stored(filing, "JC01")
    for cell, typed, words, offer in REFUSED[row]:
        answer = save(clerk, filing, "JC01", version, **{cell: typed})
        kept = typed.replace("\x00", "�")
        assert words in answer["refused"][cell]["reason"]
        assert answer["refused"][cell]["offer"] == (offer or "")
        assert stored(filing, "JC01") == before
        assert Draft.objects.get(filing=filing, table="JC01").unread[cell] == kept
        version = answer["version"]
    save(clerk, filing, "JC01", version, **{cell: before.get(cell, "")})
    page = whole(clerk, filing, "JC01", **{cell: typed})
    assert page.status_code == 422
    line = line_of(page.content.decode(), cell)
    assert words in line
    assert escape(kept) in line


def test_s6_a_lone_surrogate_is_refused_and_no_crash(clerk: Client, filing: Filing):
    """As a program would send it; a browser cannot."""
    body = "seen=0&at=JC01&A107=%E6%9E%97%ED%A0%80%E5%BB%BA"
    answer = clerk.post(
        address("cell-save", filing, "JC01"),
        body,
        content_type="application/x-www-form-urlencoded",
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert "含有无法识别的字符。请手工重新录入，不要粘贴。" in answer.json()["refused"][PERSON]["reason"]
    assert PERSON not in stored(filing, "JC01")
    assert "林" in line_of(clerk.get(address("table-edit", filing, "JC01")).content.decode(), PERSON)
