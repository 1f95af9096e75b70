from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from reports.schemes.definition import Indicator, Option

from .cleaning import as_text, narrow, one_line, shown
from .refusal import UnreadableValue

TRUE = frozenset(("1", "是", "有", "yes", "y", "true", "√", "✓", "对"))
FALSE = frozenset(("0", "否", "没有", "no", "n", "false", "×", "✗"))


def read_bool(text: str) -> str:
    word = one_line(narrow(text)).casefold()
    if word in TRUE:
        return "1"
    if word in FALSE:
        return "0"
    raise UnreadableValue(_("“%(value)s” is neither yes nor no. Enter 是 or 否.") % {"value": shown(text)})


def find_option(indicator: Indicator, text: str) -> Option | None:
    """By code, by label in either language, or by both as printed in a list (“10 企业”)."""
    word = one_line(narrow(text))
    by_code = indicator.option_by_code
    if option := by_code.get(word) or by_code.get(word.upper()):
        return option
    if word.isascii() and word.isdigit() and len(word) < 10:
        same = [option for code, option in by_code.items() if code.isdigit() and int(code) == int(word)]
        if len(same) == 1:
            return same[0]
    folded = word.casefold()
    for option in indicator.options:
        if folded in {narrow(option.label_zh).casefold(), narrow(option.label_en).casefold()}:
            return option
    match = re.match(r"([0-9A-Za-z-]+?)\s*[-=:、. ]\s*(.+)", word)
    if match and (option := by_code.get(match[1])) and match[2] in (narrow(option.label_zh), option.label_en):
        return option
    return None


def read_enum(indicator: Indicator, text: str) -> str:
    option = find_option(indicator, text)
    if option is None:
        raise _unknown(indicator, text)
    return option.code


def read_multi(indicator: Indicator, raw: Any) -> str:
    """The chosen codes in the order of the list, once each. A whole label may contain a separator."""
    if isinstance(raw, list | tuple | set | frozenset):
        parts = [as_text(part) for part in raw]
    else:
        text = as_text(raw)
        whole = find_option(indicator, text)
        parts = [whole.code] if whole else re.split(r"[,，、;；|\n\t]+", text)
    chosen = set()
    for part in filter(None, map(str.strip, parts)):
        option = find_option(indicator, part)
        if option is None:
            raise _unknown(indicator, part)
        chosen.add(option.code)
    return ",".join(option.code for option in indicator.options if option.code in chosen)


def _unknown(indicator: Indicator, text: str) -> UnreadableValue:
    some = ", ".join(f"{option.code} {option.label()}" for option in indicator.options[:6])
    if len(indicator.options) > 6:
        some += " …"
    return UnreadableValue(
        _("“%(value)s” is not one of the options: %(options)s.") % {"value": shown(text), "options": some}
    )
