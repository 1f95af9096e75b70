"""A check that does not hold, and how it is told to the reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import override

from .definition import HARD, Check, Indicator, SchemeDefinition, pick
from .values import show_number, show_value

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

    @property
    def words(self) -> tuple[str, str]:
        """What the finding says, in both languages."""
        return self.message("zh"), self.message("en")

    def message(self, lang: str | None = None) -> str:
        """What is wrong and what to do, in the reader's language, with the values in it."""

        def fill(match: re.Match[str]) -> str:
            return self._shown(match[1], match[2], lang)

        return PLACEHOLDER.sub(fill, self.check.message_template(lang))

    def sides(self, lang: str | None = None) -> tuple[str, str, str] | None:
        """The two figures that were compared and their difference, as shown; None where no figures were compared."""
        if "diff" not in self.values:
            return None
        left, right, diff = (self._shown(name, None, lang) for name in ("left", "right", "diff"))
        return left, right, diff

    def _shown(self, name: str, part: str | None, lang: str | None) -> str:
        if name == "reason":
            with override(pick("zh-hans", "en", lang)):
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
    return Check(
        code=code,
        key=code,
        severity=HARD,
        table="",
        per_row=False,
        expression="",
        cells=(),
        message_zh=zh,
        message_en=en,
        help_zh=help_zh,
        help_en=help_en,
    )


REQUIRED = _own_check(
    "REQ",
    "“{cell.name}”（{code}）未填，请填写。",
    "“{cell.name}” ({code}) is blank. Please fill it in.",
    "应填尽填：标为必填的每一项都要有答案。",
    "Every item marked as required needs an answer.",
)
REQUIRED_FIGURE = _own_check(
    "REQ",
    "“{cell.name}”（{code}）未填。请填写；没有发生的填0。",
    "“{cell.name}” ({code}) is blank. Fill it in; write 0 if there was none.",
    REQUIRED.help_zh,
    REQUIRED.help_en,
)
REQUIRED_NA = _own_check(
    "REQ",
    "“{cell.name}”（{code}）为必填项，不能填“不适用”。没有发生的填0。",
    "“{cell.name}” ({code}) is required and cannot be “not applicable”. Write 0 if there was none.",
    REQUIRED.help_zh,
    REQUIRED.help_en,
)
UNREADABLE = _own_check(
    "BAD",
    "“{cell.name}”（{code}）无法读取：{reason}",
    "“{cell.name}” ({code}) cannot be read: {reason}",
    "填入的内容不符合该项的格式或范围。",
    "What was typed does not fit the form or the range of the item.",
)
OWN_CHECKS = (REQUIRED, UNREADABLE)


@dataclass(frozen=True)
class CellFailure(Failure):
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
