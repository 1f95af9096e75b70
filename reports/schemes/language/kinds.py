from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.utils.translation import pgettext_lazy


class Kind(Enum):
    NUMBER = "number"
    TEXT = "text"
    BOOL = "yes/no"
    DATE = "date"
    SET = "set of codes"
    EMPTY = "empty"

    @property
    def word(self) -> str:
        """For the author of a scheme, in the active language."""
        return str(WORDS[self])


WORDS = {
    Kind.NUMBER: pgettext_lazy("kind of value", "number"),
    Kind.TEXT: pgettext_lazy("kind of value", "text"),
    Kind.BOOL: pgettext_lazy("kind of value", "yes/no"),
    Kind.DATE: pgettext_lazy("kind of value", "date"),
    Kind.SET: pgettext_lazy("kind of value", "set of codes"),
    Kind.EMPTY: pgettext_lazy("kind of value", "empty"),
}


@dataclass(frozen=True)
class Type:
    """`options` are the codes a text may take, so that a literal outside the list is a load error."""

    kind: Kind
    options: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.kind.word


NUMBER, TEXT, BOOL = Type(Kind.NUMBER), Type(Kind.TEXT), Type(Kind.BOOL)
DATE, SET, EMPTY = Type(Kind.DATE), Type(Kind.SET), Type(Kind.EMPTY)
