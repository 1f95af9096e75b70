"""Which cells to change so that the sums of a filing hold: the smallest set (error localisation).

After Fellegi and Holt (1976): change as few cells as can be so that every hard check that compares sums is met. A set
of cells is tried by taking them out of the relations one after another (Gauss where there is an equation, Fourier and
Motzkin where there are only bounds). What is left over and does not hold is a check that the set cannot mend; one of
its cells must be in any larger set, and only those are tried next. Sets are tried by size, in the order of the form,
and never more than a fixed number of them: the same filing gets the same answer in a bounded time, or is told that the
search was given up.

A check under a condition counts while its condition holds as the filing stands. So no smaller set than those proposed
would do, unless it ended such a condition; and each one proposed is asked of every hard check that it touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any

from .definition import HARD, Check, SchemeDefinition
from .env import Env
from .failures import CellRef
from .linear import Relation, hard_relations, relations_of, values_of

#: Most cells changed together; where more must change, somebody has to look at the whole table.
MOST_CELLS = 3
MOST_TRIES = 250
#: Sets of the same size that are told.
MOST_SETS = 60


class Why(StrEnum):
    """Why no set is proposed."""

    MANY = "many"  # more than MOST_CELLS cells would have to change
    GIVEN_UP = "given up"  # not found within MOST_TRIES, or what was found broke another check


@dataclass(frozen=True)
class Step:
    """One cell and the value it would take."""

    ref: CellRef
    before: Decimal | None
    after: Decimal


Way = tuple[Step, ...]


@dataclass(frozen=True)
class Balanced:
    """Checks that fail and hang together by their cells: the smallest sets of changes, each enough; else why there are none."""

    refs: frozenset[CellRef]
    ways: tuple[Way, ...]
    why: Why | None = None


def balance(env: Env, also: Check | None = None) -> list[Balanced]:
    """Of the hard checks; `also` is one to be met as well although it is not hard."""
    relations = [*hard_relations(env), *(relations_of(env, also) if also is not None else ())]
    values = values_of(env, {ref for relation in relations for ref in relation.refs})
    failing = [relation for relation in relations if not relation.holds(values)]
    return [_balanced(env, group, values, also) for group in _groups(relations, failing)]


def ways_to_balance(env: Env) -> list[list[Way]]:
    """For each group of checks that fail: the smallest sets. A group for which none was found is left out."""
    return [list(found.ways) for found in balance(env) if found.ways]


def _balanced(env: Env, group: list[Relation], values: Mapping[CellRef, Decimal], also: Check | None) -> Balanced:
    refs = {ref: None for relation in group for ref in relation.factors}
    known = tuple((ref, values[ref]) for ref in sorted(_all(group), key=str) if ref in values)
    found, why = _smallest(env.scheme, tuple(group), known)
    ways = tuple(way for way in found if _mends(env, group, way, also))
    return Balanced(frozenset(refs), ways, None if ways else why or Why.GIVEN_UP)


def _all(group: Iterable[Relation]) -> set[CellRef]:
    return {ref for relation in group for ref in relation.refs}


@lru_cache(maxsize=500)
def _smallest(
    scheme: SchemeDefinition, group: tuple[Relation, ...], known: tuple[tuple[CellRef, Decimal], ...]
) -> tuple[list[Way], Why | None]:
    """Remembered: while somebody fills other cells, the same sums stay wrong with the same figures."""
    found, why = _Search(scheme, group, dict(known)).smallest()
    return found[:MOST_SETS], why


def _mends(env: Env, group: Iterable[Relation], way: Way, also: Check | None) -> bool:
    """The checks themselves, asked once more, since whether one applies may depend on the figures too: those of the group
    hold, and no other hard check that looks at a changed cell fails that did not fail before."""
    after = env.replaced({step.ref: step.after for step in way})
    own = {relation.check.key: relation.check for relation in group}
    if any(_fails(after, check) for check in own.values()):
        return False
    touched = {check.key: check for step in way for check in _looking_at(env.scheme).get(step.ref[2], ())}
    others = (check for key, check in touched.items() if key not in own and after.applies(_table(env, check)))
    return not any(check is not also and _fails(after, check) and not _fails(env, check) for check in others)


def _table(env: Env, check: Check) -> Any:
    return env.scheme.table_by_code[check.table]


def _fails(env: Env, check: Check) -> bool:
    for row in env.rows.get(check.table, ()) if check.per_row else (None,):
        if check.when_rule is not None and check.when_rule.run(env, row) is not True:
            continue
        if check.rule is not None and check.rule.run(env, row) is False:
            return True
    return False


@lru_cache(maxsize=8)
def _looking_at(scheme: SchemeDefinition) -> Mapping[str, list[Check]]:
    """By code of an item, the hard checks whose rule or condition reads it, directly or through a computed item."""
    found: dict[str, list[Check]] = {}
    for check in scheme.checks:
        rules = [rule for rule in (check.rule, check.when_rule) if rule is not None]
        if check.severity == HARD:
            for code in _typed(scheme, {name for rule in rules for name in rule.names}):
                found.setdefault(code, []).append(check)
    return found


def _typed(scheme: SchemeDefinition, names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for item in (scheme.indicator_by_code[name] for name in names if name in scheme.indicator_by_code):
        if item.computed and item.formula_rule is not None:
            found |= _typed(scheme, item.formula_rule.names)
        else:
            found.add(item.code)
    return found


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


Made = Sequence[tuple[Relation, tuple[_Row, ...]]]


@dataclass
class _Search:
    """Cells are numbered in the order in which the relations name them; their figures are whole numbers of `1 / scale`.

    `exact` asks that what fails be met without the difference that it allows; where that can be had, it is told.
    """

    scheme: SchemeDefinition
    group: Sequence[Relation]
    known: Mapping[CellRef, Decimal]
    refs: list[CellRef] = field(init=False)
    values: list[int] = field(init=False)
    steps: list[int] = field(init=False)
    scale: int = field(init=False)
    made: Made = field(init=False)
    exact: Made = field(init=False)

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
        self.made = [(relation, tuple(self._of_relation(relation, relation.slack))) for relation in self.group]
        self.exact = [
            (relation, rows if relation.holds(self.known) else tuple(self._of_relation(relation, Decimal(0))))
            for relation, rows in self.made
        ]

    def smallest(self) -> tuple[list[Way], Why | None]:
        level: list[tuple[int, ...]] = [()]
        tries = 0
        for _size in range(MOST_CELLS + 1):
            found: list[Way] = []
            following: dict[tuple[int, ...], None] = {}
            for chosen in level:
                tries += 1
                if tries > MOST_TRIES:
                    return [], Why.GIVEN_UP
                figures, next_cells = self._solve(chosen, self.made)
                if figures is not None:
                    figures = self._solve(chosen, self.exact)[0] or figures
                    found.append(self._way(chosen, figures))
                for cell in next_cells:
                    following[tuple(sorted((*chosen, cell)))] = None
            if found:
                return found, None
            level = list(following)
        return [], Why.MANY if level else Why.GIVEN_UP

    def _way(self, chosen: tuple[int, ...], figures: Mapping[int, int]) -> Way:
        return tuple(
            Step(self.refs[cell], self.known.get(self.refs[cell]), _unscaled(figures[cell], self.scale))
            for cell in chosen
        )

    def _rows(self, chosen: tuple[int, ...], made: Made) -> Iterator[_Row]:
        """The relations that say something once the chosen cells are filled, and the bounds of these cells."""
        filled = {*self.known, *(self.refs[cell] for cell in chosen)}
        for relation, rows in made:
            if relation.applies(filled):
                yield from rows
        for cell in chosen:
            least, most = self.bounds[cell]
            if least is not None:
                yield _Row({cell: -1}, least, equation=False)
            if most is not None:
                yield _Row({cell: 1}, -most, equation=False)

    def _of_relation(self, relation: Relation, within: Decimal) -> Iterator[_Row]:
        times = 10 ** max(_places(factor) for factor in relation.factors.values())
        factors = {self.number[ref]: int(factor * times) for ref, factor in relation.factors.items()}
        constant, slack = int(relation.constant * times * self.scale), int(within * times * self.scale)
        if relation.sign == "=" and not slack:
            yield _Row(factors, constant, equation=True)
            return
        yield _Row(factors, constant - slack + (1 if relation.sign == "<" else 0), equation=False)
        if relation.sign == "=":
            yield _Row({cell: -factor for cell, factor in factors.items()}, -constant - slack, equation=False)

    def _solve(self, chosen: tuple[int, ...], made: Made) -> tuple[dict[int, int] | None, list[int]]:
        """Figures of the chosen cells with which everything holds; else None and the cells to try beside them.

        Where figures would do but no whole ones were found, any other cell may help.
        """
        rows, stages = list(self._rows(chosen, made)), []
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
                return None, [other for other in range(len(self.refs)) if other not in chosen]
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
