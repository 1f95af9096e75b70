"""From the sheets of a scheme (tables of strings) to a definition, or everything that is wrong with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from .building_checks import read_checks
from .building_columns import read_columns
from .building_renames import read_renames
from .content import sheet_of
from .definition import (
    TABLE_KINDS,
    Indicator,
    Option,
    SchemeDefinition,
    TableDefinition,
)
from .facts import FACT_TYPES, Region, Regions
from .language import Compiled, Kind, LanguageError, Symbol, Symbols, Type, compile_expression
from .language.kinds import BOOL, DATE, NUMBER, SET, TEXT

Row = Mapping[str, str]
SHEETS = {
    "tables": ("code", "name_zh", "name_en", "kind"),
    "indicators": ("table", "code", "name_zh", "name_en", "dtype", "definition_zh", "definition_en"),
    "options": ("list", "code", "label_zh", "label_en"),
    "checks": ("code", "severity", "table", "expression", "message_zh", "message_en", "help_zh", "help_en"),
    "regions": ("code", "name_zh", "level"),
    "units": ("unit", "name_en"),
    "columns": ("indicator", "code", "name_zh", "name_en", "kind"),
    "renames": ("old", "new"),
}
LONGEST_ANSWER = {"text": 2000, "rows": 8000}
DTYPES = {
    "int": NUMBER,
    "decimal": NUMBER,
    "string": TEXT,
    "text": TEXT,
    "enum": TEXT,
    "multi": SET,
    "bool": BOOL,
    "date": DATE,
    "yyyymm": DATE,
    "uscc18": TEXT,
    "region6": TEXT,
    "phone": TEXT,
    "mobile": TEXT,
    "email": TEXT,
    "url": TEXT,
    "rowref": TEXT,
    "rows": TEXT,
    "file": TEXT,
    "postcode": TEXT,
    "derived": TEXT,
    "prefill": TEXT,
}
LARGEST_INT = Decimal("999999999999")
CODE = re.compile(r"[A-Z][A-Z0-9]{1,9}")


TABLE_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,9}")
SCHEME_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,19}")
LONGEST_TITLE = 100


@dataclass(frozen=True)
class Problem:
    """`row` counts the lines of the sheet from 1, without its heading; 0 where it is about the sheet."""

    sheet: str
    code: str
    column: str
    message: str
    row: int = 0

    def __str__(self) -> str:
        return f"{self.sheet} / {self.code} / {self.column}: {self.message}"


class ContentError(Exception):
    """Everything wrong with a scheme, found in one pass."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def build(content: Mapping[str, Any]) -> SchemeDefinition:
    builder = Builder(content)
    definition = builder.build()
    if builder.problems:
        raise ContentError(builder.problems)
    return definition


