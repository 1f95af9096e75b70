import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.schemes.checking import Cells, Env
from reports.schemes.content import bundled
from reports.schemes.language import Kind, LanguageError, Symbol, Symbols, Type, compile_expression
from reports.schemes.language.parser import parse
from tests.reports.schemes.filing import changed

SCHEME = bundled()
NAMES = {
    item.code: Symbol(
        {"int": Type(Kind.NUMBER), "bool": Type(Kind.BOOL), "date": Type(Kind.DATE), "yyyymm": Type(Kind.DATE)}.get(
            item.dtype,
            Type(Kind.SET)
            if item.dtype == "multi"
            else Type(Kind.TEXT, frozenset(option.code for option in item.options) or None),
        ),
        item.table if item.repeating else None,
    )
    for item in SCHEME.indicator_by_code.values()
    if not item.computed
}
SYMBOLS = Symbols(
    NAMES | {"year_end": Symbol(Type(Kind.DATE), source="fact")},
    frozenset(SCHEME.table_by_code),
    frozenset(SCHEME.lists),
)


def answer(expression: str, change: dict | None = None, previous: dict | None = None) -> object:
    before = changed(previous) if previous is not None else None
    env = Env(SCHEME, changed(change or {}), before)
    return compile_expression(expression, SYMBOLS).run(env, None)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("A301 + 1 = 26", True),
        ("2 + 3 * 4 = 14", True),
        ("(2 + 3) * 4 = 20", True),
        ("10 - 3 - 2 = 5", True),
        ("12 / 3 / 2 = 2", True),
        ("-A301 = -25", True),
        ("1 / 3 * 3 = 1 within 0.001", True),
        ("not A301 = 25", False),
        ("A301 = 25 or A302 = 0 and A302 = 0", True),
        ("A301 = 0 implies A302 = 0 implies A302 = 0", True),
        ("A301 = 25 iff A302 = 11", True),
        ("A301 between 25 and 25", True),
        ("A301 ≥ 25 and A302 ≠ 0 and A301 × 2 ＝ 50".replace("＝", "="), True),
        ('A201 in ("10", "20")', True),
        ('A201 not in ("10", "20")', False),
        ('if A201 = "10" then 1 else 2', 1),
        ("sum(C107)", 1200),
        ("max(C107) - min(C107)", 400),
        ("count(C106)", 1),
        ("count(C107 > 100)", 2),
        ("all(C107 > 400)", False),
        ("any(C107 > 400)", True),
        ("unique(C103)", True),
        ('rows("JC01-2")', 2),
        ("max(A301, A302, 3)", 25),
        ("coalesce(A104, A102)", "福州晨光检测技术有限公司"),
        ("year(A109)", 2015),
        ("days(A109, A110)", 274),
        ("year(add_years(year_end, -1))", 2022),
        ('piece("abcdef", 3, 2)', "cd"),
        ('matches("211312050011", "cma_number")', True),
        ('has(union(C109), "05")', True),
        ("round(2.5, 0) + round(-2.5, 0)", 0),
        ('table_filled("JC03")', False),
    ],
)
def test_expression(expression: str, wanted: object) -> None:
    assert answer(expression) == wanted


@pytest.mark.parametrize(
    ("expression", "change", "wanted"),
    [
        ("A301 = 25", {"A301": None}, None),
        ("A303 + A304", {"A304": None}, 22),
        ("A303 + A304", {"A303": None, "A304": None}, None),
        ("A301 - 1", {"A301": None}, None),
        ("A301 * A302", {"A302": None}, None),
        ("A301 / A302", {"A302": "0"}, None),
        ("A301 = 25 and A302 = 11", {"A302": None}, None),
        ("A301 = 24 and A302 = 11", {"A302": None}, False),
        ("A301 = 25 or A302 = 11", {"A302": None}, True),
        ("A301 = 25 implies A302 = 11", {"A301": None}, True),
        ("A301 = 25 implies A302 = 12", {"A301": None}, None),
        ("not A301 = 25", {"A301": None}, None),
        ("filled(A301)", {"A301": None}, False),
        ("blank(A301)", {"A301": "n/a"}, True),
        ("A301 = 0", {"A301": "0"}, True),
        ("if A301 > 0 then 1 else 2", {"A301": None}, 2),
        ("sum(C107)", {"JC01-2.r1.C107": None}, 400),
        ("all(C107 > 300)", {"JC01-2.r1.C107": None}, None),
        ("all(C107 > 400)", {"JC01-2.r1.C107": None}, False),
        ("any(C107 > 400)", {"JC01-2": []}, False),
        ("all(C107 > 400)", {"JC01-2": []}, True),
        ("max(C107)", {"JC01-2": []}, None),
        ("unique(C103)", {"JC01-2.r1.C103": None, "JC01-2.r2.C103": None}, True),
    ],
)
def test_blanks(expression: str, change: dict, wanted: object) -> None:
    assert answer(expression, change) == wanted


