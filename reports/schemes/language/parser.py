from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from . import tree
from .errors import LanguageError
from .tokens import Token, tokenise

DEEPEST = 25
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
CONSTANTS = {"true": True, "false": False, "empty": None}


def parse(source: str) -> tree.Node:
    """The tree of an expression, or LanguageError with the position that broke it."""
    return _Parser(tokenise(source)).whole()


class _Parser:
    """Recursive descent, loosest first: iff, implies, or, and, not, comparison, sum, product."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self, *texts: str, kinds: tuple[str, ...] = ("sign", "word")) -> Token | None:
        token = self.next
        if token.kind in kinds and token.text in texts:
            self.at += 1
            return token
        return None

    def need(self, text: str) -> Token:
        token = self.take(text)
        if token is None:
            raise self.unexpected(_("“%(text)s” is expected here.") % {"text": text})
        return token

    def unexpected(self, message: object) -> LanguageError:
        return LanguageError(message, self.next.position)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.unexpected(_("The expression is nested more than %(most)s levels deep.") % {"most": DEEPEST})
        yield
        self.depth -= 1

    def whole(self) -> tree.Node:
        node = self.expression()
        if self.next.kind != "end":
            raise self.unexpected(_("“%(text)s” was not expected here.") % {"text": self.next.text})
        return node

    def expression(self) -> tree.Node:
        with self.deeper():
            left = self.implication()
            if token := self.take("iff"):
                return tree.Logic(token.position, "iff", (left, self.implication()))
            return left

    def implication(self) -> tree.Node:
        left = self.disjunction()
        if token := self.take("implies"):
            with self.deeper():
                return tree.Logic(token.position, "implies", (left, self.implication()))
        return left

    def disjunction(self) -> tree.Node:
        return self.joined("or", self.conjunction)

    def conjunction(self) -> tree.Node:
        return self.joined("and", self.negation)

    def joined(self, word: str, part: Callable[[], tree.Node]) -> tree.Node:
        position, parts = self.next.position, [part()]
        while self.take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else tree.Logic(position, word, tuple(parts))

    def negation(self) -> tree.Node:
        if token := self.take("not"):
            with self.deeper():
                return tree.Not(token.position, self.negation())
        return self.comparison()

    def comparison(self) -> tree.Node:
        left = self.sum()
        if token := self.take(*COMPARISONS):
            right = self.sum()
            within = self.sum() if token.text == "=" and self.take("within") else None
            return tree.Compare(token.position, token.text, left, right, within)
        if token := self.take("between"):
            low = self.sum()
            self.need("and")
            return tree.Between(token.position, left, low, self.sum())
        negated = self.next.kind == "word" and self.next.text == "not" and self.tokens[self.at + 1].text == "in"
        if negated:
            self.at += 1
        if token := self.take("in"):
            self.need("(")
            return tree.Among(token.position, left, self.arguments(), negated)
        return left

    def sum(self) -> tree.Node:
        position, terms = self.next.position, [("+", self.product())]
        while sign := self.take("+", "-"):
            terms.append((sign.text, self.product()))
        return terms[0][1] if len(terms) == 1 else tree.Sum(position, tuple(terms))

    def product(self) -> tree.Node:
        first, rest = self.unary(), []
        while sign := self.take("*", "/"):
            rest.append((sign.text, self.unary()))
        return tree.Product(first.position, first, tuple(rest)) if rest else first

    def unary(self) -> tree.Node:
        if token := self.take("-"):
            with self.deeper():
                return tree.Negative(token.position, self.unary())
        return self.atom()

    def atom(self) -> tree.Node:
        token = self.next
        if self.take("("):
            node = self.expression()
            self.need(")")
            return node
        if self.take("if"):
            condition = self.expression()
            self.need("then")
            then = self.expression()
            self.need("else")
            return tree.If(token.position, condition, then, self.expression())
        if self.take(*CONSTANTS):
            return tree.Literal(token.position, CONSTANTS[token.text])
        if token.kind not in ("number", "text", "name"):
            raise self.unexpected(_("A value, a code or a function is expected here."))
        self.at += 1
        if token.kind == "number":
            return tree.Literal(token.position, Decimal(token.text))
        if token.kind == "text":
            return tree.Literal(token.position, token.text)
        if self.take("("):
            return tree.Call(token.position, token.text, self.arguments())
        return tree.Name(token.position, token.text)

    def arguments(self) -> tuple[tree.Node, ...]:
        """What stands between brackets; the opening one is taken already."""
        found: list[tree.Node] = []
        if self.take(")"):
            return ()
        while True:
            found.append(self.expression())
            if not self.take(","):
                self.need(")")
                return tuple(found)