class Builder:
    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.problems: list[Problem] = []
        self.lines: dict[tuple[str, str], int] = {}  # line of a sheet by the code in it
        self.at = 0  # the line of the checks being read
        self.sheets = {name: self.read_sheet(name, needed) for name, needed in SHEETS.items()}
        self.repeating = {row["code"] for row in self.sheets["tables"] if row.get("repeating") == "1"}
        self.lists = self.read_lists()
        self.columns = read_columns(self)
        self.symbols = Symbols(
            {name: Symbol(type_, source="fact") for name, type_ in FACT_TYPES.items()},
            frozenset(row["code"] for row in self.sheets["tables"]),
            frozenset(self.lists),
        )

    def problem(self, sheet: str, code: str, column: str, message: object, row: int = 0) -> None:
        row = row or (self.at if sheet == "checks" else 0) or self.lines.get((sheet, code), 0)
        self.problems.append(Problem(sheet, code, column, str(message), row))

    def read_sheet(self, sheet: str, needed: tuple[str, ...]) -> list[dict[str, str]]:
        """The rows with every cell a stripped string; rows lacking what they need are reported."""
        rows = []
        for number, raw in enumerate(sheet_of(self.content, sheet), start=1):
            row = {str(key): str(value if value is not None else "").strip() for key, value in raw.items()}
            label = row.get("code") or row.get("unit") or _("row %(number)s") % {"number": number + 1}
            self.lines.setdefault((sheet, label), number)
            for column in needed:
                if not row.get(column):
                    self.problem(sheet, label, column, _("This cell must be filled."), number)
                    row.setdefault(column, "")
            rows.append(row)
        self.check_doubles(sheet, rows)
        return rows

    def check_doubles(self, sheet: str, rows: list[dict[str, str]]) -> None:
        if sheet == "checks":
            return  # parts and items are known only later
        own = "unit" if sheet == "units" else "old" if sheet == "renames" else "code"
        keys = [(row.get("list") or row.get("indicator", ""), row.get(own, "")) for row in rows]
        last = {key: number for number, key in enumerate(keys, start=1)}
        for (group, code), times in Counter(keys).items():
            if times > 1 and code:
                self.problem(
                    sheet,
                    f"{group} {code}".strip(),
                    own,
                    _("The code appears %(times)s times.") % {"times": times},
                    last[group, code],
                )

    def read_lists(self) -> dict[str, tuple[Option, ...]]:
        found: dict[str, list[Option]] = {}
        for row in self.sheets["options"]:
            maps = frozenset(row.get("maps", "").split())
            option = Option(row["code"], row["label_zh"], row["label_en"], maps)
            found.setdefault(row["list"], []).append(option)
        return {name: tuple(options) for name, options in found.items()}

    # -- indicators and tables ------------------------------------------------------------------

    def build(self) -> SchemeDefinition:
        indicators = [self.read_indicator(row) for row in self.sheets["indicators"]]
        names = dict(self.symbols.names)
        for item in indicators:
            if not item.computed:
                names[item.code] = Symbol(self.type_of(item), item.table if item.repeating else None)
        self.symbols = replace(self.symbols, names=names)
        computed = self.compile_formulas([item for item in indicators if item.computed])
        by_code = {item.code: item for item in computed}
        indicators = [self.with_rules(by_code.get(item.code, item)) for item in indicators]
        self.by_code = {item.code: item for item in indicators}
        head = self.read_head()
        definition = SchemeDefinition(
            code=head["code"],
            version=int(head["version"]),
            year=int(head["year"]),
            title_zh=head["title_zh"],
            title_en=head["title_en"],
            tables=tuple(self.read_table(row, indicators) for row in self.sheets["tables"]),
            checks=tuple(read_checks(self)),
            lists=self.lists,
            regions=self.read_regions(),
            computed=tuple(computed),
            renames=read_renames(self),
            symbols=self.symbols,
        )
        for table in definition.tables:
            object.__setattr__(table, "scheme", definition)
        return definition

    def read_head(self) -> dict[str, str]:
        scheme = self.content.get("scheme", {})
        head = {name: str(scheme.get(name, "")).strip() for name in ("code", "version", "year", "title_zh", "title_en")}
        for column, text in head.items():
            if not text:
                self.problem("scheme", "scheme", column, _("This cell must be filled."), 1)
            elif column.startswith("title") and len(text) > LONGEST_TITLE:
                self.problem(
                    "scheme", text[:20], column, _("At most %(most)s characters.") % {"most": LONGEST_TITLE}, 1
                )
        if head["code"] and not SCHEME_CODE.fullmatch(head["code"]):
            self.problem(
                "scheme",
                head["code"],
                "code",
                _("A code is a letter and at most 19 letters, digits or hyphens."),
                1,
            )
        for column in ("version", "year"):
            if not re.fullmatch("[0-9]{1,4}", head[column]):
                if head[column]:
                    self.problem("scheme", head[column], column, _("This is not a number."), 1)
                head[column] = "0"
        return head

    def type_of(self, item: Indicator) -> Type:
        if item.dtype == "enum":
            return Type(Kind.TEXT, frozenset(option.code for option in item.options))
        return DTYPES[item.dtype]

    def read_indicator(self, row: Row) -> Indicator:
        code, table = row["code"], row["table"]
        if code and not CODE.fullmatch(code):
            self.problem("indicators", code, "code", _("A code is a capital letter and 1 to 9 letters or digits."))
        if table and table not in self.symbols.tables:
            self.problem("indicators", code, "table", _("The table “%(name)s” is not known.") % {"name": table})
        dtype, length, places = self.read_dtype(row)
        list_name = row.get("options", "")
        options = self.lists.get(list_name, ())
        if list_name and not options:
            self.problem("indicators", code, "options", _("The list “%(name)s” is not known.") % {"name": list_name})
        if dtype in ("enum", "multi") and not list_name:
            self.problem("indicators", code, "options", _("This cell must be filled."))
        units = {unit["unit"]: unit["name_en"] for unit in self.sheets["units"]}
        if row.get("unit") and row["unit"] not in units:
            self.problem("indicators", code, "unit", _("The unit “%(name)s” is not known.") % {"name": row["unit"]})
        minimum, maximum = self.read_range(row, dtype, length, places)
        return Indicator(
            code=code,
            table=table,
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            dtype=dtype,
            length=length,
            places=places,
            unit=row.get("unit", ""),
            unit_en=units.get(row.get("unit", ""), ""),
            group_zh=row.get("group_zh", ""),
            group_en=row.get("group_en", ""),
            options=options,
            list_name=list_name,
            columns=self.columns.get(code, ()),
            minimum=minimum,
            maximum=maximum,
            future_allowed=row.get("max") == "future",
            definition_zh=row["definition_zh"],
            definition_en=row["definition_en"],
            source=row.get("source", ""),
            repeating=table in self.repeating,
            required_when=row.get("required", ""),
            visible_when=row.get("visible_when", ""),
            formula=row.get("formula", ""),
        )

    def read_dtype(self, row: Row) -> tuple[str, int, int]:
        """(bare type, length or digits, decimal places)."""
        text = row["dtype"]
        if match := re.fullmatch(r"string([0-9]{1,4})", text):
            return "string", int(match[1]), 0
        if match := re.fullmatch(r"decimal\(([0-9]{1,2}),([0-9])\)", text):
            return "decimal", int(match[1]), int(match[2])
        if not text:
            return "text", 0, 0
        if text not in DTYPES or text in ("string", "decimal"):
            self.problem("indicators", row["code"], "dtype", _("The type “%(name)s” is not known.") % {"name": text})
            return "text", 0, 0
        return text, LONGEST_ANSWER.get(text, 0), 0

    def read_range(self, row: Row, dtype: str, length: int, places: int) -> tuple[Decimal | None, Decimal | None]:
        """Numbers start at 0 unless `min` says "none" or names a value; a decimal ends with its digits."""
        if DTYPES[dtype] != NUMBER:
            return None, None
        ends: list[Decimal | None] = []
        largest = LARGEST_INT if dtype == "int" else Decimal(10) ** (length - places) - Decimal(1).scaleb(-places)
        for column, default in (("min", Decimal(0)), ("max", largest)):
            text = row.get(column, "")
            if text == "none":
                ends.append(-largest if column == "min" else largest)
            elif text and not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", text):
                self.problem("indicators", row["code"], column, _("This is not a number."))
                ends.append(default)
            else:
                ends.append(Decimal(text) if text else default)
        return ends[0], ends[1]

    def compile_formulas(self, pending: list[Indicator]) -> list[Indicator]:
        """Formulas may use each other; those that cannot be put in an order are reported."""
        done: list[Indicator] = []
        while pending:
            left = []
            for item in pending:
                later = {other.code for other in pending} & set(re.findall(r"[A-Z][A-Z0-9]+", item.formula))
                if later:
                    left.append(item)
                    continue
                rule = self.expression("indicators", item.code, "formula", item.formula, None)
                done.append(replace(item, formula_rule=rule))
                names = {**self.symbols.names, item.code: Symbol(rule.type if rule else TEXT, None, "formula")}
                self.symbols = replace(self.symbols, names=names)
            if len(left) == len(pending):
                for item in left:
                    self.problem("indicators", item.code, "formula", _("The formula depends on itself."))
                break
            pending = left
        return done

    def with_rules(self, item: Indicator) -> Indicator:
        within = item.table if item.repeating else None
        required = item.required_when
        rule = None
        if required not in ("", "yes"):
            rule = self.expression("indicators", item.code, "required", required, Kind.BOOL, within)
        visible = self.expression("indicators", item.code, "visible_when", item.visible_when, Kind.BOOL, within)
        return replace(item, required_rule=rule, visible_rule=visible)

    def read_table(self, row: Row, indicators: list[Indicator]) -> TableDefinition:
        code = row["code"]
        if code and not TABLE_CODE.fullmatch(code):
            self.problem("tables", code, "code", _("A code is a capital letter and 1 to 9 letters, digits or hyphens."))
        if row["kind"] and row["kind"] not in TABLE_KINDS:
            self.problem(
                "tables", code, "kind", _("One of %(choices)s is needed.") % {"choices": ", ".join(TABLE_KINDS)}
            )
        applies = row.get("applies_when", "")
        return TableDefinition(
            code=code,
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            kind=row["kind"],
            repeating=code in self.repeating,
            indicators=tuple(item for item in indicators if item.table == code),
            applies_when=applies,
            applies_rule=self.expression("tables", code, "applies_when", applies, Kind.BOOL),
            marks={key: value for key, value in row.items() if key.endswith(("_zh", "_en")) and "name_" not in key},
        )

    def read_regions(self) -> Regions:
        rows = {}
        for row in self.sheets["regions"]:
            since, until = (
                int(row[key]) if re.fullmatch("[0-9]{4}", row.get(key, "")) else None
                for key in ("from_year", "to_year")
            )
            successor = row.get("successor", "")
            rows[row["code"]] = Region(
                row["code"], row["name_zh"], row.get("name_en", ""), row["level"], since, until, successor
            )
        return Regions(rows)

    def expression(
        self, sheet: str, code: str, column: str, text: str, want: Kind | None, within: str | None = None
    ) -> Compiled | None:
        """The compiled text, or None when it is blank or wrong (and then reported)."""
        if not text:
            return None
        try:
            compiled = compile_expression(text, self.symbols, want)
        except LanguageError as error:
            self.problem(
                sheet,
                code,
                column,
                _("%(message)s (at character %(position)s)") % {"message": error.message, "position": error.position},
            )
            return None
        if compiled.rows_of not in (None, within):
            self.problem(
                sheet,
                code,
                column,
                _("Lines of table %(table)s are named without adding them up, and the rule is not marked per row.")
                % {"table": compiled.rows_of},
            )
            return None
        return compiled
