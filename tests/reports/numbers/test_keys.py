"""The compared form of a number: one at a time and a column at once come out the same."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.numbers.keys import key_of, keys_of, may_hold_trouble, trouble_in, trouble_in_new

#: What cells are made of where something else than one number stands in them.
PIECES = (
    "FJ-2023-001", "FJ-2023-002", "12", "002", "2023-10-05", "2023年10月5日", "合计", "共", "份", "总计", "Total", "sum",
    "报告", "编号", "：",
    ":", "No.", "Number", "、", "，", "；", "~", "至", "到", "和", "（", "）", "(", ")", "作废", "已替换", "废", "void",
    "valid", "/", "—", "-", " ",
    "一", "号", "张三", "1", "A",
)  # fmt: skip
CELLS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("FJ-1", "FJ-1"),
        (" fj-1\t", "FJ-1"),
        ("ＦＪ－１", "FJ-1"),
        ("闽检〔2023〕1号", "闽检[2023]1号"),
        ("闽检【2023】1号", "闽检[2023]1号"),
        ("闽检［2023］1号", "闽检[2023]1号"),
        ("（2023）1", "(2023)1"),
        ("\ufeffFJ\u200b-1", "FJ-1"),
        ('="00123"', "00123"),
        (' ="00123" ', "00123"),
        ('\'="00123"', "00123"),
        ("'-5", "-5"),
        ("'＝1+1", "=1+1"),
        (" ＇ @a", "@A"),
        ("''+1", "+1"),
        ("'5", "'5"),
        ("FJ'-5", "FJ'-5"),
        ("00123", "00123"),
        ("A B", "A B"),
        ("\u3000", ""),
    ],
)
def test_key(raw: str, key: str) -> None:
    assert key_of(raw) == key


@given(
    st.lists(
        st.text(alphabet=st.one_of(st.sampled_from("'=\" -@＝\t1"), st.characters(codec="utf-8")), max_size=12),
        min_size=1,
        max_size=20,
    )
)
@example(raws=["'", "=1"])
def test_a_column_at_once_gives_the_same_keys(raws: list[str]) -> None:
    assert keys_of(raws) == [key_of(raw) for raw in raws]


@given(raw=st.text(alphabet=st.sampled_from("'=\"-＝+＋@ \u3000\t1A"), max_size=12))
def test_the_apostrophe_that_keeps_a_sign_from_being_run_is_no_part_of_the_number(raw: str) -> None:
    if raw.lstrip()[:1] in ("-", "=", "＝", "+", "＋", "@"):
        assert key_of(f"'{raw.strip()}") == key_of(raw)


@given(
    st.lists(
        st.one_of(
            st.text(max_size=12), CELLS, st.sampled_from(["#N/A", "TRUE", "1.5E+10", "FJ-1", "FJ-\n1", "FJ\r\n1"])
        ),
        min_size=1,
        max_size=20,
    )
)
def test_the_quick_look_never_misses_trouble(raws: list[str]) -> None:
    keys = [key for key in map(key_of, raws) if key]
    if any(trouble_in_new(key) not in ("", "long") for key in keys):
        assert may_hold_trouble(keys)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\u2028"])
def test_a_line_break_within_a_number_is_trouble(line_break: str) -> None:
    keys = keys_of(["FJ-1", f"FJ-{line_break}2", "FJ-3"])
    assert may_hold_trouble(keys)
    assert [trouble_in(key) for key in keys] == ["", "control", ""]
