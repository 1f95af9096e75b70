"""Coverage by bureau: every rate over the frozen roster without the excused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from institutions.models import Bureau
from review.coverage.queries import Filled
from review.tally.queries import FILED, Counts

#: Percentage points below the whole from which a rate is marked.
MARKED_BELOW = Decimal(5)


def share(part: int, whole: int) -> Decimal | None:
    """Per cent, unrounded; None over nothing."""
    return Decimal(part) * 100 / whole if whole else None


@dataclass(frozen=True, slots=True)
class Area:
    """One bureau with everything below it. Counts are of institutions, `filled` and `required` of items."""

    bureau: Bureau
    due: int
    filed: int
    accepted: int
    in_review: int
    returned: int
    drafting: int
    not_begun: int
    late: int
    excused: int
    filled: int
    required: int
    last_rate: Decimal | None
    has_children: bool
    is_open: bool = False
    is_direct: bool = False
    depth: int = 0
    marked: bool = False

    @property
    def unfiled(self) -> int:
        return self.drafting + self.not_begun

    @property
    def rate(self) -> Decimal | None:
        return share(self.filed, self.due)

    @property
    def accepted_rate(self) -> Decimal | None:
        return share(self.accepted, self.due)

    @property
    def item_rate(self) -> Decimal | None:
        return share(self.filled, self.required)

    @property
    def segments(self) -> list[tuple[str, int]]:
        return [("acc", self.accepted), ("rev", self.in_review), ("ret", self.returned)]


def area(
    bureau: Bureau,
    counts: Counts,
    filled: Mapping[str, Filled],
    last_rate: Decimal | None = None,
    *,
    has_children: bool = False,
    is_open: bool = False,
    is_direct: bool = False,
    depth: int = 0,
    whole: Decimal | None = None,
) -> Area:
    """`counts` are of the round and narrowed here: to the bureau and below, or with `is_direct` to what it reviews first
    itself. `whole` is the rate below which this one is marked."""

    def belongs(scope: str) -> bool:
        return scope == bureau.path if is_direct else bureau.contains(scope)

    own = Counts([row for row in counts if belongs(row.scope)])
    items = [part for scope, part in filled.items() if belongs(scope)]
    rate = share(own.number(*FILED), own.due)
    return Area(
        bureau=bureau,
        due=own.due,
        filed=own.number(*FILED),
        accepted=own.number("accepted"),
        in_review=own.number("in_review"),
        returned=own.number("returned"),
        drafting=own.number("drafting"),
        not_begun=own.number("due"),
        late=own.that_are("late").number(*FILED),
        excused=own.number("excused"),
        filled=sum(part.filled for part in items),
        required=sum(part.required for part in items),
        last_rate=last_rate,
        has_children=has_children,
        is_open=is_open,
        is_direct=is_direct,
        depth=depth,
        marked=rate is not None and whole is not None and rate < whole - MARKED_BELOW,
    )


def last_rates(
    bureaus: list[Bureau], last: Mapping[str, Counter[int]], counts: Counts, day: int
) -> dict[int, Decimal | None]:
    """The coverage of the round before on the same day relative to its due day, by bureau id."""
    found: dict[int, Decimal | None] = {}
    for bureau in bureaus:
        days = [days for scope, days in last.items() if bureau.contains(scope)]
        filed = sum(count for one in days for at, count in one.items() if at <= day)
        found[bureau.pk] = share(filed, counts.within(bureau).due)
    return found


def table(
    top: Bureau,
    bureaus: list[Bureau],
    counts: Counts,
    filled: Mapping[str, Filled],
    rates: Mapping[int, Decimal | None],
    opened: Bureau | None,
    *,
    all_open: bool = False,
) -> list[Area]:
    """The top bureau, those right below it, and below the opened one its own. What a bureau reviews first itself is a
    row of its own among the parts, so that they add up."""
    by_parent: dict[int | None, list[Bureau]] = {}
    for bureau in bureaus:
        by_parent.setdefault(bureau.parent_id, []).append(bureau)
    whole = area(top, counts, filled, rates.get(top.pk), has_children=bool(by_parent.get(top.pk)), is_open=True)

    def parts(bureau: Bureau, depth: int) -> list[Area]:
        rows = [area(bureau, counts, filled, is_direct=True, depth=depth)] if bureau.pk in by_parent else []
        rows = [row for row in rows if row.due or row.excused]
        for child in by_parent.get(bureau.pk, []):
            is_open = all_open or (opened is not None and opened.pk == child.pk)
            rows.append(
                area(
                    child, counts, filled, rates.get(child.pk),
                    has_children=child.pk in by_parent, is_open=is_open, depth=depth, whole=whole.rate,
                )
            )  # fmt: skip
            rows += parts(child, depth + 1) if is_open else []
        return rows

    return [whole, *parts(top, 1)]
