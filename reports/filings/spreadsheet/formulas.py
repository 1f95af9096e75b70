"""Simple checks of a scheme as formulas of a spreadsheet: sums and comparisons of figures of one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.schemes.definition import HARD, Check, SchemeDefinition, TableDefinition
from reports.schemes.language.errors import LanguageError
from reports.schemes.language.tokens import Token, tokenise

NEARLY = "0.000001"  # a spreadsheet adds in binary
SIGNS = frozenset("+-*(),") - {","}
COMPARED = ("=", "<=", ">=", "<", ">")


@dataclass(frozen=True, slots=True)
class Alarm:
    """`formula` is true when the check fails; `cells` are to be coloured."""

    check: Check
    formula: str
    cells: tuple[str, ...]


def alarms(scheme: SchemeDefinition, table: TableDefinition, places: Mapping[str, str]) -> list[Alarm]:
    """The checks of the table that a spreadsheet can watch. `places` gives the cell of each code, as $D$12."""
    found = []
    for check in scheme.checks:
        if check.table == table.code and check.severity == HARD and not (check.per_row or check.when):
            formula = _formula(check, places)
            if formula:
                cells = tuple(dict.fromkeys(code for code in check.cells if code in places))
                found.append(Alarm(check, formula, cells))
    return found


def _formula(check: Check, places: Mapping[str, str]) -> str | None:
    """True where every cell is filled with a number and the check does not hold; None when it is not simple enough."""
    try:
        tokens = tokenise(check.expression)[:-1]
    except LanguageError:
        return None
    within = NEARLY
    if len(tokens) > 2 and tokens[-2].text == "within" and tokens[-1].kind == "number":
        within, tokens = tokens[-1].text, tokens[:-2]
    signs = [at for at, token in enumerate(tokens) if token.text in COMPARED]
    if len(signs) != 1:
        return None
    used: dict[str, None] = {}
    left = _side(tokens[: signs[0]], check, places, used)
    right = _side(tokens[signs[0] + 1 :], check, places, used)
    if left is None or right is None or not used:
        return None
    holds = _holds(tokens[signs[0]].text, f"({left})-({right})", within)
    return f"AND(COUNT({','.join(used)})={len(used)},NOT({holds}))"


def _holds(sign: str, gap: str, within: str) -> str:
    if sign == "=":
        return f"ABS({gap})<={within}"
    return f"{gap}{sign[0]}={within}" if sign == "<=" else f"{gap}>=-{within}" if sign == ">=" else f"{gap}{sign}0"


def _side(tokens: list[Token], check: Check, places: Mapping[str, str], used: dict[str, None]) -> str | None:
    parts = []
    for token in tokens:
        if token.kind == "name":
            place = places.get(check.each if token.text == "x" and check.each else token.text)
            if place is None:
                return None
            used[place] = None
            parts.append(place)
        elif token.kind == "number" or token.text in SIGNS:
            parts.append(token.text)
        else:
            return None
    return "".join(parts) or None
