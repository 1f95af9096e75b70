"""What a finding may be mended with: corrections of its check, likely slips, and the fewest cells that would balance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from reports.filings.cellkeys import CellKey
from reports.filings.examination import Examination
from reports.schemes.balancing import MOST_CELLS, Balanced, Why, balance
from reports.schemes.definition import HARD, VERIFY, Indicator
from reports.schemes.failures import CellRef, Failure, SuggestedFix
from reports.schemes.likely import Cause, Detective, Kind
from reports.schemes.linear import relations_of
from reports.schemes.values import show_number, show_value

#: Cells shown of a correction; clearing a whole table may touch fifty.
MOST_MOVES = 8
#: Cells named as the one to change.
MOST_PROPOSED = 10


@dataclass(frozen=True, slots=True)
class Shift:
    """One cell before and after, as shown; `name` tells the line too where there are several."""

    code: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A correction in one table; it is applied only when the person confirms it, and until then shown from → to.

    `cells` are (cell key, stored value, empty to clear); `shifts` the same as shown, the first ones; `more` counts the
    rest. `shown` is the one value offered, empty when there are several or cells are cleared.
    """

    url: str
    cells: tuple[tuple[str, str], ...]
    title: str
    shown: str
    seen: int
    shifts: tuple[Shift, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """A cell that, changed alone or with others, makes the sums hold."""

    ref: CellRef
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Balance:
    """The fewest cells to change: `together` at once, one of them among `cells`. Without cells the title says why."""

    title: str
    cells: tuple[Proposed, ...]
    together: int


TITLES: dict[Kind, str | Promise] = {
    Kind.UNIT: gettext_lazy("%(code)s in the wrong unit (yuan, thousand yuan, ten thousand yuan)?"),
    Kind.ZERO: gettext_lazy("A nought too many or too few in %(code)s?"),
    Kind.SWAPPED: gettext_lazy("Two digits of %(code)s exchanged?"),
    Kind.SHIFTED: gettext_lazy("Slipped by one line, from %(code)s on?"),
    Kind.LEFT_OUT: gettext_lazy("%(part)s left out of the total %(code)s?"),
    Kind.TWICE: gettext_lazy("%(part)s counted twice in the total %(code)s?"),
    Kind.BLANK_PART: gettext_lazy("%(code)s not filled? Exactly this is missing."),
    Kind.LAST_YEAR: gettext_lazy("%(code)s still as last year, while the rest has changed?"),
}


class Advice:
    """For the findings of one examination."""

    def __init__(self, examination: Examination) -> None:
        self.examination = examination
        self._known: dict[str, list[Cause]] = {}

    @cached_property
    def _detective(self) -> Detective:
        return Detective(self.examination.env)

    @cached_property
    def _balanced(self) -> list[Balanced]:
        return balance(self.examination.env)

    # -- corrections to confirm -------------------------------------------------------------------

    def offers(self, failure: Failure) -> list[Offer]:
        """What the check itself suggests, then what probably happened; each correction once."""
        found: dict[tuple[tuple[str, str], ...], Offer] = {}
        for offer in (*self._of_check(failure), *self._of_causes(failure)):
            found.setdefault(offer.cells, offer)
        return list(found.values())

    def hint(self, failure: Failure) -> str:
        """A sign of a slip that no single cell explains."""
        if any(cause.kind is Kind.NINE for cause in self._causes(failure)):
            return _("The difference can be divided by 9: look for two digits that changed places.")
        return ""

    def _causes(self, failure: Failure) -> list[Cause]:
        if failure.key not in self._known:
            self._known[failure.key] = self._detective.causes(failure)
        return self._known[failure.key]

    def _of_check(self, failure: Failure) -> Iterator[Offer]:
        by_table: dict[str, list[SuggestedFix]] = {}
        for fix in failure.fixes:
            item = self.examination.definition.indicator_by_code.get(fix.code)
            if item is not None and not item.computed and fix.table in self.examination.drafts:
                by_table.setdefault(fix.table, []).append(fix)
        for table, fixes in by_table.items():
            yield self._offer(table, fixes, self._title(table, fixes))

    def _title(self, table: str, fixes: list[SuggestedFix]) -> str:
        if len(fixes) > 1:
            words = ngettext("Clear %(count)d cell of %(table)s", "Clear %(count)d cells of %(table)s", len(fixes))
            return words % {"count": len(fixes), "table": table}
        shown = self._shown(fixes[0])
        words = _("Change %(code)s to %(value)s") if shown else _("Clear %(code)s")
        return words % {"code": fixes[0].code, "value": shown}

    def _of_causes(self, failure: Failure) -> Iterator[Offer]:
        for cause in self._causes(failure):
            tables = {move.ref[0] for move in cause.moves}
            if len(tables) != 1 or not tables <= self.examination.drafts.keys():
                continue
            fixes = [SuggestedFix(*move.ref, self._stored(move.ref, move.after)) for move in cause.moves]
            other = self._label(cause.other) if cause.other else ""
            values = {"code": self._label(cause.moves[0].ref), "part": other}
            yield self._offer(next(iter(tables)), fixes, str(TITLES[cause.kind]) % values)

    def _offer(self, table: str, fixes: list[SuggestedFix], title: str) -> Offer:
        return Offer(
            url=reverse("filings:cell-save", args=[self.examination.filing.public_id, table]),
            cells=tuple((str(CellKey(fix.row_id, fix.code)), fix.value or "") for fix in fixes),
            title=title,
            shown=self._shown(fixes[0]) if len(fixes) == 1 else "",
            seen=self.examination.drafts[table].version,
            shifts=tuple(self._shift(fix) for fix in fixes[:MOST_MOVES]),
            more=max(0, len(fixes) - MOST_MOVES),
        )

    def _shift(self, fix: SuggestedFix) -> Shift:
        ref = fix.table, fix.row_id, fix.code
        item, blank = self._item(ref), pgettext("cell", "blank")
        before = show_value(item, self.stored(ref)) or blank
        return Shift(self._label(ref), item.name(), before, show_value(item, fix.value) or blank)

    def _label(self, ref: CellRef) -> str:
        """The code, with the number of the line where there are several."""
        table, row_id, code = ref
        rows = self.examination.drafts[table].cells.get("rows", ()) if row_id else ()
        number = next((at for at, row in enumerate(rows, start=1) if row["id"] == row_id), 0)
        return f"{code}·{number}" if number else code

    def _shown(self, fix: SuggestedFix) -> str:
        item = self._item((fix.table, fix.row_id, fix.code))
        return f"{show_value(item, fix.value)} {item.unit_name()}".strip() if fix.value else ""

    # -- the fewest cells -------------------------------------------------------------------------

    def balance(self, failure: Failure) -> Balance | None:
        """For a check that compares sums: which of its cells belong to a smallest set that mends everything.

        For one that only asks to be explained when it is an equation, and then as the other possibility.
        """
        relations = relations_of(self.examination.env, failure.check)
        asked = failure.severity == VERIFY
        if not relations or failure.severity not in (HARD, VERIFY) or (asked and relations[0].sign != "="):
            return None
        refs = {ref for relation in relations for ref in relation.factors}
        groups = balance(self.examination.env, failure.check) if asked else self._balanced
        found = next((one for one in groups if not refs.isdisjoint(one.refs)), None)
        return None if found is None else self._told(found, refs, asked=asked)

    def _told(self, balanced: Balanced, refs: set[CellRef], *, asked: bool) -> Balance | None:
        if not balanced.ways:
            return None if asked else Balance(_not_found(balanced.why), (), 0)
        found: dict[CellRef, Proposed] = {}
        for step in (step for way in balanced.ways for step in way if step.ref in refs):
            found.setdefault(step.ref, self._proposed(step.ref, step.before, step.after))
        if not found:
            return None
        together = len(balanced.ways[0])
        ordered = sorted(found.values(), key=lambda one: self.stored(one.ref) is not None)
        title = _together(together, len(ordered)) if not asked else _instead(together)
        return Balance(title, tuple(ordered[:MOST_PROPOSED]), together)

    def _proposed(self, ref: CellRef, before: Decimal | None, after: Decimal) -> Proposed:
        shown = show_number(before) if before is not None else pgettext("cell", "blank")
        return Proposed(ref, shown, show_value(self._item(ref), self._stored(ref, after)))

    def _item(self, ref: CellRef) -> Indicator:
        return self.examination.definition.indicator(ref[2])

    def _stored(self, ref: CellRef, figure: Decimal | None) -> str | None:
        return None if figure is None else f"{figure:.{self._item(ref).places}f}"

    def stored(self, ref: CellRef) -> str | None:
        """The stored value of a cell."""
        table, row_id, code = ref
        cells = self.examination.drafts[table].cells
        if row_id is not None:
            cells = next((row for row in cells.get("rows", ()) if row["id"] == row_id), {})
        return cells.get(code)


def _together(size: int, choices: int) -> str:
    if size > 1:
        return _("At least %(count)d cells have to change before everything adds up; here one of these:") % {
            "count": size
        }
    return (
        _("Change one of these, and everything adds up:") if choices > 1 else _("Change this, and everything adds up:")
    )


def _instead(size: int) -> str:
    if size > 1:
        return _("If it is not right: at least %(count)d cells have to change, here one of these:") % {"count": size}
    return _("If it is not right, one of these may be wrong:")


def _not_found(why: Why | None) -> str:
    if why is Why.MANY:
        return _(
            "More than %(count)d cells have to change before everything adds up. Look through the whole table."
        ) % {"count": MOST_CELLS}
    return _("Which cells to change could not be narrowed down; too much hangs together. Begin with the totals.")
