import datetime as dt
import time

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.schemes.checking import (
    Cells,
    Env,
    Facts,
    applicable_tables,
    derive,
    has_hard,
    progress,
    run_checks,
    stray_tables,
    visible_indicators,
)
from reports.schemes.content import bundled
from tests.factories.filings_data import valid_cells
from tests.reports.schemes.filing import changed, failures

SCHEME = bundled()


def test_one_pass_gives_everything() -> None:
    found = {failure.key for failure in failures({"A107": None, "A301": "26", "E236": "1373", "JC01-2": []})}
    assert found == {"REQ:A107", "K011", "K012", "K013", "K014", "K030:a", "K048"}


def test_an_empty_filing_asks_for_its_tables() -> None:
    found = run_checks(SCHEME, Cells())
    assert {failure.code for failure in found} == {"REQ", "K020", "K030", "K090"}
    assert {failure.table for failure in found} == {"JC01", "JC01-1", "JC01-2", "JC05", "JC05-1"}
    assert has_hard(found)


def test_a_blank_required_cell_is_named_in_both_languages() -> None:
    (failure,) = failures({"E302": None})
    assert (failure.key, failure.severity, failure.cells) == ("REQ:E302", "hard", (("JC02", None, "E302"),))
    assert failure.message("zh") == "“应交增值税”（E302）未填。请填写；没有发生的填0。"
    assert failure.message("en") == "“VAT payable” (E302) is blank. Fill it in; write 0 if there was none."
    (name,) = failures({"A107": None})
    assert name.message("zh") == "“法定代表人（单位负责人）”（A107）未填，请填写。"


def test_not_applicable_is_no_answer_to_a_required_item() -> None:
    (failure,) = failures({"W421": "n/a", "W535": "n/a", "W532": "n/a"})
    assert failure.key == "REQ:W532"
    assert "不能填“不适用”" in failure.message("zh")


def test_a_required_cell_of_a_line_is_told_by_its_line() -> None:
    (failure,) = failures({"JC01-2.r2.C104": None})
    assert (failure.key, failure.cells) == ("REQ:C104@r2", (("JC01-2", "r2", "C104"),))


def test_conditional_items_are_required_only_then() -> None:
    assert {f.key for f in failures({"A213": "1"})} == {"REQ:A214"}
    assert {f.key for f in failures({"A213": "1", "A214": "国家环境检测中心"})} == set()
    assert {f.key for f in failures({"W231": None})} == {"REQ:W231"}


@pytest.mark.parametrize(
    ("change", "key", "part"),
    [
        ({"W421": "三"}, "BAD:W421", "in words"),
        ({"W421": "-1"}, "BAD:W421", "negative"),
        ({"W421": "9999999999999"}, "BAD:W421", "too large"),
        ({"A115": "3500"}, "BAD:A115", "6 digits"),
        ({"C": "x"}, "", ""),
        ({"JC01-1.r2.B112": "7"}, "BAD:B112@r2", "not one of the options"),
        ({"A104": "甲" * 2001}, "BAD:A104", "too long"),
    ],
)
def test_a_stored_cell_that_cannot_be_read(change: dict, key: str, part: str) -> None:
    if not key:
        stranger = valid_cells()
        stranger["JC01"]["Z999"] = "left over from an older scheme"
        assert run_checks(SCHEME, Cells.from_tables(stranger)) == []
        return
    with override("en"):
        (failure,) = failures(change)
        assert failure.key == key
        assert failure.severity == "hard"
        assert part in failure.message("en")


def test_a_readable_but_untidy_stored_cell_is_used() -> None:
    assert failures({"W421": "1,000"}) == []


