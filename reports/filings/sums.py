"""The sum checks of a table for static/js/grid-tools.js, which adds up while somebody types; the server judges when it saves.

Only checks that compare a sum of cells of the same table with one cell or a number, and that hold for every filing
(without a condition), are told. For a repeating table the columns are added up against a figure of another table.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.safestring import SafeString, mark_safe

from reports.schemes.definition import INFO, Check, TableDefinition
from reports.schemes.env import Env
from reports.schemes.language import tree
from reports.schemes.language.parser import parse

SIGNS = ("=", "<=")
SAFE = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
_made: dict[int, tuple[TableDefinition, SafeString]] = {}


def sums_script(table: TableDefinition, env: Env) -> SafeString:
    """The element that the script reads; made once for each definition held in memory, but for repeating tables."""
    if table.repeating:
        return _element(_columns(table, env))
    held = _made.get(id(table))
    if held is None or held[0] is not table:
        if len(_made) > 200:
            _made.clear()
        held = _made[id(table)] = (table, _element([told for check in _checks(table) if (told := _sum(table, check))]))
    return held[1]


def _element(sums: list[dict[str, Any]]) -> SafeString:
    text = json.dumps(sums, cls=DjangoJSONEncoder, ensure_ascii=False).translate(SAFE)
    return mark_safe(f'<script id="grid-sums" type="application/json">{text}</script>')  # noqa: S308 - escaped as json_script does


def _checks(table: TableDefinition) -> list[Check]:
    checks = table.scheme.checks if table.scheme else ()
    return [one for one in checks if one.severity != INFO and one.expression and not one.when and not one.each]


@lru_cache(maxsize=2000)
def _compared(expression: str) -> tuple[str, tree.Node, tree.Node, Decimal] | None:
    """(sign, sum, whole, slack) of a comparison with one item or number on a side; None for anything else."""
    node = parse(expression)
    if not isinstance(node, tree.Compare) or node.sign not in SIGNS:
        return None
    slack = node.within.value if isinstance(node.within, tree.Literal) else Decimal(0)
    parts, whole = node.left, node.right
    if node.sign == "=" and isinstance(parts, tree.Name) and not isinstance(whole, tree.Literal):
        parts, whole = whole, parts
    return (node.sign, parts, whole, slack) if isinstance(slack, Decimal) else None


def _sum(table: TableDefinition, check: Check) -> dict[str, Any] | None:
    compared = _compared(check.expression)
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
    return {
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
        compared = _compared(check.expression)
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


def _figure(env: Env, code: str) -> float | None:
    item = env.scheme.indicator_by_code.get(code)
    if item is None:
        return None
    value = env.formula(code) if item.computed else env.single.get(code)
    return float(value) if isinstance(value, Decimal) else None
