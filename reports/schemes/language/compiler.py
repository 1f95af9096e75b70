"""Trees to closures. One walk checks names and types and builds the function that answers.

A closure takes the values of a filing (`env`) and the row in hand, or None. Three-valued logic:
None is *blank* for a value and *does not apply* for a condition.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from . import tree
from .errors import LanguageError
from .kinds import BOOL, EMPTY, NUMBER, TEXT, Kind, Type
from .parser import parse

Run = Callable[[Any, Any], Any]
ORDERED = (Kind.NUMBER, Kind.DATE)
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Symbol:
    """A name an expression may use. `rows_of` is the repeating table whose lines hold it."""

    type: Type
    rows_of: str | None = None
    source: str = "cell"  # cell, formula or fact


@dataclass(frozen=True)
class Symbols:
    names: Mapping[str, Symbol]
    tables: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)  # "x" → the item of a check for each


@dataclass(frozen=True)
class Compiled:
    """`sides` answers the two values of the comparison that decides, for the message."""

    type: Type
    run: Run
    names: frozenset[str] = frozenset()
    rows_of: str | None = None
    sides: Callable[[Any, Any], tuple[Any, Any] | None] | None = None


def compile_expression(source: str, symbols: Symbols, want: Kind | None = None) -> Compiled:
    """Raises LanguageError, also when the result is not of the kind wanted."""
    node = parse(source)
    compiled = _Compiler(symbols).compile(node)
    if want is not None and compiled.type.kind is not want:
        raise LanguageError(
            _("The expression gives a value of kind %(found)s; %(wanted)s is needed.")
            % {"found": compiled.type, "wanted": want.word},
            node.position,
        )
    return compiled


def compile_condition(node: tree.Node, symbols: Symbols) -> Compiled:
    """A part of an expression that was compiled as a whole before."""
    return _Compiler(symbols).need(node, Kind.BOOL)


class _Compiler:
    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols
        self.lines_depth = 0
        self._done: dict[int, Compiled] = {}

    def compile(self, node: tree.Node) -> Compiled:
        """Once a node, however often it is asked for: nesting must not multiply the work."""
        if id(node) not in self._done:
            build: Callable[[Any], Compiled] = getattr(self, f"compile_{type(node).__name__.lower()}")
            self._done[id(node)] = build(node)
        return self._done[id(node)]

    def need(self, node: tree.Node, *kinds: Kind) -> Compiled:
        compiled = self.compile(node)
        if compiled.type.kind not in kinds:
            raise LanguageError(
                _("A value of kind %(wanted)s is needed here, not %(found)s.")
                % {"wanted": " / ".join(kind.word for kind in kinds), "found": compiled.type},
                node.position,
            )
        return compiled

    def together(self, node: tree.Node, parts: Iterable[Compiled], type_: Type, run: Run, **more: Any) -> Compiled:
        """A result made of parts; lines of two different tables cannot meet in one expression."""
        parts = tuple(parts)
        tables = {part.rows_of for part in parts if part.rows_of}
        if len(tables) > 1:
            raise LanguageError(
                _("Lines of the tables %(tables)s cannot be mixed; add them up first.")
                % {"tables": ", ".join(sorted(tables))},
                node.position,
            )
        names = frozenset[str]().union(*(part.names for part in parts))
        return Compiled(type_, run, names, more.pop("rows_of", next(iter(tables), None)), **more)

    # -- values -----------------------------------------------------------------------------

    def compile_literal(self, node: tree.Literal) -> Compiled:
        value = node.value
        if value is None:
            return Compiled(EMPTY, lambda env, row: None)
        kind = BOOL if isinstance(value, bool) else TEXT if isinstance(value, str) else NUMBER
        return Compiled(kind, lambda env, row: value)

    def compile_name(self, node: tree.Name) -> Compiled:
        name = self.symbols.aliases.get(node.name, node.name)
        symbol = self.symbols.names.get(name)
        if symbol is None:
            raise LanguageError(_("The name “%(name)s” is not known.") % {"name": name}, node.position)
        run: Run
        if symbol.source == "fact":
            run = lambda env, row: env.fact(name)  # noqa: E731
        elif symbol.source == "formula":
            run = lambda env, row: env.formula(name)  # noqa: E731
        elif symbol.rows_of:
            run = lambda env, row: row.get(name)  # noqa: E731
        else:
            run = lambda env, row: env.single.get(name)  # noqa: E731
        return Compiled(symbol.type, run, frozenset({name}), symbol.rows_of)

    def compile_negative(self, node: tree.Negative) -> Compiled:
        part = self.need(node.operand, Kind.NUMBER)
        run = part.run

        def negate(env: Any, row: Any) -> Any:
            value = run(env, row)
            return None if value is None else -value

        return self.together(node, [part], NUMBER, negate)

    def compile_sum(self, node: tree.Sum) -> Compiled:
        parts = [self.need(term, Kind.NUMBER) for _sign, term in node.terms]
        signed = [
            (sign == "-", part.run, bool(part.names)) for (sign, _term), part in zip(node.terms, parts, strict=True)
        ]

        def add(env: Any, row: Any) -> Any:
            """Blanks count as 0 once a term that is not a constant is filled."""
            total, filled = Decimal(0), False
            for minus, run, varies in signed:
                value = run(env, row)
                if value is not None:
                    total += -value if minus else value
                    filled = filled or varies
            return total if filled or not any(varies for _minus, _run, varies in signed) else None

        return self.together(node, parts, NUMBER, add)

    def compile_product(self, node: tree.Product) -> Compiled:
        first = self.need(node.first, Kind.NUMBER)
        rest = [(sign == "/", self.need(part, Kind.NUMBER)) for sign, part in node.rest]

        def multiply(env: Any, row: Any) -> Any:
            total = first.run(env, row)
            for divide, part in rest:
                value = part.run(env, row)
                if total is None or value is None or (divide and value == 0):
                    return None
                total = total / value if divide else total * value
            return total

        return self.together(node, [first, *(part for _divide, part in rest)], NUMBER, multiply)

    def compile_if(self, node: tree.If) -> Compiled:
        condition = self.need(node.condition, Kind.BOOL)
        then, otherwise = self.alike(node.then, node.otherwise)

        def choose(env: Any, row: Any) -> Any:
            return (then if condition.run(env, row) else otherwise).run(env, row)

        type_ = otherwise.type if then.type == EMPTY else then.type
        return self.together(node, [condition, then, otherwise], type_, choose)

    # -- conditions -------------------------------------------------------------------------

    def alike(self, left_node: tree.Node, right_node: tree.Node) -> tuple[Compiled, Compiled]:
        """Two values that may stand beside each other: same kind, literals from the code list."""
        left, right = self.compile(left_node), self.compile(right_node)
        if EMPTY not in (left.type, right.type) and left.type.kind is not right.type.kind:
            raise LanguageError(
                _("A value of kind %(left)s cannot be put beside one of kind %(right)s.")
                % {"left": left.type, "right": right.type},
                right_node.position,
            )
        self.check_option(left.type, right_node)
        self.check_option(right.type, left_node)
        return left, right

    def check_option(self, type_: Type, node: tree.Node) -> None:
        if type_.options is None or not isinstance(node, tree.Literal) or not isinstance(node.value, str):
            return
        if node.value not in type_.options:
            raise LanguageError(
                _("“%(code)s” is not one of the options of the item.") % {"code": node.value}, node.position
            )

    def compile_compare(self, node: tree.Compare) -> Compiled:
        left, right = self.alike(node.left, node.right)
        if EMPTY in (left.type, right.type):
            raise LanguageError(_("Use blank(…) or filled(…) instead of comparing with empty."), node.position)
        if node.sign not in ("=", "!=") and left.type.kind not in ORDERED:
            raise LanguageError(_("Only numbers and dates can be larger or smaller."), node.position)
        parts, slack = [left, right], None
        if node.within is not None:
            if left.type.kind is not Kind.NUMBER:
                raise LanguageError(_("“within” is for numbers."), node.position)
            slack = self.need(node.within, Kind.NUMBER)
            parts.append(slack)
        test, get_left, get_right = SIGNS[node.sign], left.run, right.run

        def compare(env: Any, row: Any) -> bool | None:
            one = get_left(env, row)
            if one is None:
                return None
            two = get_right(env, row)
            if two is None:
                return None
            if slack is not None:
                room = slack.run(env, row)
                return None if room is None else bool(abs(one - two) <= room)
            return test(one, two)

        return self.together(
            node,
            parts,
            BOOL,
            compare,
            sides=lambda env, row: (get_left(env, row), get_right(env, row)),
        )

    def compile_between(self, node: tree.Between) -> Compiled:
        value, low = self.alike(node.value, node.low)
        _value, high = self.alike(node.value, node.high)
        if value.type.kind not in ORDERED:
            raise LanguageError(_("Only numbers and dates can be larger or smaller."), node.position)

        def between(env: Any, row: Any) -> bool | None:
            found, least, most = value.run(env, row), low.run(env, row), high.run(env, row)
            return None if None in (found, least, most) else bool(least <= found <= most)

        def sides(env: Any, row: Any) -> tuple[Any, Any]:
            found, least = value.run(env, row), low.run(env, row)
            too_small = found is not None and least is not None and found < least
            return found, least if too_small else high.run(env, row)

        return self.together(node, [value, low, high], BOOL, between, sides=sides)

    def compile_among(self, node: tree.Among) -> Compiled:
        if not node.choices:
            raise LanguageError(_("The list is empty."), node.position)
        pairs = [self.alike(node.value, choice) for choice in node.choices]
        value, choices = pairs[0][0], [choice for _value, choice in pairs]
        negated = node.negated

        def among(env: Any, row: Any) -> bool | None:
            found = value.run(env, row)
            if found is None:
                return None
            return any(found == choice.run(env, row) for choice in choices) is not negated

        return self.together(node, [value, *choices], BOOL, among)

    def compile_not(self, node: tree.Not) -> Compiled:
        part = self.need(node.operand, Kind.BOOL)

        def negate(env: Any, row: Any) -> bool | None:
            value = part.run(env, row)
            return None if value is None else not value

        return self.together(node, [part], BOOL, negate, sides=part.sides)

    def compile_logic(self, node: tree.Logic) -> Compiled:
        parts = [self.need(part, Kind.BOOL) for part in node.parts]
        run, sides = LOGIC[node.word](parts)
        return self.together(node, parts, BOOL, run, sides=sides)

    def compile_call(self, node: tree.Call) -> Compiled:
        from .calls import compile_call  # the functions that look at a filing need this compiler

        return compile_call(self, node)


def _and(parts: list[Compiled]) -> tuple[Run, Any]:
    def run(env: Any, row: Any) -> bool | None:
        answer: bool | None = True
        for part in parts:
            value = part.run(env, row)
            if value is False:
                return False
            if value is None:
                answer = None
        return answer

    def sides(env: Any, row: Any) -> Any:
        for part in parts:
            if part.run(env, row) is False:
                return part.sides(env, row) if part.sides else None
        return None

    return run, sides


def _or(parts: list[Compiled]) -> tuple[Run, Any]:
    def run(env: Any, row: Any) -> bool | None:
        answer: bool | None = False
        for part in parts:
            value = part.run(env, row)
            if value is True:
                return True
            if value is None:
                answer = None
        return answer

    return run, next((part.sides for part in parts if part.sides), None)


def _implies(parts: list[Compiled]) -> tuple[Run, Any]:
    condition, result = parts

    def run(env: Any, row: Any) -> bool | None:
        held = condition.run(env, row)
        if held is False:
            return True
        value = result.run(env, row)
        return value if held or value is True else None

    return run, result.sides


def _iff(parts: list[Compiled]) -> tuple[Run, Any]:
    left, right = parts

    def run(env: Any, row: Any) -> bool | None:
        one, two = left.run(env, row), right.run(env, row)
        return None if one is None or two is None else one is two

    return run, right.sides or left.sides


LOGIC = {"and": _and, "or": _or, "implies": _implies, "iff": _iff}