def test_only_applicable_tables_are_checked() -> None:
    codes = [table.code for table in applicable_tables(SCHEME, changed({}))]
    assert codes == ["JC01", "JC01-1", "JC01-2", "JC02", "JC05", "JC05-1"]
    public = changed({}, 20)
    assert [t.code for t in applicable_tables(SCHEME, public)][3] == "JC03"
    assert {f.key for f in failures({"E101": "9"}, unit_type=20)} == {"K040:d"}
    assert [table.code for table in stray_tables(SCHEME, changed({"E101": "9"}, 20))] == ["JC02"]


def test_lines_are_shown_and_hidden_by_their_condition() -> None:
    table = SCHEME.table("JC01")
    enterprise = {item.code for item in visible_indicators(table, changed({}))}
    public = {item.code for item in visible_indicators(table, changed({}, 20))}
    assert enterprise - public == {"A202", "A203", "A209", "A211", "A212"}
    assert public - enterprise == {"A204", "A205"}
    stale = {item.code for item in visible_indicators(table, changed({"A203": "3"}, 20))}
    assert "A203" in stale, "a line that holds a value never hides"


def test_the_reason_for_another_reviewer_appears_when_it_changed() -> None:
    table, cells = SCHEME.table("JC01"), changed({"A121": "350104"})
    assert "A122" not in {item.code for item in visible_indicators(table, cells)}
    assert "A122" in {item.code for item in visible_indicators(table, cells, previous=changed({}))}


def test_progress_counts_required_cells() -> None:
    assert progress(SCHEME, Cells()) == {
        "JC01": (0, 37),
        "JC01-1": (0, 10),
        "JC01-2": (0, 7),
        "JC05": (0, 31),
        "JC05-1": (0, 4),
    }
    full = progress(SCHEME, changed({}))
    assert all(filled == wanted for filled, wanted in full.values())
    assert full["JC01-1"] == (20, 20)
    assert progress(SCHEME, changed({"E302": None}))["JC02"] == (23, 24)


def test_derived_values() -> None:
    derived = derive(SCHEME, changed({}), changed({"E201": "7000"}))
    assert {code: derived[code] for code in ("A218", "A219", "E304")} == {"A218": "S", "A219": "0", "E304": "7000"}
    assert {code: value for code, value in derived.items() if code[0] == "X"} == {
        "X001": "8000",
        "X002": "7600",
        "X003": "320",
        "X004": "8000",
        "X005": "888.89",
        "X006": "9000",
        "X007": "25",
        "X008": "4970",
        "X009": "25",
        "X010": "25",
    }
    public = derive(SCHEME, changed({}, 20))
    assert (public["X001"], public["X002"], "X008" in public) == ("9000", "7600", False)
    assert derive(SCHEME, changed({"E001": "2"}))["X001"] == "7600"


@pytest.mark.parametrize(
    ("persons", "size"), [("300", "L"), ("299", "M"), ("100", "M"), ("99", "S"), ("10", "S"), ("9", "X"), ("0", "X")]
)
def test_size_classes(persons: str, size: str) -> None:
    assert derive(SCHEME, Cells({"A301": persons}))["A218"] == size


@pytest.mark.parametrize(("revenue", "flag"), [("9999", "0"), ("10000", "1")])
def test_above_designated_size(revenue: str, flag: str) -> None:
    assert derive(SCHEME, Cells({"A201": "10", "E201": revenue}))["A219"] == flag


def test_nothing_filled_derives_nothing() -> None:
    assert derive(SCHEME, Cells()) == {}


def test_checks_of_report_numbers_and_annual_report_wait_for_their_round() -> None:
    quarter = Cells({"Q101": "2024", "Q102": "1", "Q103": "0"}, {"RN": []})
    assert run_checks(SCHEME, changed({})) == []
    assert {f.key for f in run_checks(SCHEME, quarter, kind="numbers")} == {"REQ:Q104"}
    said_no = Cells({**quarter.single, "Q104": "0"})
    assert {f.key for f in run_checks(SCHEME, said_no, kind="numbers")} == {"K115:a"}
    facts = Facts.for_year(2024, unique_numbers=90, same_quarter_last_year=30, in_upload_window=False)
    many = Cells({**quarter.single, "Q103": "100", "Q105": "f1"})
    assert {f.key for f in run_checks(SCHEME, many, facts=facts, kind="numbers")} == {"K113", "K115:b", "K116"}


