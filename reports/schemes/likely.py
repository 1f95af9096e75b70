"""What probably happened where a sum does not hold: the slips that people make, each with the cells it would mend.

Nothing here is applied by itself: a cause is a guess with its figures before and after, and a person confirms it. A
guess must put its own check right and may break no hard check that holds; otherwise it is not made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cached_property

from .definition import Indicator
from .env import Env
from .failures import CellRef, Failure
from .linear import Relation, hard_relations, relations_of, values_of

#: Guesses told for one finding.
MOST_CAUSES = 3
#: 元, 万元 and 千元 mistaken for each other.
UNITS = (Decimal(1000), Decimal(10), Decimal(10000))
#: From here on an amount brought to the larger unit may differ by one from what the sum wants: it was rounded.
ROUNDS = 100
#: Fewer figures in one column are two slips rather than one.
LEAST_SHIFTED = 2


class Kind(StrEnum):
    UNIT = "unit"
    ZERO = "zero"
    SWAPPED = "swapped"
    SHIFTED = "shifted"
    LEFT_OUT = "left_out"
    TWICE = "twice"
    BLANK_PART = "blank_part"
    LAST_YEAR = "last_year"
    NINE = "nine"


@dataclass(frozen=True)
class Move:
    """One cell before and after; None is blank."""

    ref: CellRef
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True)
class Cause:
    """`other` is the part that was left out or counted twice. Without `moves` it is a hint only: see NINE."""

    kind: Kind
    moves: tuple[Move, ...] = ()
    other: CellRef | None = None


class Detective:
    """Looks for the causes of the findings of one filing."""

    def __init__(self, env: Env) -> None:
        self.env = env

    def causes(self, failure: Failure) -> list[Cause]:
        """The likeliest first. A check that is no sum, or that fails by its bounds only, has none."""
        found: dict[tuple[Move, ...], Cause] = {}
        for relation in relations_of(self.env, failure.check):
            if relation.row_id != failure.row_id or relation.sign != "=":
                continue
            values = values_of(self.env, relation.factors)
            if relation.holds(values):
                continue
            for cause in _Sum(self, relation, values).guesses():
                if cause.moves not in found and self.mended(relation, cause.moves):
                    found[cause.moves] = cause
            if not found and (gap := abs(relation.gap(values))) >= 9 and gap % 9 == 0:
                return [Cause(Kind.NINE)]
        return list(found.values())[:MOST_CAUSES]

    def item(self, ref: CellRef) -> Indicator:
        return self.env.scheme.indicator_by_code[ref[2]]

    @cached_property
    def _hard(self) -> list[Relation]:
        return hard_relations(self.env)

    @cached_property
    def _values(self) -> dict[CellRef, Decimal]:
        return values_of(self.env, {ref for relation in self._hard for ref in relation.factors})

    def mended(self, own: Relation, moves: Iterable[Move]) -> int:
        """How many sums the moves put right; none when their own stays wrong or one that holds would break."""
        moved = {move.ref: move.after for move in moves}

        def after(values: Mapping[CellRef, Decimal]) -> dict[CellRef, Decimal]:
            return {ref: value for ref, value in {**values, **moved}.items() if value is not None}

        inside = after(values_of(self.env, own.factors))
        if not own.applies(inside) or not own.holds(inside):
            return 0
        touched = [one for one in self._hard if not moved.keys().isdisjoint(one.factors)]
        before = [one.holds(self._values) for one in touched]
        then = [one.holds(after(self._values)) for one in touched]
        broken = any(was and not now for was, now in zip(before, then, strict=True))
        return 0 if broken else 1 + sum(now and not was for was, now in zip(before, then, strict=True))


@dataclass(frozen=True)
class _Sum:
    """One sum that does not hold."""

    detective: Detective
    relation: Relation
    values: Mapping[CellRef, Decimal]

    def guesses(self) -> Iterator[Cause]:
        yield from self._units()
        yield from self._swapped()
        yield from self._shifted()
        yield from self._parts()
        yield from self._last_year()

    def _wanted(self, ref: CellRef) -> Decimal | None:
        """The figure with which the sum would hold, if the cell can take it."""
        item = self.detective.item(ref)
        wanted = self.values.get(ref, Decimal(0)) - self.relation.gap(self.values) / self.relation.factors[ref]
        return wanted if _fits(item, wanted) else None

    def _single(self, kind: Kind, ref: CellRef, after: Decimal, other: CellRef | None = None) -> Cause:
        return Cause(kind, (Move(ref, self.values.get(ref), after),), other)

    def _units(self) -> Iterator[Cause]:
        """An amount of money 1,000, 10 or 10,000 times too large or too small; of other figures a nought too many."""
        for ref, value in self.values.items():
            wanted, money = self._wanted(ref), self.detective.item(ref).money
            if wanted is None or not value:
                continue
            for factor in UNITS if money else (Decimal(10),):
                for meant in (_whole(value / factor), value * factor):
                    rounded = 1 if money and ROUNDS <= meant < value else 0
                    if meant and abs(meant - wanted) <= self.relation.slack + rounded:
                        kind = Kind.UNIT if money else Kind.ZERO
                        yield self._single(kind, ref, meant if self._closes(ref, meant) else wanted)

    def _closes(self, ref: CellRef, figure: Decimal) -> bool:
        return self.relation.holds({**self.values, ref: figure})

    def _swapped(self) -> Iterator[Cause]:
        """Two neighbouring digits of one figure changed places; the difference is then divisible by nine."""
        for ref, value in self.values.items():
            wanted = self._wanted(ref)
            if wanted is not None and wanted in _swaps(value):
                yield self._single(Kind.SWAPPED, ref, wanted)

    @property
    def _total(self) -> CellRef | None:
        """The one cell on a side of its own."""
        alone = [side for side in (self.relation.left, self.relation.right) if len(side) == 1]
        sides = [next(iter(side)) for side in alone]
        return sides[0] if len(sides) == 1 else None

    def _parts(self) -> Iterator[Cause]:
        """The sum is off by exactly one of its parts, or one part is blank and exactly that is missing."""
        total = self._total
        if total is None or total not in self.values:
            return
        short = -self.relation.gap(self.values) / self.relation.factors[total]  # what the total lacks
        parts = [ref for ref, factor in self.relation.factors.items() if factor == -self.relation.factors[total]]
        blank = [ref for ref in parts if ref not in self.values]
        if short < 0 and len(blank) == 1 and (wanted := self._wanted(blank[0])) is not None:
            yield self._single(Kind.BLANK_PART, blank[0], wanted)
        exact = [ref for ref in parts if self.values.get(ref) == abs(short)]
        wanted = self._wanted(total)
        if len(exact) == 1 and wanted is not None:
            yield self._single(Kind.LEFT_OUT if short > 0 else Kind.TWICE, total, wanted, exact[0])

    def _last_year(self) -> Iterator[Cause]:
        """One figure is still last year's while every other has changed."""
        before = self.detective.env.previous
        if before is None:
            return
        then = {ref: before.single.get(ref[2]) for ref in self.values if ref[1] is None}
        same = [ref for ref, value in self.values.items() if value and then.get(ref) == value]
        if len(same) == 1 and len(self.values) > 2 and (wanted := self._wanted(same[0])) is not None:
            yield self._single(Kind.LAST_YEAR, same[0], wanted)

    def _shifted(self) -> Iterator[Cause]:
        """A run of figures stands one line too low or too high, beside the blank line that was passed over."""
        first = next(iter(self.relation.factors))
        table = self.detective.env.scheme.table_by_code[first[0]]
        if table.repeating or any(ref[0] != table.code for ref in self.relation.factors):
            return
        column: list[CellRef] = [
            (table.code, None, item.code) for item in table.indicators if item.dtype in ("int", "decimal")
        ]
        values = values_of(self.detective.env, column)
        for run in (column, column[::-1]):
            yield from self._along(run, values)

    def _along(self, column: Sequence[CellRef], values: Mapping[CellRef, Decimal]) -> Iterator[Cause]:
        """Moves the run behind each blank cell one cell back; of the runs that put it right the one that mends most."""
        for start, blank in enumerate(column):
            if blank in values:
                continue
            moves: list[Move] = []
            found: tuple[int, tuple[Move, ...]] = (0, ())
            for to, source in zip(column[start:], column[start + 1 :], strict=False):
                if source not in values or not _fits(self.detective.item(to), values[source]):
                    break
                moves.append(Move(to, values.get(to), values[source]))
                run = (*moves, Move(source, values[source], None))
                mended = self.detective.mended(self.relation, run) if len(moves) >= LEAST_SHIFTED else 0
                if mended > found[0]:
                    found = mended, run
            if found[0]:
                yield Cause(Kind.SHIFTED, found[1])


def _fits(item: Indicator, figure: Decimal) -> bool:
    """Whether the cell would take the figure."""
    if (item.minimum is not None and figure < item.minimum) or (item.maximum is not None and figure > item.maximum):
        return False
    return figure == figure.quantize(Decimal(1).scaleb(-item.places), ROUND_HALF_UP)


def _whole(figure: Decimal) -> Decimal:
    return figure.quantize(Decimal(1), ROUND_HALF_UP)


def _swaps(figure: Decimal) -> set[Decimal]:
    """The figure with two neighbouring digits exchanged, every way that keeps its length."""
    text = format(figure, "f")
    found = set()
    for at in range(len(text) - 1):
        one, two = text[at], text[at + 1]
        if one.isdigit() and two.isdigit() and one != two and not (at == 0 and two == "0"):
            found.add(Decimal(f"{text[:at]}{two}{one}{text[at + 2 :]}"))
    return found
