"""A scheme as the rest of the product sees it: tables, indicators, options and checks, ready to use.

`SchemeDefinition.from_content(content)` builds it from the JSON of a scheme version, compiling
every expression once. Nothing here reads the database. Building and its refusals: building.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import get_language

from .facts import Regions
from .language import Compiled, Kind, Symbols

HARD, VERIFY, INFO = "hard", "verify", "info"
SEVERITIES = (HARD, VERIFY, INFO)
ANNUAL, REPORT, NUMBERS, DERIVED = "annual", "report", "numbers", "derived"
TABLE_KINDS = (ANNUAL, REPORT, NUMBERS, DERIVED)
COLUMN_KINDS = ("text", "date", "bool", "int")


def pick(zh: str, en: str, lang: str | None = None) -> str:
    """The text in the reader's language; `lang` None means the active one."""
    return zh if (lang or get_language() or "zh").startswith("zh") else en


@dataclass(frozen=True)
class Option:
    code: str
    label_zh: str
    label_en: str
    maps: frozenset[str] = frozenset()

    def label(self, lang: str | None = None) -> str:
        return pick(self.label_zh, self.label_en, lang)


@dataclass(frozen=True)
class RowColumn:
    """One column of an answer of rows. `length` counts characters; a required one is filled on every line that is begun."""

    code: str
    name_zh: str
    name_en: str
    kind: str = "text"
    required: bool = False
    length: int = 100

    def name(self, lang: str | None = None) -> str:
        return pick(self.name_zh, self.name_en, lang)


