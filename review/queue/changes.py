"""The main figures of a submission beside last year's, and which of them moved most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from reports.filings.models import Filing, Revision
from reports.schemes.definition import Indicator, SchemeDefinition

#: Revenue, persons, instruments, reports, revenue per person: what a reviewer looks at first.
MAIN = ("X001", "A301", "W211", "W301", "X003")
#: Of a quarter of report numbers: the declared count, which is the first figure of its revisions.
QUARTERLY = ("Q103",)


@dataclass(frozen=True, slots=True)
class Moved:
    """One figure of this year and of last year; None where blank."""

    indicator: Indicator
    this: Decimal | None
    last: Decimal | None

    @property
    def size(self) -> Decimal:
        """How far it moved: the larger over the smaller; from or to nothing beyond any such ratio."""
        if self.this is None or self.last is None or self.this == self.last:
            return Decimal(0)
        if self.this <= 0 or self.last <= 0:
            return Decimal("Infinity")
        return max(self.this / self.last, self.last / self.this)


def number(stored: str | None) -> Decimal | None:
    """A stored cell as a number; None for blank, not applicable and words."""
    try:
        found = Decimal(stored) if stored else None
    except InvalidOperation:
        return None
    return found if found is None or found.is_finite() else None


def figures(definition: SchemeDefinition, revision: Revision | None, codes: Iterable[str]) -> dict[str, Decimal | None]:
    """Of typed codes from the vector of figures, of computed ones from the derived values; the cells stay unread.

    `definition` is that of the revision's own scheme, which gives the vector its order.
    """
    if revision is None:
        return dict.fromkeys(codes)
    order = QUARTERLY if tuple(codes) == QUARTERLY else definition.figures
    typed = dict(zip(order, revision.figures, strict=False))
    return {code: _bare(typed[code]) if code in typed else number(revision.derived.get(code)) for code in codes}


def _bare(value: Decimal | None) -> Decimal | None:
    """Without the zeros that the column's fixed places add."""
    return value if value is None else Decimal(f"{value.normalize():f}")


def main_figures(
    filing: Filing, now: SchemeDefinition, before: SchemeDefinition, *, quarterly: bool = False
) -> list[Moved]:
    """Those of MAIN that stand in either year. `now` and `before` are the schemes of the round and of the one before."""
    codes = [code for code in (QUARTERLY if quarterly else MAIN) if code in now.indicator_by_code]
    this = figures(now, filing.revision, codes)
    last = figures(before, filing.last_accepted, codes)
    pairs = [Moved(now.indicator(code), this[code], last[code]) for code in codes]
    return [pair for pair in pairs if pair.this is not None or pair.last is not None]


def most_moved(moved: Iterable[Moved]) -> Moved | None:
    found = max(moved, key=lambda pair: pair.size, default=None)
    return found if found is not None and found.size > 0 else None
