"""What is taken for one report number and what is not, however strange the number."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from reports.filings.models import Filing
from reports.numbers import actions, amending
from reports.numbers.errors import NotTaken
from reports.numbers.keys import key_of, may_hold_trouble, trouble_in, trouble_in_new
from reports.numbers.models import NumberBatch, ReportNumber
from reports.numbers.strays import look_closely, stray_in
from tests.factories.institutions import Province
from tests.reports.numbers.conftest import lines
from tests.reports.numbers.test_keys import CELLS

STRAYS = {
    "no_digit": ("合计", "无", "-", "/", "洪志强", "——", "检验检测报告编号", "N/A", "略"),
    "total": ("共2份", "合计：12", "总计 12 份", "小计3", "共 15 个", "（）共２份"[2:], "Total: 12", "12份"),
    "several": (
        "RC-2023-K001、RC-2023-K002、RC-2023-K003", "1、2", "1001、1002", "RC-2023-K001；RC-2023-K002", "RC-2023-K001;K002",
        "RC-2023-K001，RC-2023-K002", "RC-2023-K001,K002", "RC-2023-11-K001，RC-2023-12-K001", "FJ-2023-001,002",
        "RC-2023-K001和RC-2023-K002", "A1号和A2号",
        "RC-2023-K001 RC-2023-K002", "RC-2023-K001/RC-2023-K002", "闽检〔2023〕1号、2号",
    ),
    "range": (
        "ZC-2023-101~110", "ZC-2023-101～110", "ZC-2023-111至ZC-2023-120", "ZC-2023-111 到 120", "ZC-2023-99~ZC-2023-105",
        "闽检〔2023〕1号至9号", "闽检〔2023〕第1至9号", "第1号至第9号", "FJ-1A至FJ-9A", "闽检字[2023]第1号~闽检字[2023]第9号", "1~3",
    ),
    "label": (
        "报告编号：ZC-2023-130", "编号:ZC-2023-130", "检验检测报告编号 ZC-2023-130", "No.: ZC-2023-130", "NO：2023-1", "Report No. 2023-1",
        "报告号：2023-1", "报告书编号ZC-1", "1、RC-2023-J001", "12、20230001",
    ),
    "state_behind": (
        "ZC-2023-131（作废）", "ZC-2023-131 作废", "ZC-2023-131作废", "ZC-2023-131(已作废)", "ZC-2023-131（替换）", "ZC-2023-131【被替换】",
        "ZC-2023-131(void)", "ZC-2023-131 Replaced", "ZC-2023-131（废）", "ZC-2023-131（有效）",
    ),
    "date_behind": (
        "RC-2023-Z001 2023-10-05", "RC-2023-Z001 2023/10/5", "RC-2023-Z001 2023年10月5日", "RC-2023-Z001（2023-10-05）",
        "RC-2023-Z001 2023.10.05 08:30",
    ),
}  # fmt: skip

NUMBERS = (
    "FJ-2023-000001", "闽检字〔2023〕第0001号", "闽检字（2023）第0001号", "(2023)闽检字第1号", "闽检字第一百零三号",
    "CTI 2023 001", "FJ/2023/001",
    "2023/20230001", "2023-2024-001", "FJ 2023-10-05", "HJ 2023-10-001", "2023-10-05", "FJ2023-001(更1)", "FJ2023-001（更正）", "FJ-1-A/2",
    "至诚检2023-001", "2023至诚001", "和平检2023-001", "和和检2023-001", "FJ2023及001", "FJ2023和平2023", "2023和001号", "共创检2023001",
    "计量检2023-1", "固废检2023-001", "FJ2023-001（固废）",
    "报检2023-001", "报告2023-001", "NOVA-2023-1", "NO2023001", "No.2023-130", "SUM2023001", "TOTAL2023-1", "2,023,001", "2023,001",
    "2023~001", "A~1", "FJ—2023—001",
    "2023号1", "W2023.001", "=1+1", "+5", "@FJ1", "12", "VOIDLAB-1", "GD2023D", "VALID8", "环:2023-1", "A2-B2 (A4)", "FJ2023(A4, B5)",
)  # fmt: skip


@pytest.mark.parametrize(("code", "raw"), [(code, raw) for code, raws in STRAYS.items() for raw in raws])
def test_what_is_not_one_number_is_told_apart(code: str, raw: str) -> None:
    assert trouble_in_new(key_of(raw)) == code
    assert may_hold_trouble([key_of(raw)])


@pytest.mark.parametrize("raw", NUMBERS)
def test_a_strange_number_is_one_all_the_same(raw: str) -> None:
    assert trouble_in_new(key_of(raw)) == ""


@given(CELLS)
@settings(max_examples=500)
def test_a_plain_number_needs_no_closer_look(raw: str) -> None:
    assert stray_in(key_of(raw)) == look_closely(key_of(raw))


@pytest.mark.parametrize("source", ["csv", "jsonl"])
def test_what_is_not_one_number_is_refused_with_the_cure(
    source: str, sent: Callable[..., NumberBatch], filing: Filing
) -> None:
    raws = ["FJ-1", "合计", "共2份", "FJ-2、FJ-3", "FJ-4~9", "编号：FJ-5", "FJ-6（作废）", "FJ-7 2023-10-05", "FJ-8"]
    rows = [json.dumps({"number": raw, "date": "2023-11-05"}) for raw in raws]
    batch = sent(lines(*raws)) if source == "csv" else sent("\n".join(rows), source=NumberBatch.Source.API)
    assert (batch.state, batch.stored, batch.refused) == ("done", 2, 7)
    assert batch.causes == dict.fromkeys(STRAYS, 1)
    assert batch.samples[0] == [3 if source == "csv" else 2, "合计", "no_digit|合计"]
    assert list(ReportNumber.objects.order_by("key").values_list("key", flat=True)) == ["FJ-1", "FJ-8"]


@pytest.mark.parametrize("raw", ["合计", "FJ-2、FJ-3", "FJ-2（作废）"])
def test_a_replacing_number_is_held_to_the_same(
    raw: str, sent: Callable[..., NumberBatch], world: Province, filing: Filing
) -> None:
    sent(lines("FJ-1"))
    given: dict[str, Any] = {
        "number": "FJ-1",
        "issued_on": dt.date(2023, 11, 6),
        "reason": "样品信息有误",
        "by": world.filer_a,
    }
    with pytest.raises(NotTaken) as refused:
        amending.replace_number(institution=world.a, replacement=raw, **given)
    assert raw in str(refused.value.reason)
    assert list(ReportNumber.objects.values_list("key", "state")) == [("FJ-1", ReportNumber.State.VALID)]


@pytest.mark.parametrize("first", ["编号：FJ-1", "FJ-1、FJ-2", "FJ-1 2023-10-05"])
def test_a_range_is_not_made_of_them(first: str) -> None:
    with pytest.raises(NotTaken) as refused:
        actions.expand(first, "9")
    assert first in str(refused.value.reason)


def test_one_that_was_stored_before_is_voided_all_the_same(
    sent: Callable[..., NumberBatch], world: Province, filing: Filing
) -> None:
    sent(lines("FJ-1"))
    ReportNumber.objects.update(key="合计")
    assert trouble_in("合计") == ""
    amending.void_number(institution=world.a, number="合计", reason="误报为编号", by=world.filer_a)
    assert ReportNumber.objects.get().state == ReportNumber.State.VOID
