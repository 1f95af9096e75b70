"""Which cells to change so that the sums of a filing hold: the smallest set (error localisation).

After Fellegi and Holt (1976): change as few cells as can be so that every hard check that compares sums is met. A set
of cells is tried by taking them out of the relations one after another (Gauss where there is an equation, Fourier and
Motzkin where there are only bounds). What is left over and does not hold is a check that the set cannot mend; one of
its cells must be in any larger set, and only those are tried next. Sets are tried by size, in the order of the form,
and never more than a fixed number of them: the same filing gets the same answer in a bounded time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from .definition import SchemeDefinition
from .env import Env
from .failures import CellRef
from .linear import Relation, hard_relations, values_of

#: Most cells changed together; where more must change, somebody has to look at the whole table.
MOST_CELLS = 3
MOST_TRIES = 250
#: Sets of the same size that are told.
MOST_SETS = 60


@dataclass(frozen=True)
class Step:
    """One cell and the value it would take."""

    ref: CellRef
    before: Decimal | None
    after: Decimal


Way = tuple[Step, ...]


def ways_to_balance(env: Env) -> list[list[Way]]:
    """For each group of checks that fail and hang together by their cells: the smallest sets of changes, each enough.

    A group for which none was found in bounds is left out.
    """
    relations = hard_relations(env)
    values = values_of(env, {ref for relation in relations for ref in relation.factors})
    failing = [relation for relation in relations if not relation.holds(values)]
    found = []
    for group in _groups(relations, failing):
        known = tuple((ref, values[ref]) for relation in group for ref in relation.factors if ref in values)
        ways = [way for way in _smallest(env.scheme, tuple(group), known) if _mends(env, group, way)]
        if ways:
            found.append(ways)
    return found


@lru_cache(maxsize=500)
def _smallest(
    scheme: SchemeDefinition, group: tuple[Relation, ...], known: tuple[tuple[CellRef, Decimal], ...]
) -> list[Way]:
    """Remembered: while somebody fills other cells, the same sums stay wrong with the same figures."""
    return _Search(scheme, group, dict(known)).smallest()[:MOST_SETS]


def _mends(env: Env, group: Iterable[Relation], way: Way) -> bool:
    """The checks themselves, asked once more: whether one applies may depend on the figures too."""
    after = env.replaced({step.ref: step.after for step in way})
    for check in {relation.check.key: relation.check for relation in group}.values():
        for row in after.rows.get(check.table, ()) if check.per_row else (None,):
            if check.when_rule is not None and check.when_rule.run(after, row) is not True:
                continue
            if check.rule is not None and check.rule.run(after, row) is False:
                return False
    return True


def _groups(relations: Sequence[Relation], failing: Iterable[Relation]) -> Iterator[list[Relation]]:
    """Relations that hang together by their cells, as far as one of them fails."""
    by_cell: dict[CellRef, list[int]] = {}
    for at, relation in enumerate(relations):
        for ref in relation.factors:
            by_cell.setdefault(ref, []).append(at)
    places = {id(relation): at for at, relation in enumerate(relations)}
    done: set[int] = set()
    for start in (places[id(relation)] for relation in failing):
        if start in done:
            continue
        members, waiting = {start}, [start]
        while waiting:
            for ref in relations[waiting.pop()].factors:
                fresh = [at for at in by_cell[ref] if at not in members]
                members.update(fresh)
                waiting += fresh
        done |= members
        yield [relations[at] for at in sorted(members)]


# -- the search -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """Σ factor × cell + constant `= 0` or `<= 0`, in whole numbers."""

    factors: Mapping[int, int]
    constant: int
    equation: bool

    def total(self, values: Sequence[int]) -> int:
        return self.constant + sum(factor * values[cell] for cell, factor in self.factors.items())

    def holds(self, values: Sequence[int]) -> bool:
        total = self.total(values)
        return total == 0 if self.equation else total <= 0


@dataclass
class _Search:
    """Cells are numbered in the order in which the relations name them; their figures are whole numbers of `1 / scale`."""

    scheme: SchemeDefinition
    group: Sequence[Relation]
    known: Mapping[CellRef, Decimal]
    refs: list[CellRef] = field(init=False)
    values: list[int] = field(init=False)
    steps: list[int] = field(init=False)
    scale: int = field(init=False)

    def __post_init__(self) -> None:
        self.refs = list(dict.fromkeys(ref for relation in self.group for ref in relation.factors))
        items = [self.scheme.indicator_by_code[ref[2]] for ref in self.refs]
        numbers = [*self.known.values(), *(relation.constant for relation in self.group)]
        numbers += [relation.slack for relation in self.group]
        self.scale = 10 ** max([_places(number) for number in numbers] + [item.places for item in items])
        self.values = [int(self.known.get(ref, Decimal(0)) * self.scale) for ref in self.refs]
        self.steps = [self.scale // 10**item.places for item in items]
        self.bounds = [(_scaled(item.minimum, self.scale), _scaled(item.maximum, self.scale)) for item in items]
        self.number = {ref: at for at, ref in enumerate(self.refs)}
        self.made = [(relation, tuple(self._of_relation(relation))) for relation in self.group]

    def smallest(self) -> list[Way]:
        level: list[tuple[int, ...]] = [()]
        tries = 0
        for _size in range(MOST_CELLS + 1):
            found: list[Way] = []
            following: dict[tuple[int, ...], None] = {}
            for chosen in level:
                tries += 1
                if tries > MOST_TRIES:
                    return []
                figures, next_cells = self._solve(chosen)
                if figures is not None:
                    found.append(self._way(chosen, figures))
                for cell in next_cells:
                    following[tuple(sorted((*chosen, cell)))] = None
            if found:
                return found
            level = list(following)
        return []

    def _way(self, chosen: tuple[int, ...], figures: Mapping[int, int]) -> Way:
        return tuple(
            Step(self.refs[cell], self.known.get(self.refs[cell]), _unscaled(figures[cell], self.scale))
            for cell in chosen
        )

    def _rows(self, chosen: tuple[int, ...]) -> Iterator[_Row]:
        """The relations that say something once the chosen cells are filled, and the bounds of these cells."""
        filled = {*self.known, *(self.refs[cell] for cell in chosen)}
        for relation, rows in self.made:
            if relation.applies(filled):
                yield from rows
        for cell in chosen:
            least, most = self.bounds[cell]
            if least is not None:
                yield _Row({cell: -1}, least, equation=False)
            if most is not None:
                yield _Row({cell: 1}, -most, equation=False)

    def _of_relation(self, relation: Relation) -> Iterator[_Row]:
        times = 10 ** max(_places(factor) for factor in relation.factors.values())
        factors = {self.number[ref]: int(factor * times) for ref, factor in relation.factors.items()}
        constant, slack = int(relation.constant * times * self.scale), int(relation.slack * times * self.scale)
        if relation.sign == "=" and not slack:
            yield _Row(factors, constant, equation=True)
            return
        yield _Row(factors, constant - slack + (1 if relation.sign == "<" else 0), equation=False)
        if relation.sign == "=":
            yield _Row({cell: -factor for cell, factor in factors.items()}, -constant - slack, equation=False)

    def _solve(self, chosen: tuple[int, ...]) -> tuple[dict[int, int] | None, list[int]]:
        """Figures of the chosen cells with which everything holds; else None and the cells to try beside them."""
        rows, stages = list(self._rows(chosen)), []
        for cell in chosen:
            touching = [row for row in rows if cell in row.factors]
            stages.append((cell, touching))
            rows = [row for row in rows if cell not in row.factors] + _without(cell, touching)
        broken = next((row for row in rows if not row.holds(self.values)), None)
        if broken is not None:
            return None, sorted(broken.factors)
        figures = list(self.values)
        for cell, touching in reversed(stages):
            nearest = self._nearest(cell, touching, figures)
            if nearest is None:
                return None, []
            figures[cell] = nearest
        return {cell: figures[cell] for cell in chosen}, []

    def _nearest(self, cell: int, touching: Iterable[_Row], figures: Sequence[int]) -> int | None:
        """The figure nearest to the present one that all these rows allow, in steps of the cell."""
        low: Fraction | None = None
        high: Fraction | None = None
        for row in touching:
            factor = row.factors[cell]
            bound = figures[cell] - Fraction(row.total(figures), factor)
            if row.equation or factor < 0:
                low = bound if low is None else max(low, bound)
            if row.equation or factor > 0:
                high = bound if high is None else min(high, bound)
        step, figure = self.steps[cell], figures[cell]
        if low is not None and figure < low:
            figure = -(-low // step) * step  # rounded up
        if high is not None and figure > high:
            figure = high // step * step
        inside = (low is None or figure >= low) and (high is None or figure <= high)
        return int(figure) if inside else None


def _without(cell: int, rows: Sequence[_Row]) -> list[_Row]:
    """What the rows say together about the other cells."""
    pivot = next((row for row in rows if row.equation), None)
    if pivot is not None:
        return [_joined(cell, pivot, row) for row in rows if row is not pivot]
    above = [row for row in rows if row.factors[cell] > 0]
    below = [row for row in rows if row.factors[cell] < 0]
    return [_joined(cell, one, other) for one in above for other in below]


def _joined(cell: int, one: _Row, other: _Row) -> _Row:
    """`other` with the cell taken out by means of `one`; `other` is only ever multiplied by a positive number."""
    ours, theirs = one.factors[cell], other.factors[cell]
    times, by = -theirs if ours > 0 else theirs, abs(ours)
    factors = {
        at: factor
        for at in sorted({*one.factors, *other.factors})
        if (factor := times * one.factors.get(at, 0) + by * other.factors.get(at, 0))
    }
    return _Row(factors, times * one.constant + by * other.constant, one.equation and other.equation)


def _places(number: Decimal) -> int:
    return max(0, -int(number.normalize().as_tuple().exponent))


def _scaled(bound: Any, scale: int) -> int | None:
    return None if bound is None else int(Decimal(bound) * scale)


def _unscaled(figure: int, scale: int) -> Decimal:
    number = Decimal(figure) / scale
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def reached(ways: Iterable[Way], refs: Iterable[CellRef]) -> dict[CellRef, Step]:
    """Of the cells asked for those that some way changes, each with the first value proposed for it."""
    wanted = set(refs)
    found: dict[CellRef, Step] = {}
    for step in (step for way in ways for step in way):
        if step.ref in wanted:
            found.setdefault(step.ref, step)
    return found