def test_last_year() -> None:
    assert answer("A301 / prev(A301)", {"A301": "50"}, previous={}) == 2
    assert answer("prev(sum(C107))", {"JC01-2": []}, previous={}) == 1200
    assert answer("prev(A301)") is None


@pytest.mark.parametrize(
    ("expression", "position", "part"),
    [
        ("A999 = 1", 1, "“A999” is not known"),
        ("A301 + A102", 8, "number is needed here, not text"),
        ("A301 = A102", 8, "cannot be put beside"),
        ('A201 = "11"', 8, "not one of the options"),
        ("A102 < A103", 6, "Only numbers and dates"),
        ("A301 ** 2", 7, "is expected here"),
        ("A301 ^ 2", 6, "is not understood"),
        ("A301 =", 7, "is expected here"),
        ("(A301 = 1", 10, "“)” is expected"),
        ("A301 = 1)", 9, "was not expected"),
        ("A301 == 1", 7, "is expected here"),
        ("foo(A301)", 1, "function “foo” is not known"),
        ("abs(A301, 2)", 1, "takes 1 to 1 arguments; 2 are given"),
        ("sum(A301)", 1, "lines of a repeating table"),
        ("sum(B109 + C107)", 5, "cannot be mixed"),
        ("prev(C107)", 1, "one line of a repeating table"),
        ('rows("JC99")', 1, "table “JC99” is not known"),
        ('matches(A102, ".*")', 1, "pattern “.*” is not known"),
        ('listed(A102, "nothing")', 1, "list “nothing” is not known"),
        ("A301 = empty", 6, "Use blank"),
        ("1e5 = 1", 1, "is not understood"),
        ("__import__(1)", 1, "function “__import__” is not known"),
        ("A301.real", 5, "is not understood"),
        ("sum(C107 * sum(C107 * sum(C107)))", 23, "nested more than twice"),
        ("(" * 40 + "1" + ")" * 40, 26, "nested more than 25"),
        ("not " * 40 + "true", 101, "nested more than 25"),
        ("- " * 40 + "1", 51, "nested more than 25"),
        ("1" * 30, 1, "is not understood"),
        ("A301 = 1 or " * 200 + "A301 = 1", 2000, "at most 2000"),
        ("", 1, "is expected here"),
    ],
)
def test_error_says_what_and_where(expression: str, position: int, part: str) -> None:
    with pytest.raises(LanguageError) as caught, override("en"):
        compile_expression(expression, SYMBOLS)
    with override("en"):
        assert part in str(caught.value)
    assert caught.value.position == position


def test_a_line_of_another_table_is_told_apart() -> None:
    compiled = compile_expression("C107 > 100", SYMBOLS)
    assert compiled.rows_of == "JC01-2"
    assert compiled.run(Env(SCHEME, Cells()), {"C107": 200}) is True


PIECES = st.sampled_from(
    [
        *"()+-*/<>=,",
        " and ",
        " or ",
        " not ",
        " implies ",
        " iff ",
        " in ",
        " between ",
        " if ",
        " then ",
        " else ",
        "A301",
        "C107",
        "A201",
        '"10"',
        "1",
        "0",
        "sum(",
        "prev(",
        "filled(",
        "max(",
        " within ",
        "empty",
        "true",
        "year_end",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join)))
def test_anything_is_read_or_refused_with_a_position(text: str) -> None:
    refused_at, compiled = None, None
    try:
        compiled = compile_expression(text, SYMBOLS)
    except LanguageError as error:
        refused_at = error.position
    if compiled is None:
        assert refused_at is not None
        assert 1 <= refused_at <= len(text) + 1
    elif compiled.rows_of is None:
        compiled.run(Env(SCHEME, changed({})), None)


def test_a_long_flat_expression_is_no_burden() -> None:
    parse(" + ".join(["1"] * 450))
    parse(" * ".join(["1"] * 450))