@dataclass(frozen=True)
class Indicator:
    """One item. `dtype` is the bare type; `length`, `places` and the range refine it.

    `columns` are those of the type rows. `required` and `visible` answer for the values of a filing (and a row), see checking.Env.
    """

    code: str
    table: str
    name_zh: str
    name_en: str
    dtype: str
    length: int = 0
    places: int = 0
    unit: str = ""
    unit_en: str = ""
    group_zh: str = ""
    group_en: str = ""
    options: tuple[Option, ...] = ()
    list_name: str = ""
    columns: tuple[RowColumn, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    future_allowed: bool = False
    definition_zh: str = ""
    definition_en: str = ""
    source: str = ""
    repeating: bool = False
    required_when: str = ""
    visible_when: str = ""
    formula: str = ""
    required_rule: Compiled | None = field(default=None, repr=False, compare=False)
    visible_rule: Compiled | None = field(default=None, repr=False, compare=False)
    formula_rule: Compiled | None = field(default=None, repr=False, compare=False)

    def name(self, lang: str | None = None) -> str:
        return pick(self.name_zh, self.name_en, lang)

    def unit_name(self, lang: str | None = None) -> str:
        return pick(self.unit, self.unit_en, lang)

    def group(self, lang: str | None = None) -> str:
        return pick(self.group_zh, self.group_en, lang)

    def definition(self, lang: str | None = None) -> str:
        return pick(self.definition_zh, self.definition_en, lang)

    @property
    def computed(self) -> bool:
        """Filled by the system and never typed."""
        return self.dtype in ("derived", "prefill")

    @property
    def numeric(self) -> bool:
        if self.computed:
            return self.formula_rule is not None and self.formula_rule.type.kind is Kind.NUMBER
        return self.dtype in ("int", "decimal")

    @property
    def money(self) -> bool:
        return self.unit == "千元"

    @cached_property
    def option_by_code(self) -> Mapping[str, Option]:
        return {option.code: option for option in self.options}

    def is_required(self, env: Any, row: Any = None) -> bool:
        if self.computed or not self.required_when:
            return False
        return self.required_rule is None or self.required_rule.run(env, row) is True

    def is_visible(self, env: Any, row: Any = None) -> bool:
        return self.visible_rule is None or self.visible_rule.run(env, row) is True


@dataclass(frozen=True)
class TableDefinition:
    code: str
    name_zh: str
    name_en: str
    kind: str
    repeating: bool
    indicators: tuple[Indicator, ...]
    applies_when: str = ""
    applies_rule: Compiled | None = field(default=None, repr=False, compare=False)
    marks: Mapping[str, str] = field(default_factory=dict)
    scheme: SchemeDefinition | None = field(default=None, repr=False, compare=False)

    def name(self, lang: str | None = None) -> str:
        return pick(self.name_zh, self.name_en, lang)

    @cached_property
    def asked(self) -> tuple[Indicator, ...]:
        """Those that can be required at all."""
        return tuple(item for item in self.indicators if item.required_when and not item.computed)

    @cached_property
    def by_code(self) -> Mapping[str, Indicator]:
        return {indicator.code: indicator for indicator in self.indicators}

    def groups(self, lang: str | None = None) -> list[tuple[str, list[Indicator]]]:
        """The indicators under their headings, in the order of the form."""
        found: dict[str, list[Indicator]] = {}
        for indicator in self.indicators:
            found.setdefault(indicator.group(lang), []).append(indicator)
        return list(found.items())

    def legal_marks(self, lang: str | None = None) -> list[tuple[str, str]]:
        """(mark, value) for 表号, 制定机关, 批准机关, 批准文号 and 有效期, as printed on a form."""
        return [
            (pick(zh, en, lang), pick(self.marks.get(f"{key}_zh", ""), self.marks.get(f"{key}_en", ""), lang))
            for key, zh, en in LEGAL_MARKS
        ]


LEGAL_MARKS = (
    ("form_number", "表号", "Form number"),
    ("made_by", "制定机关", "Issued by"),
    ("approved_by", "批准机关", "Approved by"),
    ("approval_number", "批准文号", "Approval number"),
    ("valid_until", "有效期至", "Valid until"),
)


@dataclass(frozen=True)
class Fix:
    """A correction a check can offer: `target` takes the value of `value`, or is cleared without one."""

    target: str
    value: Compiled | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Check:
    """`key` is unique in the scheme: the code, the part letter, and the item of a check for each."""

    code: str
    key: str
    severity: str
    table: str
    per_row: bool
    expression: str
    cells: tuple[str, ...]
    message_zh: str
    message_en: str
    when: str = ""
    each: str = ""
    help_zh: str = ""
    help_en: str = ""
    example: str = ""
    source: str = ""
    rule: Compiled | None = field(default=None, repr=False, compare=False)
    when_rule: Compiled | None = field(default=None, repr=False, compare=False)
    shows: Mapping[str, Compiled] = field(default_factory=dict, repr=False, compare=False)
    fixes: tuple[Fix, ...] = ()

    def message_template(self, lang: str | None = None) -> str:
        return pick(self.message_zh, self.message_en, lang)

    def help(self, lang: str | None = None) -> str:
        return pick(self.help_zh, self.help_en, lang)


@dataclass(frozen=True)
class SchemeDefinition:
    code: str
    version: int
    year: int
    title_zh: str
    title_en: str
    tables: tuple[TableDefinition, ...]
    checks: tuple[Check, ...]
    lists: Mapping[str, tuple[Option, ...]] = field(repr=False)
    regions: Regions = field(repr=False)
    computed: tuple[Indicator, ...] = field(repr=False, default=())  # in the order they depend
    renames: Mapping[str, str] = field(repr=False, default_factory=dict)  # old code → code in this version
    symbols: Symbols | None = field(repr=False, compare=False, default=None)  # what its expressions may name

    def __hash__(self) -> int:
        return hash((self.code, self.version))

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> SchemeDefinition:
        """Raises building.ContentError, naming sheet, code and column of everything that is wrong."""
        from .building import build

        return build(content)

    def title(self, lang: str | None = None) -> str:
        return pick(self.title_zh, self.title_en, lang)

    @cached_property
    def table_by_code(self) -> Mapping[str, TableDefinition]:
        return {table.code: table for table in self.tables}

    @cached_property
    def indicator_by_code(self) -> Mapping[str, Indicator]:
        return {item.code: item for table in self.tables for item in table.indicators}

    @cached_property
    def check_by_key(self) -> Mapping[str, Check]:
        return {check.key: check for check in self.checks}

    @cached_property
    def options_by_list(self) -> Mapping[str, Mapping[str, Option]]:
        return {name: {option.code: option for option in found} for name, found in self.lists.items()}

    def table(self, code: str) -> TableDefinition:
        return self.table_by_code[code]

    def indicator(self, code: str) -> Indicator:
        return self.indicator_by_code[code]

    def checks_of(self, code: str) -> list[Check]:
        """Every check that names the indicator."""
        return [check for check in self.checks if code in check.cells]

    def tables_of(self, kind: str) -> list[TableDefinition]:
        return [table for table in self.tables if table.kind == kind]

    @cached_property
    def figures(self) -> tuple[str, ...]:
        """Codes of the typed numbers of single-line annual tables, in order: the figures vector."""
        return tuple(
            item.code
            for table in self.tables_of(ANNUAL)
            if not table.repeating
            for item in table.indicators
            if item.dtype in ("int", "decimal")
        )
