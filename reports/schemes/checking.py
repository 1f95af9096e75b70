"""Running the checks of a scheme over the cells of a filing. Pure: no database, no request.

One pass gives every failure: cells that cannot be read (BAD), required cells without an answer (REQ),
then the checks of the scheme, table by table in the order of the form.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .definition import (
    ANNUAL, HARD, VERIFY, Check, Indicator, SchemeDefinition, TableDefinition, pick,
)
from .env import Cells, Env
from .facts import Facts
from .values import NOT_APPLICABLE, show_number, show_value

__all__ = [
    "Cells", "Env", "Facts", "Failure", "SuggestedFix", "applicable_tables", "derive", "has_hard", "progress",
    "run_checks", "stray_tables", "visible_indicators",
]

CONTEXT = decimal.Context(prec=50, rounding=ROUND_HALF_UP, traps=[])
PLACEHOLDER = re.compile(r"\{(\w+)(?:\.(name|code|prev))?\}")
CellRef = tuple[str, str | None, str]  # table, row id, indicator


@dataclass(frozen=True)
class SuggestedFix:
    """One cell and the stored value it could take; None clears it."""

    table: str
    row_id: str | None
    code: str
    value: str | None


@dataclass(frozen=True)
class Failure:
    """A check that does not hold. `key` stays the same while the trouble does, so explanations hang on it.

    `values` are stored strings by placeholder: "left", "right", "diff", "row", indicator codes, "A301.prev".
    """

    check: Check
    table: str
    row_id: str | None
    cells: tuple[CellRef, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    figures: frozenset[str] = frozenset()  # the values that are numbers
    fixes: tuple[SuggestedFix, ...] = ()
    scheme: SchemeDefinition | None = field(default=None, repr=False, compare=False)
    reason: Any = field(default=None, repr=False, compare=False)

    @property
    def code(self) -> str:
        return self.check.code

    @property
    def severity(self) -> str:
        return self.check.severity

    @property
    def key(self) -> str:
        return f"{self.check.key}@{self.row_id}" if self.row_id else self.check.key

    def message(self, lang: str | None = None) -> str:
        """What is wrong and what to do, in the reader's language, with the values in it."""
        def fill(match: re.Match[str]) -> str:
            return self._shown(match[1], match[2], lang)

        return PLACEHOLDER.sub(fill, self.check.message_template(lang))

    def _shown(self, name: str, part: str | None, lang: str | None) -> str:
        if name == "reason":
            return str(self.reason)
        code = self.check.each if name == "x" else name
        item = self.scheme.indicator_by_code.get(code) if self.scheme else None
        if part in ("name", "code"):
            return item.name(lang) if item and part == "name" else code
        stored = self.values.get(f"{code}.prev" if part else code, "")
        if not stored:
            return pick("未填", "blank", lang)
        if item is not None:
            return show_value(item, stored, lang)
        return _shown_figure(stored) if name in self.figures else stored.replace(",", pick("、", ", ", lang))


def _shown_figure(stored: str) -> str:
    """Two places at most."""
    if re.fullmatch(r"-?[0-9]+\.[0-9]{3,}", stored):
        stored = format(Decimal(stored).quantize(Decimal("0.01"), ROUND_HALF_UP), "f")
    return show_number(stored)


def _own_check(code: str, zh: str, en: str, help_zh: str, help_en: str) -> Check:
    return Check(code=code, key=code, severity=HARD, table="", per_row=False, expression="", cells=(),
                 message_zh=zh, message_en=en, help_zh=help_zh, help_en=help_en)


REQUIRED = _own_check(
    "REQ", "“{cell.name}”（{code}）未填，请填写。", "“{cell.name}” ({code}) is blank. Please fill it in.",
    "应填尽填：标为必填的每一项都要有答案。", "Every item marked as required needs an answer.",
)
REQUIRED_FIGURE = _own_check(
    "REQ", "“{cell.name}”（{code}）未填。请填写；没有发生的填0。",
    "“{cell.name}” ({code}) is blank. Fill it in; write 0 if there was none.", REQUIRED.help_zh, REQUIRED.help_en,
)
REQUIRED_NA = _own_check(
    "REQ", "“{cell.name}”（{code}）为必填项，不能填“不适用”。没有发生的填0。",
    "“{cell.name}” ({code}) is required and cannot be “not applicable”. Write 0 if there was none.",
    REQUIRED.help_zh, REQUIRED.help_en,
)
UNREADABLE = _own_check(
    "BAD", "“{cell.name}”（{code}）无法读取：{reason}", "“{cell.name}” ({code}) cannot be read: {reason}",
    "填入的内容不符合该项的格式或范围。", "What was typed does not fit the form or the range of the item.",
)
OWN_CHECKS = (REQUIRED, UNREADABLE)


@dataclass(frozen=True)
class _CellFailure(Failure):
    """About one cell, whatever the scheme."""

    indicator: Indicator | None = field(default=None, repr=False, compare=False)

    @property
    def key(self) -> str:
        code = self.cells[0][2]
        return f"{self.check.code}:{code}@{self.row_id}" if self.row_id else f"{self.check.code}:{code}"

    def _shown(self, name: str, part: str | None, lang: str | None) -> str:
        if name == "cell":
            return self.indicator.name(lang) if self.indicator else ""
        return self.cells[0][2] if name == "code" else super()._shown(name, part, lang)


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
            for table in scheme.tables_of("derived"):
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
                yield _CellFailure(UNREADABLE, table.code, row_id, ref, {item.code: str(stored.get(item.code, ""))},
                                   scheme=env.scheme, reason=trouble.message, indicator=item)
                continue
            answer = stored.get(item.code)
            if answer and answer != NOT_APPLICABLE or not item.is_required(env, converted):
                continue
            check = REQUIRED_NA if answer else REQUIRED_FIGURE if item.numeric else REQUIRED
            yield _CellFailure(check, table.code, row_id, ref, scheme=env.scheme, indicator=item)


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
            found["diff"] = left - right
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


def to_stored(value: Any) -> str:
    """A computed value in the stored form; blank is the empty string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return str(int(value)) if value == value.to_integral_value() else format(value, "f")
    if isinstance(value, frozenset):
        return ",".join(sorted(value))
    return value.isoformat() if isinstance(value, date) else str(value)


# -- what the form asks ---------------------------------------------------------------------------


def applicable_tables(
    scheme: SchemeDefinition, cells: Cells | Env, *, kind: str = ANNUAL
) -> list[TableDefinition]:
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
            for _row_id, stored, converted in lines for item in table.indicators if item.is_required(env, converted)
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
