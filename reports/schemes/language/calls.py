"""Calls: plain functions, functions over the lines of a repeating table, and those that ask the filing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from . import tree
from .errors import LanguageError
from .functions import FUNCTIONS, PATTERNS
from .kinds import BOOL, DATE, NUMBER, SET, TEXT, Kind, Type

if TYPE_CHECKING:
    from .compiler import Compiled, Run, _Compiler

# Answered by the environment: name → (argument types, result type).
ASKED: dict[str, tuple[tuple[Type, ...], Type]] = {
    "region_valid": ((TEXT, DATE), BOOL),
    "same_region": ((TEXT, TEXT), BOOL),
    "certificate_valid": ((TEXT, DATE), BOOL),
    "unchanged": ((), BOOL),
    "empty_share": ((), NUMBER),
}


def compile_call(compiler: _Compiler, node: tree.Call) -> Compiled:
    name = node.function
    if name in SPECIAL:
        compiled: Compiled = SPECIAL[name](compiler, node)
        return compiled
    if name in FUNCTIONS:
        function = FUNCTIONS[name]
        return _plain(compiler, node, function.takes, function.gives, lambda env: function.run)
    if name in ASKED:
        takes, gives = ASKED[name]
        return _plain(compiler, node, takes, gives, lambda env: getattr(env, name))
    raise LanguageError(_("The function “%(name)s” is not known.") % {"name": name}, node.position)


def _count(node: tree.Call, least: int, most: int) -> None:
    if not least <= len(node.arguments) <= most:
        raise LanguageError(
            _("%(name)s takes %(least)s to %(most)s arguments; %(found)s are given.")
            % {"name": node.function, "least": least, "most": most, "found": len(node.arguments)},
            node.position,
        )


def _plain(
    compiler: _Compiler,
    node: tree.Call,
    takes: tuple[Type, ...],
    gives: Type,
    get: Callable[[Any], Callable[..., Any]],
) -> Compiled:
    _count(node, len(takes), len(takes))
    parts = [compiler.need(arg, kind.kind) for arg, kind in zip(node.arguments, takes, strict=True)]

    def run(env: Any, row: Any) -> Any:
        values = [part.run(env, row) for part in parts]
        return None if None in values else get(env)(*values)

    return compiler.together(node, parts, gives, run)


def _text(node: tree.Call, at: int) -> str:
    argument = node.arguments[at]
    if not isinstance(argument, tree.Literal) or not isinstance(argument.value, str):
        raise LanguageError(_("A text in quotation marks is needed here."), argument.position)
    return argument.value


def _table(compiler: _Compiler, node: tree.Call) -> str:
    _count(node, 1, 1)
    table = _text(node, 0)
    if table not in compiler.symbols.tables:
        raise LanguageError(_("The table “%(name)s” is not known.") % {"name": table}, node.position)
    return table


def _rows(compiler: _Compiler, node: tree.Call) -> Compiled:
    table = _table(compiler, node)
    result = lambda env, row: Decimal(len(env.rows.get(table, ())))  # noqa: E731
    return compiler.together(node, [], NUMBER, result)


def _table_filled(compiler: _Compiler, node: tree.Call) -> Compiled:
    table = _table(compiler, node)
    return compiler.together(node, [], BOOL, lambda env, row: env.table_filled(table))


def _filled(compiler: _Compiler, node: tree.Call) -> Compiled:
    _count(node, 1, 1)
    part, wanted = compiler.compile(node.arguments[0]), node.function == "filled"
    return compiler.together(node, [part], BOOL, lambda env, row: (part.run(env, row) is not None) is wanted)


def _prev(compiler: _Compiler, node: tree.Call) -> Compiled:
    _count(node, 1, 1)
    part = compiler.compile(node.arguments[0])
    if part.rows_of:
        raise LanguageError(_("prev(…) cannot look at one line of a repeating table."), node.position)

    def run(env: Any, row: Any) -> Any:
        return None if env.previous is None else part.run(env.previous, None)

    return compiler.together(node, [part], part.type, run)


def _coalesce(compiler: _Compiler, node: tree.Call) -> Compiled:
    _count(node, 2, 20)
    parts = [compiler.alike(node.arguments[0], argument)[1] for argument in node.arguments]

    def run(env: Any, row: Any) -> Any:
        for part in parts:
            value = part.run(env, row)
            if value is not None:
                return value
        return None

    return compiler.together(node, parts, parts[0].type, run)


def _matches(compiler: _Compiler, node: tree.Call) -> Compiled:
    _count(node, 2, 2)
    part, name = compiler.need(node.arguments[0], Kind.TEXT), _text(node, 1)
    if name not in PATTERNS:
        raise LanguageError(_("The pattern “%(name)s” is not known.") % {"name": name}, node.position)
    pattern = PATTERNS[name]

    def run(env: Any, row: Any) -> bool | None:
        value = part.run(env, row)
        return None if value is None else pattern.fullmatch(value) is not None

    return compiler.together(node, [part], BOOL, run)


def _listed(compiler: _Compiler, node: tree.Call) -> Compiled:
    """listed(text, "list"): is it a code of the list; mapped(text, "list"): what the list maps it to."""
    _count(node, 2, 2)
    part, name = compiler.need(node.arguments[0], Kind.TEXT), _text(node, 1)
    if name not in compiler.symbols.lists:
        raise LanguageError(_("The list “%(name)s” is not known.") % {"name": name}, node.position)
    wants_map = node.function == "mapped"

    def run(env: Any, row: Any) -> Any:
        value = part.run(env, row)
        if value is None:
            return None
        return env.mapped(name, value) if wants_map else env.listed(name, value)

    return compiler.together(node, [part], SET if wants_map else BOOL, run)


# -- over the lines of a repeating table ----------------------------------------------------------


def _over_lines(
    compiler: _Compiler, node: tree.Call, kinds: tuple[Kind, ...], gives: Type | None, fold: Fold
) -> Compiled:
    compiler.lines_depth += 1
    if compiler.lines_depth > 2:
        raise LanguageError(_("Functions over lines cannot be nested more than twice."), node.position)
    parts = [compiler.need(argument, *kinds) for argument in node.arguments]
    compiler.lines_depth -= 1
    inside = compiler.together(node, parts, BOOL, parts[0].run)
    table = inside.rows_of
    if table is None:
        raise LanguageError(
            _("%(name)s works on the lines of a repeating table; none is named here.") % {"name": node.function},
            node.position,
        )
    runs: tuple[Run, ...] = tuple(part.run for part in parts)

    def run(env: Any, row: Any) -> Any:
        lines = env.rows.get(table, ())
        if len(runs) == 1:
            return fold([runs[0](env, line) for line in lines])
        return fold([tuple(run(env, line) for run in runs) for line in lines])

    return compiler.together(node, parts, gives or parts[0].type, run, rows_of=None)


Fold = Callable[[list[Any]], Any]


def _present(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def _fold_sum(values: list[Any]) -> Any:
    present = _present(values)
    return sum(present, Decimal(0)) if present else None


def _fold_all(values: list[Any]) -> bool | None:
    return False if False in values else None if None in values else True


def _fold_any(values: list[Any]) -> bool | None:
    return True if True in values else None if None in values else False


def _fold_unique(values: list[Any]) -> bool:
    """A line with a blank part is nobody's double."""
    whole = [v for v in values if v is not None and not (isinstance(v, tuple) and None in v)]
    return len(set(whole)) == len(whole)


