"""Words of the help pages: what an item takes, when it is asked, which checks look at it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from reports.schemes.definition import Check, Indicator, SchemeDefinition, TableDefinition, pick
from reports.schemes.failures import OWN_CHECKS


def form_of(item: Indicator) -> str:
    """What may be typed, in words."""
    words = {
        "int": _("whole number"),
        "decimal": _("number with up to %(places)s decimal places") % {"places": item.places},
        "string": _("text of up to %(length)s characters") % {"length": item.length},
        "text": _("text of several lines"),
        "rows": _lines_of(item),
        "enum": _("one of the options"),
        "multi": _("one or more of the options"),
        "bool": _("yes or no"),
        "date": _("date, such as 2023-05-17"),
        "yyyymm": _("month, such as 2023-05"),
        "uscc18": _("unified social credit code of 18 characters"),
        "region6": _("division code of 6 digits"),
        "postcode": _("postcode of 6 digits"),
        "phone": _("telephone number"),
        "mobile": _("mobile number of 11 digits"),
        "email": _("e-mail address"),
        "url": _("web address"),
        "rowref": _("numbers of the sites"),
        "file": _("uploaded file"),
    }
    return words.get(item.dtype, _("filled by the system"))


def _lines_of(item: Indicator) -> str:
    """The columns of an answer of rows, each with what may be typed into it."""
    if not item.columns:
        return _("text of several lines")
    forms = (
        _("%(column)s (%(form)s)")
        % {"column": one.name(), "form": form_of(Indicator("", "", "", "", COLUMN_TYPES[one.kind], length=one.length))}
        for one in item.columns
    )
    return _("lines of %(columns)s") % {"columns": pick("、", ", ").join(forms)}


#: The type of item that reads as a kind of column does.
COLUMN_TYPES = {"text": "string", "date": "date", "bool": "bool", "int": "int"}
ALIKE = re.compile(r'([A-Z][A-Z0-9]+) (=|!=) "([^"]+)"')
LISTED = re.compile(r'([A-Z][A-Z0-9]+) in \(((?:"[^"]+"(?:, )?)+)\)')
ANY_LINE = re.compile(r'any\(([A-Z][A-Z0-9]+) = "([^"]+)"\)')
COUNTED = re.compile(r"([A-Z][A-Z0-9]+) (=|>) 0")


def condition_words(scheme: SchemeDefinition, expression: str) -> str:
    """A condition as a filer reads it; one that has no plain words stays an expression."""

    def name(code: str) -> str:
        return _("“%(item)s” (%(code)s)") % {"item": scheme.indicator(code).name(), "code": code}

    def labels(code: str, options: Iterable[str]) -> str:
        by_code = scheme.indicator(code).option_by_code
        return pick("、", ", ").join(by_code[option].label() for option in options)

    if match := ALIKE.fullmatch(expression):
        words = _("%(item)s is %(options)s") if match[2] == "=" else _("%(item)s is not %(options)s")
        return words % {"item": name(match[1]), "options": labels(match[1], [match[3]])}
    if match := LISTED.fullmatch(expression):
        options = labels(match[1], re.findall(r'"([^"]+)"', match[2]))
        return _("%(item)s is one of %(options)s") % {"item": name(match[1]), "options": options}
    if match := ANY_LINE.fullmatch(expression):
        options = labels(match[1], [match[2]])
        return _("%(item)s is %(options)s on one of the lines") % {"item": name(match[1]), "options": options}
    if match := COUNTED.fullmatch(expression):
        words = _("%(item)s is 0") if match[2] == "=" else _("%(item)s is above 0")
        return words % {"item": name(match[1])}
    if expression in scheme.indicator_by_code:
        return _("%(item)s is yes") % {"item": name(expression)}
    return expression


#: Longer lists (divisions, branches of industry) would answer to any word.
MOST_OPTIONS = 40
STANDARD = re.compile(r"GB(?:/T)? ?[0-9][0-9.-]*")


def source_words(source: str) -> str:
    """Where a rule comes from. The sample scheme notes in English what was found and what was reconstructed; an official
    one names its article, which is shown as it is."""
    found, made = "found" in source, "reconstructed" in source
    if found and made:
        return _("partly from a published document, partly reconstructed for the sample scheme")
    if made:
        return _("reconstructed for the sample scheme; no published source")
    if found:
        standard = STANDARD.search(source)
        return _("taken from a published document") + (f" ({standard[0]})" if standard else "")
    return source


@dataclass(frozen=True, slots=True)
class RuleCard:
    """One check in plain words, the same on a finding, in help and in the comments of a workbook. `source` says where the
    rule comes from."""

    code: str
    words: str
    example: str
    source: str

    @property
    def text(self) -> str:
        """On one line, for a comment."""
        return f"{self.code}  {self.told}"

    @property
    def told(self) -> str:
        """All but the code."""
        parts = [self.words]
        if self.example:
            parts.append(_("Example: %(example)s") % {"example": self.example})
        if self.source:
            parts.append(_("Source: %(source)s") % {"source": self.source})
        return " ".join(parts)


def rule_card(check: Check) -> RuleCard:
    return RuleCard(check.code, check.help(), check.example, source_words(check.source))


@dataclass(frozen=True)
class CheckCard:
    """All parts of one check, as a card of the help."""

    code: str
    checks: tuple[Check, ...]

    @property
    def first(self) -> Check:
        return self.checks[0]

    @property
    def rule(self) -> RuleCard:
        return rule_card(self.first)

    @property
    def tables(self) -> list[str]:
        return list(dict.fromkeys(check.table for check in self.checks))

    @property
    def cells(self) -> list[str]:
        return list(dict.fromkeys(code for check in self.checks for code in check.cells))

    def speaks_of(self, word: str) -> bool:
        """Whether the code, the help, a message or a cell contains the word."""
        folded = word.casefold()
        texts = [self.code, self.first.help_zh, self.first.help_en, *self.cells]
        texts += [text for check in self.checks for text in (check.message_zh, check.message_en)]
        return any(folded in text.casefold() for text in texts)


def cards(checks: Iterable[Check]) -> list[CheckCard]:
    ordered = sorted(checks, key=lambda check: check.code)
    return [CheckCard(code, tuple(group)) for code, group in groupby(ordered, key=lambda check: check.code)]


@dataclass(frozen=True, slots=True)
class Found:
    """What a word finds in a scheme."""

    tables: list[TableDefinition]
    items: list[Indicator]
    cards: list[CheckCard]

    @property
    def count(self) -> int:
        return len(self.tables) + len(self.items) + len(self.cards)


def search(scheme: SchemeDefinition, word: str) -> Found:
    """Tables, items and checks whose code, name, definition, options or words hold the word, in either language."""
    folded = word.casefold()

    def holds(*texts: str) -> bool:
        return any(folded in text.casefold() for text in texts)

    items = [item for table in scheme.tables for item in table.indicators]
    return Found(
        [table for table in scheme.tables if holds(table.code, table.name_zh, table.name_en)],
        [item for item in items if holds(*_texts_of(item))],
        [card for card in cards((*scheme.checks, *OWN_CHECKS)) if card.speaks_of(word)],
    )


def _texts_of(item: Indicator) -> list[str]:
    texts = [
        item.code,
        item.name_zh,
        item.name_en,
        item.definition_zh,
        item.definition_en,
        item.group_zh,
        item.group_en,
    ]
    few = item.options if len(item.options) <= MOST_OPTIONS else ()
    return texts + [label for option in few for label in (option.label_zh, option.label_en)]


@dataclass(frozen=True)
class ItemHelp:
    """One item with everything its help shows."""

    item: Indicator
    form: str
    required_when: str
    checks: list[CheckCard]


def item_help(scheme: SchemeDefinition, item: Indicator) -> ItemHelp:
    when = "" if item.required_when in ("", "yes") else condition_words(scheme, item.required_when)
    return ItemHelp(item, form_of(item), when, cards(scheme.checks_of(item.code)))


@dataclass(frozen=True)
class TableHelp:
    table: TableDefinition
    applies_when: str


def table_helps(scheme: SchemeDefinition, *kinds: str) -> list[TableHelp]:
    return [
        TableHelp(table, condition_words(scheme, table.applies_when) if table.applies_when else "")
        for table in scheme.tables
        if table.kind in kinds
    ]
