"""The sheet of checks: parts, checks for each of several items, what they point at, show and offer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from .definition import SEVERITIES, Check, Fix
from .language import Compiled, Kind

if TYPE_CHECKING:
    from .building import Builder

Row = Mapping[str, str]
CODE = re.compile(r"[A-Z][A-Z0-9]{1,9}")


def read_checks(builder: Builder) -> Iterator[Check]:
    seen: set[str] = set()
    for number, row in enumerate(builder.sheets["checks"], start=1):
        builder.at = number
        code, table = row["code"], row["table"]
        if code and not CODE.fullmatch(code):
            builder.problem("checks", code, "code", _("A code is a capital letter and 1 to 9 letters or digits."))
        if row["severity"] and row["severity"] not in SEVERITIES:
            builder.problem(
                "checks", code, "severity", _("One of %(choices)s is needed.") % {"choices": ", ".join(SEVERITIES)}
            )
        if table not in builder.symbols.tables:
            if table:
                builder.problem("checks", code, "table", _("The table “%(name)s” is not known.") % {"name": table})
            continue
        for each in row.get("each", "").split() or [""]:
            check = read_check(builder, row, each)
            if check.key in seen:
                builder.problem("checks", check.key, "code", _("The code appears %(times)s times.") % {"times": 2})
            seen.add(check.key)
            yield check
    builder.at = 0


def read_check(builder: Builder, row: Row, each: str) -> Check:
    code, within = row["code"], row["table"] if row.get("per_row") == "1" else None
    key = ":".join(filter(None, (code, row.get("part", ""), each)))
    own, builder.symbols = builder.symbols, replace(builder.symbols, aliases={"x": each} if each else {})
    if each and each not in builder.by_code:
        builder.problem("checks", key, "each", _("The name “%(name)s” is not known.") % {"name": each})
    rule = builder.expression("checks", key, "expression", row["expression"], Kind.BOOL, within)
    check = Check(
        code=code,
        key=key,
        severity=row["severity"],
        table=builder.by_code[each].table if each in builder.by_code else row["table"],
        per_row=within is not None,
        expression=row["expression"],
        cells=read_cells(builder, row, key, each, rule),
        message_zh=row["message_zh"],
        message_en=row["message_en"],
        when=row.get("when", ""),
        each=each,
        help_zh=row["help_zh"],
        help_en=row["help_en"],
        example=row.get("example", ""),
        source=row.get("source", ""),
        rule=rule,
        when_rule=builder.expression("checks", key, "when", row.get("when", ""), Kind.BOOL, within),
        shows=read_shows(builder, row, key, within),
        fixes=tuple(read_fixes(builder, row, key, each, within)),
    )
    builder.symbols = own
    check_placeholders(builder, check)
    return check


def read_cells(builder: Builder, row: Row, key: str, each: str, rule: Compiled | None) -> tuple[str, ...]:
    """The cells a check points at: those listed, else those its expression names."""
    named = [each if name == "x" else name for name in row.get("cells", "").split()]
    for name in named:
        if name not in builder.by_code:
            builder.problem("checks", key, "cells", _("The name “%(name)s” is not known.") % {"name": name})
    if not named and rule is not None:
        named = sorted(name for name in rule.names if name in builder.by_code)
    found: list[str] = []
    for name in named:
        found += cells_behind(builder, name)
    return tuple(dict.fromkeys(found))


def cells_behind(builder: Builder, name: str) -> list[str]:
    """A computed value stands for the cells it is computed from."""
    item = builder.by_code.get(name)
    if item is None or not item.computed or item.formula_rule is None:
        return [name] if item else []
    inner = sorted(item.formula_rule.names - {"A201", "E001"}) or sorted(item.formula_rule.names)
    return [cell for part in inner for cell in cells_behind(builder, part)]


def read_shows(builder: Builder, row: Row, key: str, within: str | None) -> dict[str, Compiled]:
    shows = {}
    for part in filter(None, map(str.strip, row.get("shows", "").split(";"))):
        name, _sign, text = part.partition(":=")
        compiled = builder.expression("checks", key, "shows", text.strip(), None, within)
        if compiled:
            shows[name.strip()] = compiled
    return shows


def read_fixes(builder: Builder, row: Row, key: str, each: str, within: str | None) -> Iterator[Fix]:
    for part in filter(None, map(str.strip, row.get("fix", "").split(";"))):
        if part.startswith("clear "):
            targets, value = part.removeprefix("clear ").split(), None
        else:
            target, _sign, text = part.partition(":=")
            targets, value = [target.strip()], builder.expression("checks", key, "fix", text.strip(), None, within)
        for target in targets:
            target = each if target == "x" else target
            if target not in builder.by_code and target not in builder.symbols.tables:
                builder.problem("checks", key, "fix", _("The name “%(name)s” is not known.") % {"name": target})
            yield Fix(target, value)


def check_placeholders(builder: Builder, check: Check) -> None:
    """A message may show the sides, the row, a cell, or what `shows` names; nothing else."""
    known = {"left", "right", "diff", "row", "x"} | set(check.shows) | set(builder.by_code)
    for column, text in (("message_zh", check.message_zh), ("message_en", check.message_en)):
        for name in set(re.findall(r"\{(\w+)", text)) - known:
            builder.problem("checks", check.key, column, _("The name “%(name)s” is not known.") % {"name": name})
