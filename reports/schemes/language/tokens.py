from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from .errors import LanguageError

LONGEST = 2000
WORDS = frozenset(
    ["and", "or", "not", "implies", "iff", "in", "between", "within", "if", "then", "else", "true", "false", "empty"]
)
# Statisticians write the printed signs; they mean the same as the typed ones.
SIGNS = {"≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "÷": "/", "−": "-", "（": "(", "）": ")", "，": ","}
PATTERN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<number>[0-9]{1,20}(?:\.[0-9]{1,10})?(?![0-9A-Za-z_.]))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]{0,63}(?![A-Za-z0-9_]))
      | "(?P<text>[^"\n]{0,200})"
      | (?P<sign><=|>=|!=|[<>=+\-*/(),≤≥≠×÷−（），])""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    position: int


def tokenise(source: str) -> list[Token]:
    """The tokens of an expression, closed by one of kind "end"."""
    if len(source) > LONGEST:
        raise LanguageError(
            _("The expression is %(length)s characters long; at most %(most)s are allowed.")
            % {"length": len(source), "most": LONGEST},
            LONGEST,
        )
    tokens, at = [], 0
    while at < len(source):
        match = PATTERN.match(source, at)
        if not match:
            raise LanguageError(_("“%(sign)s” is not understood here.") % {"sign": source[at : at + 12]}, at + 1)
        kind = str(match.lastgroup)
        text = match.group(kind)
        if kind == "name" and text in WORDS:
            kind = "word"
        if kind == "sign":
            text = SIGNS.get(text, text)
        if kind != "space":
            tokens.append(Token(kind, text, at + 1))
        at = match.end()
    return [*tokens, Token("end", "", len(source) + 1)]
