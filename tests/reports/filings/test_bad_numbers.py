"""Rows N1–N26 of docs/bad-inputs.md: what people type into a cell for a figure, posted to the page, and its answer in Chinese."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pytest
from django.test import Client

from institutions.models import Membership
from reports.filings.models import Draft, Filing
from reports.schemes.content import DATA, content_from_folder
from reports.schemes.loading import load_content
from tests.factories.filings import a_filing, accepted_filing, fill, open_round
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.reports.filings.test_views_pages import address
from tests.reports.filings.test_views_saving import save, stored, whole

Acting = Callable[[Membership], Client]
MONEY, COUNT, SHARE, AREA = "W211", "W201", "W411", "W101"
MOST = "999,999,999,999"


@pytest.fixture
def filing(world: Province) -> Filing:
    """Due, under a version of the scheme in which an area (W101) has two decimals; the figures of jc2023 are whole."""
    content = content_from_folder(DATA / "jc2023")
    content["scheme"] |= {"version": "99"}
    content["indicators"] = [
        row | {"dtype": "decimal(14,2)"} if row["code"] == AREA else row for row in content["indicators"]
    ]
    return a_filing(open_round(world, scheme=load_content(content, publish=True)), world.a)


@pytest.fixture
def clerk(world: Province, filing: Filing, acting: Acting) -> Client:
    return acting(world.filer_a)


def line_of(page: str, key: str) -> str:
    """The row of the table that holds the cell."""
    row = page[page.index(f'data-key="{key}"') :]
    return row[: row.index("</tr>")]


#: row → (cell, typed, stored, shown)
READ: dict[str, list[tuple[str, str, str | None, str]]] = {
    "N1": [(AREA, "1,234.56", "1234.56", "1,234.56")],
    "N2": [(COUNT, "1，234", "1234", "1,234"), (COUNT, "１，２３４", "1234", "1,234")],
    "N3": [(COUNT, "１２３４", "1234", "1,234")],
    "N4": [(AREA, "１２３．４５", "123.45", "123.45")],
    "N9": [(COUNT, "-0", "0", "0"), (AREA, "-0.00", "0.00", "0.00")],
    "N18": [(COUNT, "0", "0", "0"), (COUNT, "", None, ""), (COUNT, "-", "n/a", "不适用"), (COUNT, "无", "n/a", "不适用")],
    "N20": [(COUNT, "007", "7", "7"), (COUNT, "+5", "5", "5"), (AREA, ".5", "0.50", "0.50"), (COUNT, "1.", "1", "1")],
    "N21": [(COUNT, f"{sign}12{sign}", "12", "12") for sign in "\u200b\ufeff\u00a0\u3000"],
    "N22": [(SHARE, "85%", "85.00", "85.00"), (SHARE, "85", "85.00", "85.00")],
}  # fmt: skip


@pytest.mark.parametrize("row", READ)
def test_a_figure_is_read_and_shown_as_it_was_read(clerk: Client, filing: Filing, row: str):
    for cell, typed, kept, shown in READ[row]:
        version = save(clerk, filing, "JC05", **{cell: "9"})["version"]
        answer = save(clerk, filing, "JC05", version, **{cell: typed})
        assert answer["refused"] == {}
        assert answer["cells"][cell]["text"] == shown
        assert stored(filing, "JC05").get(cell) == kept
    assert f'value="{shown}"' in line_of(clerk.get(address("table-edit", filing, "JC05")).content.decode(), cell)


NOT_DIGITS = "“{}”不是用0至9的数字填写的。"
SEPARATORS = "“{}”的千分位位置不对。请去掉逗号，或每三位一个逗号。"
SCIENTIFIC = "“{}”是科学计数法，请用普通数字填写。"
NO_NUMBER = "“{}”不是数字。"

#: row → (cell, typed, the sentence beside the cell, offered)
REFUSED: dict[str, list[tuple[str, str, str, str | None]]] = {
    "N1": [(COUNT, "1,234.56", "“1,234.56”应为整数。", None)],
    "N5": [(COUNT, "1,2,3", SEPARATORS, None), (COUNT, "12,34", SEPARATORS, None)],
    "N6": [(COUNT, "1_000", "“1_000”含有下划线，请只填数字。", None)],
    "N7": [(COUNT, "٣٤", NOT_DIGITS, None), (COUNT, "१२", NOT_DIGITS, None)],
    "N8": [(COUNT, "-5", "“-5”是负数，此项不能为负。", None)],
    "N10": [(COUNT, "1e3", SCIENTIFIC, None), (COUNT, "1E+5", SCIENTIFIC, None), (AREA, "1e3", SCIENTIFIC, None)],
    "N11": [(COUNT, "1e999", SCIENTIFIC, None), (AREA, "1e999999999999", SCIENTIFIC, None)],
    "N12": [(cell, typed, NO_NUMBER, None) for cell in (COUNT, AREA) for typed in ("NaN", "Infinity", "sNaN", "-inf")],
    "N13": [(COUNT, "9" * 400, f"“{'9' * 39}…”位数过多，最大可填{MOST}。", None)],
    "N14": [(COUNT, "9999999999999", f"“9999999999999”过大，最大可填{MOST}。", None)],
    "N15": [(AREA, "1.005", "“1.005”超过2位小数。请自行取舍，系统不作四舍五入。", None)],
    "N16": [
        (MONEY, "12万元", "单位是千元，请只填数字。“12万元”应填120。", "120"),
        (MONEY, "￥100", "单位是千元，请只填数字，不要带货币符号：“￥100”。", None),
        (MONEY, "3.5亿", "单位是千元，请只填数字。“3.5亿”应填350000。", "350000"),
    ],
    "N19": [
        (COUNT, "½", NOT_DIGITS, None),
        (COUNT, "²", NOT_DIGITS, None),
        (COUNT, "一百", "“一百”是汉字数字，请用0至9的数字填写。", None),
    ],
    "N22": [(SHARE, "120", "“120”过大，最大可填100。", None)],
    "N24": [(COUNT, "12.5", "“12.5”应为整数。", None)],
    "N25": [(COUNT, "612\n438\n164", "“612 438 164”是把多个单元格粘进了一格。请点中该列第一格再粘贴，数据会依次填入下面各格。", None)],
}  # fmt: skip


@pytest.mark.parametrize("row", REFUSED)
def test_a_figure_is_refused_in_chinese_and_stays_as_it_was_typed(clerk: Client, filing: Filing, row: str):
    version = save(clerk, filing, "JC05", **{cell: "8" for cell, *_rest in REFUSED[row]})["version"]
    before = stored(filing, "JC05")
    for cell, typed, reason, offer in REFUSED[row]:
        sentence = reason.format(typed)
        answer = save(clerk, filing, "JC05", version, **{cell: typed})
        assert answer["refused"][cell]["reason"] == sentence
        assert answer["refused"][cell]["offer"] == (offer or "")
        assert stored(filing, "JC05") == before
        assert Draft.objects.get(filing=filing, table="JC05").unread[cell] == typed
        assert cell in answer["findings"]
        version = answer["version"]
    save(clerk, filing, "JC05", version, **{cell: "8"})
    page = whole(clerk, filing, "JC05", W502="4", **{cell: typed})
    assert page.status_code == 422
    line = line_of(page.content.decode(), cell)
    assert escape(sentence, quote=False) in line
    assert f'value="{typed}"' in line
    assert 'aria-invalid="true"' in line
    assert "data-wrong" in line
    assert stored(filing, "JC05") == before | {"W502": "4"}


def test_n22_a_share_below_one_is_asked_about(clerk: Client, filing: Filing):
    answer = save(clerk, filing, "JC05", W411="0.85")
    assert answer["cells"][SHARE]["hint"] == "0.85按0.85%读取。如果是85%，请填85。"
    page = clerk.get(address("table-edit", filing, "JC05")).content.decode()
    assert '<span class="zb-unit">%' in line_of(page, SHARE) or ">%<" in line_of(page, SHARE)


def test_n17_a_figure_in_yuan_is_asked_about_and_mended_with_one_press(world: Province, filing: Filing, acting: Acting):
    last = accepted_filing(open_round(world, period="2022"), world.a)
    filing.previous = last
    filing.save(update_fields=["previous"])
    cells = valid_cells(world.a)
    before = int(cells["JC05"][MONEY])
    clerk = acting(world.filer_a)
    fill(filing, world.filer_a, cells)
    answer = save(clerk, filing, "JC05", 1, **{MONEY: str(before * 1000)})
    assert "本年4,000,000，约为上年4,000的1,000倍，疑似计量单位错误（元、千元、万元）" in answer["findings"]
    assert stored(filing, "JC05")[MONEY] == str(before * 1000)
    panel = clerk.get(address("table-edit", filing, "JC05")).context["panel"]
    (offer,) = [offer for item in panel.verify if item.code == "K101" for offer in item.offers]
    assert offer.cells == ((MONEY, "4000"),)
    mended = save(clerk, filing, "JC05", offer.seen, **dict(offer.cells))
    assert "K101" not in mended["findings"]
    assert stored(filing, "JC05")[MONEY] == "4000"


#: row → (table, cells, what the findings say)
FOUND: dict[str, list[tuple[str, dict[str, str], str]]] = {
    "N23": [
        ("JC05", {"W204": "121"}, "单价50万元及以上（W204）121，大于仪器设备台套数（W201）120，多1。"),
        ("JC05", {"W203": "20"}, "国产与进口台套数之和（W202+W203）为130，仪器设备台套数（W201）为120，相差10。"),
    ],
    "N26": [
        ("JC01", {"A301": "0"}, "营业收入（E201）8,000、期末从业人员（A301）0、报告总数（W301）9,000不应一方为0。"),
        ("JC05", {"W301": "0"}, "营业收入（E201）8,000、期末从业人员（A301）25、报告总数（W301）0不应一方为0。"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("row", FOUND)
def test_figures_that_do_not_fit_each_other_are_found_with_both_values(
    world: Province, clerk: Client, filing: Filing, row: str
):
    for table, change, words in FOUND[row]:
        fill(filing, world.filer_a, valid_cells(world.a))
        answer = save(clerk, filing, table, 1, **change)
        assert words in answer["findings"]
        assert stored(filing, table) | change == stored(filing, table)
        assert words in clerk.get(address("finding-list", filing)).content.decode()