def test_checks_of_single_report_numbers() -> None:
    facts = Facts.for_year(
        2024,
        quarter_start=dt.date(2024, 1, 1),
        quarter_end=dt.date(2024, 3, 31),
        registered_certificates=frozenset({"211312050011"}),
        certificate_periods={"211312050011": (dt.date(2021, 3, 15), dt.date(2027, 3, 14))},
        today=dt.date(2024, 4, 2),
    )
    line = {"id": "1", "N101": "A-1", "N102": "2024-02-01", "N103": "211312050011", "N108": "1"}

    def found(*lines: dict) -> set[str]:
        batch = Cells({"Q101": "2024", "Q102": "1", "Q103": "1", "Q105": "f"}, {"RN": list(lines)})
        return {failure.key for failure in run_checks(SCHEME, batch, facts=facts, kind="numbers")}

    assert found(line) == set()
    assert found(line, {**line, "id": "2"}) == {"K110:b"}
    assert found({**line, "N102": "2024-04-01"}) == {"K111@1"}
    assert found({**line, "N103": "221312050099"}) == {"K112@1"}
    assert found({**line, "N101": "A\x85B"}) == {"K110:a@1"}


def test_checks_of_the_annual_report() -> None:
    cells = Cells({"R504": "1", "R901": "f", "R206": "5", "R302": "1", "R303": "2", "R305": "1", "R306": "2"})
    found = run_checks(SCHEME, cells, facts=Facts.for_year(2023, statistics_current=False), kind="report")
    assert {f.key for f in found if f.code != "REQ"} == {"K120:a", "K120:b", "K121:a", "K121:b", "K122"}


def test_the_figures_vector_is_stable() -> None:
    assert len(SCHEME.figures) == 160
    assert SCHEME.figures[:3] == ("A301", "A302", "A303")
    assert SCHEME.figures[-1] == "W541"
    assert not {"E304", "A218", "C107", "X001"} & set(SCHEME.figures)


def test_all_checks_of_a_full_filing_are_fast() -> None:
    cells, previous = changed({}), changed({"A301": "24"})
    run_checks(SCHEME, cells, previous)
    best = min(_seconds(cells, previous) for _attempt in range(5))
    assert best < 0.02


def _seconds(cells: Cells, previous: Cells) -> float:
    start = time.perf_counter()
    run_checks(SCHEME, cells, previous)
    return time.perf_counter() - start


def test_one_environment_serves_every_question() -> None:
    env = Env(SCHEME, changed({}))
    assert run_checks(SCHEME, env) == run_checks(SCHEME, changed({}))
    assert progress(SCHEME, env) == progress(SCHEME, changed({}))
    assert derive(SCHEME, env) == derive(SCHEME, changed({}))


CODES = st.sampled_from(
    [*SCHEME.indicator_by_code, "JC01-1.r1.B102", "JC01-1.r1.B105", "JC05-1.r2.D101", "JC05-1.r2.D103"]
)
STORED = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(
        ["0", "-1", "999999999999", "10", "1,000", "n/a", "2024-02-30", "2023-05", "9999-12-31", "03,99", "1"]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(CODES, STORED, max_size=6), st.dictionaries(CODES, STORED, max_size=3))
def test_whatever_stands_in_the_cells_is_told_and_never_breaks(change: dict, before: dict) -> None:
    repeating = {code for code in change | before if "." not in code and SCHEME.indicator(code).repeating}
    now, then = ({code: text for code, text in part.items() if code not in repeating} for part in (change, before))
    for failure in failures(now, previous=then):
        assert failure.cells
        assert failure.message("zh")
        assert failure.message("en")
        assert len(failure.key) <= 80
