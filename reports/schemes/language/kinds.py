from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    NUMBER = "number"
    TEXT = "text"
    BOOL = "yes/no"
    DATE = "date"
    SET = "set of codes"
    EMPTY = "empty"


@dataclass(frozen=True)
class Type:
    """`options` are the codes a text may take, so that a literal outside the list is a load error."""

    kind: Kind
    options: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.kind.value


NUMBER, TEXT, BOOL = Type(Kind.NUMBER), Type(Kind.TEXT), Type(Kind.BOOL)
DATE, SET, EMPTY = Type(Kind.DATE), Type(Kind.SET), Type(Kind.EMPTY)
