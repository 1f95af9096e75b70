"""Words of the help pages: what an item takes, when it is asked, which checks look at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from reports.schemes.definition import Check, Indicator, SchemeDefinition


def form_of(item: Indicator) -> str:
    """What may be typed, in words."""
    words = {
        "int": _("whole number"),
        "decimal": _("number with up to %(places)s decimal places") % {"places": item.places},
        "string": _("text of up to %(length)s characters") % {"length": item.length},
        "text": _("text of several lines"),
        "rows": _("text of several lines"),
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


@dataclass(frozen=True)
class CheckCard:
    """All parts of one check, as a card of the help."""

    code: str
    checks: tuple[Check, ...]

    @property
    def first(self) -> Check:
        return self.checks[0]

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


@dataclass(frozen=True)
class ItemHelp:
    """One item with everything its help shows."""

    item: Indicator
    form: str
    checks: list[CheckCard]


def item_help(scheme: SchemeDefinition, item: Indicator) -> ItemHelp:
    return ItemHelp(item, form_of(item), cards(scheme.checks_of(item.code)))
