"""What an expression may consist of; the parser builds nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Node:
    position: int


@dataclass(frozen=True)
class Literal(Node):
    value: Decimal | str | bool | date | None


@dataclass(frozen=True)
class Name(Node):
    name: str


@dataclass(frozen=True)
class Call(Node):
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Negative(Node):
    operand: Node


@dataclass(frozen=True)
class Sum(Node):
    """Terms with their sign, kept flat because the blank rule looks at all of them together."""

    terms: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Product(Node):
    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Compare(Node):
    sign: str
    left: Node
    right: Node
    within: Node | None = None


@dataclass(frozen=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True)
class Among(Node):
    value: Node
    choices: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True)
class Logic(Node):
    """`word` is and / or (any number of parts), implies or iff (two parts)."""

    word: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node
