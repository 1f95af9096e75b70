"""Running the checks of a scheme over the cells of a filing. Pure: no database, no request.

One pass gives every failure: cells that cannot be read (BAD), required cells without an answer (REQ),
then the checks of the scheme, table by table in the order of the form.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .definition import ANNUAL, DERIVED, HARD, VERIFY, Check, Indicator, SchemeDefinition, TableDefinition
from .env import Cells, Env
from .facts import Facts
from .failures import (
    OWN_CHECKS,
    PLACEHOLDER,
    REQUIRED,
    REQUIRED_FIGURE,
    REQUIRED_NA,
    UNREADABLE,
    CellFailure,
    CellRef,
    Failure,
    SuggestedFix,
    to_stored,
)
from .values import NOT_APPLICABLE

__all__ = [
    "OWN_CHECKS",
    "Cells",
    "Env",
    "Facts",
    "Failure",
    "SuggestedFix",
    "applicable_tables",
    "derive",
    "has_hard",
    "progress",
    "run_checks",
    "stray_tables",
    "visible_indicators",
]

CONTEXT = decimal.Context(prec=50, rounding=ROUND_HALF_UP, traps=[])


def run_checks(
    scheme: SchemeDefinition,
    cells: Cells | Env,
    previous: Cells | None = None,
    facts: Facts | None = None,
    *,
    kind: str = ANNUAL,
) -> list[Failure]:
    """Every failure in the applicable tables of one kind. A check with a blank side does not fail."""
    with decimal.localcontext(CONTEXT):
        env = _env(scheme, cells, previous, facts)
        tables = [table for table in scheme.tables_of(kind) if env.applies(table)]
        by_table: dict[str, list[Check]] = {}
        for check in scheme.checks:
            by_table.setdefault(check.table, []).append(check)
        found: list[Failure] = []
        for table in tables:
            found += _cell_failures(env, table)
            for check in by_table.get(table.code, ()):
                found += _failures(env, check, table)
        if kind == ANNUAL:  # checks on derived figures belong to no form
            for table in scheme.tables_of(DERIVED):
                for check in by_table.get(table.code, ()):
                    found += _failures(env, check, table)
        return _without_doubles(found)


def _without_doubles(found: list[Failure]) -> list[Failure]:
    """A blank cell that a check of the scheme asks for by name is not reported a second time."""
    asked = {ref for failure in found if "filled(" in failure.check.expression for ref in failure.cells}
    return [failure for failure in found if failure.code != "REQ" or failure.cells[0] not in asked]


def has_hard(failures: Iterable[Failure]) -> bool:
    return any(failure.severity == HARD for failure in failures)


def needs_explanation(failures: Iterable[Failure]) -> list[Failure]:
    return [failure for failure in failures if failure.severity == VERIFY]


def _env(
    scheme: SchemeDefinition, cells: Cells | Env, previous: Cells | None = None, facts: Facts | None = None
) -> Env:
    return cells if isinstance(cells, Env) else Env(scheme, cells, previous, facts)


def _cell_failures(env: Env, table: TableDefinition) -> Iterator[Failure]:
    bad = {(trouble.indicator.code, trouble.row_id): trouble for trouble in env.troubles}
    for row_id, stored, converted in env.lines(table):
        for item in table.indicators:
            trouble = bad.get((item.code, row_id))
            ref = ((table.code, row_id, item.code),)
            if trouble:
                yield CellFailure(
                    UNREADABLE,
                    table.code,
                    row_id,
                    ref,
                    {item.code: str(stored.get(item.code, ""))},
                    scheme=env.scheme,
                    reason=trouble.message,
                    indicator=item,
                )
                continue
            answer = stored.get(item.code)
            if (answer and answer != NOT_APPLICABLE) or not item.is_required(env, converted):
                continue
            check = REQUIRED_NA if answer else REQUIRED_FIGURE if item.numeric else REQUIRED
            yield CellFailure(check, table.code, row_id, ref, scheme=env.scheme, indicator=item)


def _failures(env: Env, check: Check, table: TableDefinition) -> Iterator[Failure]:
    assert check.rule is not None
    lines = env.rows.get(check.table, ()) if check.per_row else (None,)
    for number, row in enumerate(lines, start=1):
        if check.when_rule is not None and check.when_rule.run(env, row) is not True:
            continue
        if check.rule.run(env, row) is False:
            row_id = env.cells.rows[check.table][number - 1].get("id") if check.per_row else None
            refs = tuple(_refs(env, check, row_id))
            values, figures = _values(env, check, row, number)
            fixes = tuple(_fixes(env, check, row, row_id))
            yield Failure(check, table.code, row_id, refs, values, figures, fixes, env.scheme)


def _refs(env: Env, check: Check, row_id: str | None) -> Iterator[CellRef]:
    for code in check.cells:
        item = env.scheme.indicator_by_code[code]
        if not env.applies(env.scheme.table_by_code[item.table]):
            continue
        if not item.repeating:
            yield item.table, None, code
        elif check.per_row and item.table == check.table:
            yield item.table, row_id, code
        else:
            for row in env.cells.rows.get(item.table) or ({},):
                yield item.table, row.get("id"), code


def _values(env: Env, check: Check, row: Any, number: int) -> tuple[dict[str, str], frozenset[str]]:
    """What the message may show, as stored strings, and which of it are numbers."""
    found: dict[str, Any] = {"row": Decimal(number)} if check.per_row else {}
    sides = check.rule.sides(env, row) if check.rule and check.rule.sides else None
    if sides:
        left, right = sides
        found |= {"left": left, "right": right}
        if isinstance(left, Decimal) and isinstance(right, Decimal):
            found["diff"] = abs(left - right)
    found |= {name: shown.run(env, row) for name, shown in check.shows.items()}
    values = {name: to_stored(value) for name, value in found.items() if value is not None}
    for name, part in PLACEHOLDER.findall(check.message_zh + check.message_en):
        code = check.each if name == "x" else name
        item = env.scheme.indicator_by_code.get(code)
        source = env.previous if part == "prev" else env
        if item is None or source is None or part in ("name", "code"):
            continue
        if stored := _stored_value(source, item, None if part else row, number):
            values[f"{code}.prev" if part else code] = stored
    return values, frozenset(name for name, value in found.items() if isinstance(value, Decimal))


def _stored_value(env: Env, item: Indicator, row: Any, number: int) -> str:
    if item.computed:
        return to_stored(env.formula(item.code))
    if item.repeating:
        return env.cells.rows[item.table][number - 1].get(item.code, "") if row is not None else ""
    return env.cells.single.get(item.code, "")


def _fixes(env: Env, check: Check, row: Any, row_id: str | None) -> Iterator[SuggestedFix]:
    for fix in check.fixes:
        table = env.scheme.table_by_code.get(fix.target)
        if table is not None:
            for own_id, stored, _converted in env.lines(table):
                for item in table.indicators:
                    if stored.get(item.code):
                        yield SuggestedFix(table.code, own_id, item.code, None)
            continue
        item = env.scheme.indicator_by_code[fix.target]
        own_id = row_id if item.repeating else None
        if fix.value is None:
            if env.stored(item.code):
                yield SuggestedFix(item.table, own_id, item.code, None)
            continue
        value = to_stored(fix.value.run(env, row))
        if value:
            yield SuggestedFix(item.table, own_id, item.code, value)


# -- what the form asks ---------------------------------------------------------------------------


def applicable_tables(scheme: SchemeDefinition, cells: Cells | Env, *, kind: str = ANNUAL) -> list[TableDefinition]:
    """The tables this filing has to fill, in order."""
    env = _env(scheme, cells)
    return [table for table in scheme.tables_of(kind) if env.applies(table)]


def stray_tables(scheme: SchemeDefinition, cells: Cells | Env, *, kind: str = ANNUAL) -> list[TableDefinition]:
    """Tables that do not apply but hold values; they stay reachable until they are cleared."""
    env = _env(scheme, cells)
    return [table for table in scheme.tables_of(kind) if not env.applies(table) and env.table_filled(table.code)]


def visible_indicators(
    table: TableDefinition, cells: Cells | Env, row_id: str | None = None, previous: Cells | None = None
) -> list[Indicator]:
    """The lines to show. A line whose condition does not hold is hidden unless it holds a value."""
    assert table.scheme is not None
    env = _env(table.scheme, cells, previous)
    for own_id, stored, converted in env.lines(table):
        if own_id == row_id:
            return [item for item in table.indicators if item.is_visible(env, converted) or stored.get(item.code)]
    return [item for item in table.indicators if item.visible_rule is None]


def progress(
    scheme: SchemeDefinition, cells: Cells | Env, *, kind: str = ANNUAL, previous: Cells | None = None
) -> dict[str, tuple[int, int]]:
    """Table → (required cells answered, required cells). A repeating table without lines counts one line."""
    env = _env(scheme, cells, previous)
    found = {}
    for table in applicable_tables(scheme, env, kind=kind):
        lines = list(env.lines(table)) or [(None, {}, {})]
        needed = [
            stored.get(item.code)
            for _row_id, stored, converted in lines
            for item in table.asked
            if item.is_required(env, converted)
        ]
        found[table.code] = (sum(1 for answer in needed if answer), len(needed))
    return found


def derive(
    scheme: SchemeDefinition, cells: Cells | Env, previous: Cells | None = None, facts: Facts | None = None
) -> dict[str, str]:
    """Every computed value that is not blank, as stored strings: A218, A219, E304, X001 and so on."""
    with decimal.localcontext(CONTEXT):
        env = _env(scheme, cells, previous, facts)
        values = {item.code: to_stored(env.formula(item.code)) for item in scheme.computed}
    return {code: value for code, value in values.items() if value}
