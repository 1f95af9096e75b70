"""The sum checks of a table for static/js/grid-tools.js, which adds up while somebody types; the server judges when it saves.

Only checks that compare a sum of cells of the same table with one cell or a number are told; one under a condition comes
with the condition, and is left out where the page could not judge that. For a repeating table the columns are added up
against a figure of another table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.safestring import SafeString, mark_safe

from reports.filings.conditions import NotTold, Teller
from reports.schemes.definition import INFO, Check, TableDefinition
from reports.schemes.env import Env
from reports.schemes.language import tree
from reports.schemes.language.parser import parse

SIGNS = ("=", "<=")
SAFE = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@dataclass(frozen=True, slots=True)
class _Made:
    """The sums of one table as JSON, and the codes of cells elsewhere that their conditions name."""

    table: TableDefinition
    text: str
    elsewhere: tuple[str, ...]


_made: dict[int, _Made] = {}


def sums_script(table: TableDefinition, env: Env) -> SafeString:
    """The element that the script reads; made once for each definition held in memory, but for repeating tables."""
    if table.repeating:
        return _element(_json(_columns(table, env)), {})
    held = _made.get(id(table))
    if held is None or held.table is not table:
        if len(_made) > 200:
            _made.clear()
        held = _made[id(table)] = _make(table)
    return _element(held.text, {code: _value(env, code) for code in held.elsewhere})


def _make(table: TableDefinition) -> _Made:
    elsewhere: set[str] = set()
    found = []
    for check in _checks(table):
        try:
            told = _sum(table, check, elsewhere)
        except NotTold:
            continue
        if told:
            found.append(told)
    return _Made(table, _json(found), tuple(sorted(elsewhere)))


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).translate(SAFE)


def _element(sums: str, elsewhere: Mapping[str, Any]) -> SafeString:
    text = f'{{"sums": {sums}, "elsewhere": {_json(elsewhere)}}}'
    return mark_safe(f'<script id="grid-sums" type="application/json">{text}</script>')  # noqa: S308 - escaped as json_script does


def _checks(table: TableDefinition) -> list[Check]:
    checks = table.scheme.checks if table.scheme else ()
    return [one for one in checks if one.severity != INFO and one.expression and not one.each and not one.per_row]


def _split(check: Check) -> tuple[list[tree.Node], tree.Node]:
    """(conditions, what is compared under them)."""
    conditions = [parse(check.when)] if check.when else []
    node = parse(check.expression)
    while isinstance(node, tree.Logic) and node.word == "implies":
        conditions.append(node.parts[0])
        node = node.parts[1]
    return conditions, node


def _compared(node: tree.Node) -> tuple[str, tree.Node, tree.Node, Decimal] | None:
    """(sign, sum, whole, slack) of a comparison with one item or number on a side; None for anything else."""
    if not isinstance(node, tree.Compare) or node.sign not in SIGNS:
        return None
    slack = node.within.value if isinstance(node.within, tree.Literal) else Decimal(0)
    parts, whole = node.left, node.right
    if node.sign == "=" and isinstance(parts, tree.Name) and not isinstance(whole, tree.Literal):
        parts, whole = whole, parts
    return (node.sign, parts, whole, slack) if isinstance(slack, Decimal) else None


def _sum(table: TableDefinition, check: Check, elsewhere: set[str]) -> dict[str, Any] | None:
    """Raises NotTold where the condition cannot be judged by the page."""
    conditions, node = _split(check)
    compared = _compared(node)
    if compared is None:
        return None
    sign, parts, whole, slack = compared
    terms = _terms(parts)
    names = [code for code, _way in terms] + ([whole.name] if isinstance(whole, tree.Name) else [])
    number = whole.value if isinstance(whole, tree.Literal) else None
    if len(terms) < 2 or any(code not in table.by_code or not table.by_code[code].numeric for code in names):
        return None
    if not isinstance(whole, tree.Name) and not isinstance(number, Decimal):
        return None
    total = whole.name if isinstance(whole, tree.Name) else None
    teller = Teller(table)
    when = ["and", *map(teller.condition, conditions)] if conditions else None
    elsewhere |= teller.elsewhere
    return ({"when": when} if when else {}) | {
        "code": check.key,
        "sign": sign,
        "parts": terms,
        "total": total,
        "constant": float(number) if isinstance(number, Decimal) else None,
        "within": float(slack),
        "last": terms[-1][0],
    }


def _terms(node: tree.Node) -> list[tuple[str, int]]:
    """[(code, 1 or -1)] of a sum of items; empty for anything else."""
    if not isinstance(node, tree.Sum) or not all(isinstance(term, tree.Name) for _sign, term in node.terms):
        return []
    return [(term.name, 1 if sign == "+" else -1) for sign, term in node.terms if isinstance(term, tree.Name)]


def _columns(table: TableDefinition, env: Env) -> list[dict[str, Any]]:
    """Columns of a repeating table that a check adds up, beside the figure they must come to."""
    found = []
    for check in _checks(table):
        conditions, node = _split(check)
        compared = None if conditions else _compared(node)
        if compared is None:
            continue
        sign, parts, whole, slack = compared
        item = table.by_code.get(_column(parts))
        if item is None or not isinstance(whole, tree.Name):
            continue
        found.append(
            {
                "code": check.key,
                "rows": True,
                "sign": sign,
                "parts": [(item.code, 1)],
                "total": None,
                "constant": _figure(env, whole.name),
                "within": float(slack),
                "last": item.code,
                "label": f"{item.code} {item.name()}",
            }
        )
    return found


def _column(node: tree.Node) -> str:
    if isinstance(node, tree.Call) and node.function == "sum" and len(node.arguments) == 1:
        argument = node.arguments[0]
        return argument.name if isinstance(argument, tree.Name) else ""
    return ""


def _value(env: Env, code: str) -> Any:
    """What stands in a cell that is not on the page, as the page would read it there."""
    value = env.single.get(code)
    return "1" if value is True else "0" if value is False else float(value) if isinstance(value, Decimal) else value


def _figure(env: Env, code: str) -> float | None:
    item = env.scheme.indicator_by_code.get(code)
    if item is None:
        return None
    value = env.formula(code) if item.computed else env.single.get(code)
    return float(value) if isinstance(value, Decimal) else None