def _fold_union(values: list[Any]) -> frozenset[str]:
    sets = (v if isinstance(v, frozenset) else frozenset({v}) for v in _present(values))
    return frozenset().union(*sets)


def _lines(kinds: tuple[Kind, ...], gives: Type | None, fold: Fold, most: int = 1) -> Any:
    def build(compiler: _Compiler, node: tree.Call) -> Compiled:
        _count(node, 1, most)
        return _over_lines(compiler, node, kinds, gives, fold)

    return build


def _largest(pick: Callable[..., Any]) -> Any:
    """One argument: over lines. Several: of the values given, blanks left out."""

    def build(compiler: _Compiler, node: tree.Call) -> Compiled:
        _count(node, 1, 20)
        ordered = (Kind.NUMBER, Kind.DATE)
        if len(node.arguments) == 1:
            fold = lambda values: pick(_present(values), default=None)  # noqa: E731
            return _over_lines(compiler, node, ordered, None, fold)
        parts = [compiler.alike(node.arguments[0], argument)[1] for argument in node.arguments]
        compiler.need(node.arguments[0], *ordered)
        return compiler.together(
            node,
            parts,
            parts[0].type,
            lambda env, row: pick(_present([part.run(env, row) for part in parts]), default=None),
        )

    return build


NUMBERS, BOOLS = (Kind.NUMBER,), (Kind.BOOL,)
ANY = (Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.BOOL)
SPECIAL: dict[str, Callable[[Any, tree.Call], Any]] = {
    "rows": _rows,
    "table_filled": _table_filled,
    "filled": _filled,
    "blank": _filled,
    "prev": _prev,
    "coalesce": _coalesce,
    "matches": _matches,
    "listed": _listed,
    "mapped": _listed,
    "sum": _lines(NUMBERS, NUMBER, _fold_sum),
    "count": _lines(BOOLS, NUMBER, lambda values: Decimal(sum(v is True for v in values))),
    "all": _lines(BOOLS, BOOL, _fold_all),
    "any": _lines(BOOLS, BOOL, _fold_any),
    "unique": _lines(ANY, BOOL, _fold_unique, most=4),
    "union": _lines((Kind.TEXT, Kind.SET), SET, _fold_union),
    "max": _largest(max),
    "min": _largest(min),
}
