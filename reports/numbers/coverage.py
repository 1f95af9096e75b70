"""Who has filed the numbers of a quarter, by bureau and by institution."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When

from institutions.models import Bureau, Membership
from reports.filings.models import Filing, State
from reports.filings.queries import FilingQuerySet
from reports.rounds.models import Kind, Round

#: Submitted at least once, as on the page of coverage; what was returned is among them.
FILED = (State.IN_REVIEW, State.RETURNED, State.ACCEPTED)
MISSING = (State.DUE, State.DRAFTING)
#: Value of `show` → which filings. Each is a column of the table too.
CHOICES: dict[str, Q] = {
    "missing": Q(state__in=MISSING),
    "returned": Q(state=State.RETURNED),
    "filed": Q(state__in=FILED),
    "nil": Q(state__in=FILED, quarter_return__nil=True),
    "late": Q(state__in=FILED, late=True),
    "all": ~Q(state=State.EXCUSED),
}

#: What a line says of an institution's return.
FIGURES = ("nil", "declared", "valid", "void", "replaced", "invalid_certificate")


def rounds_of(membership: Membership) -> list[Round]:
    """Quarterly rounds with a roster, the newest first."""
    rounds = Round.objects.visible_to(membership).filter(kind=Kind.QUARTERLY_NUMBERS, roster_frozen_at__isnull=False)
    return list(rounds.select_related("scheme").defer("scheme__content").prefetch_related("phases").order_by("-period"))


@dataclass(frozen=True, slots=True)
class Part:
    """Counts of institutions; `numbers` and `declared` are of those that filed."""

    due: int = 0
    filed: int = 0
    nil: int = 0
    late: int = 0
    returned: int = 0
    missing: int = 0
    numbers: int = 0
    declared: int = 0

    def __add__(self, other: Part) -> Part:
        return Part(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def rate(self) -> Decimal | None:
        return Decimal(self.filed) * 100 / self.due if self.due else None

    @property
    def segments(self) -> list[tuple[str, int]]:
        return [("acc", self.filed - self.returned), ("ret", self.returned)]


@dataclass(frozen=True, slots=True)
class Area:
    bureau: Bureau
    part: Part
    depth: int
    has_children: bool
    is_open: bool


def parts_of(membership: Membership, round: Round) -> dict[str, Part]:
    """Scope → counts: one query, a row for each reviewing bureau."""
    filed = Q(state__in=FILED)
    rows = (
        Filing.objects.visible_to(membership)
        .in_round(round)
        .filter(CHOICES["all"])
        .order_by()
        .values_list("scope")
        .annotate(
            due=Count("pk"),
            filed=Count("pk", filter=CHOICES["filed"]),
            nil=Count("pk", filter=CHOICES["nil"]),
            late=Count("pk", filter=CHOICES["late"]),
            returned=Count("pk", filter=CHOICES["returned"]),
            missing=Count("pk", filter=CHOICES["missing"]),
            numbers=Sum("quarter_return__valid", filter=filed, default=0),
            declared=Sum("quarter_return__declared", filter=filed, default=0),
        )
    )
    return {scope: Part(*counts) for scope, *counts in rows}


def areas_of(
    top: Bureau, bureaus: Iterable[Bureau], parts: dict[str, Part], opened: Bureau | None, *, all_open: bool = False
) -> list[Area]:
    """The top bureau, those right below it, and below the opened one its own."""
    by_parent: dict[int | None, list[Bureau]] = {}
    for bureau in bureaus:
        by_parent.setdefault(bureau.parent_id, []).append(bureau)

    def area(bureau: Bureau, depth: int, is_open: bool) -> Area:
        inside = [part for scope, part in parts.items() if bureau.contains(scope)]
        return Area(bureau, sum(inside, Part()), depth, bureau.pk in by_parent, is_open)

    rows = [area(top, 0, True)]
    for child in by_parent.get(top.pk, []):
        is_open = all_open or (opened is not None and opened.pk == child.pk)
        rows.append(area(child, 1, is_open))
        if is_open:
            rows += [area(one, 2, False) for one in by_parent.get(child.pk, [])]
    return rows


def institutions_of(membership: Membership, round: Round, bureau: Bureau, choice: str) -> FilingQuerySet:
    """The filings of a choice, in the order of the bureaus; with what a line shows.

    The figures are None where nothing was submitted: those of a draft are the institution's own (`rules.can_read`).
    """
    filings = Filing.objects.visible_to(membership).in_round(round).within(bureau).filter(CHOICES[choice])
    submitted = Q(revision__isnull=False)
    figures = {name: Case(When(submitted, then=F(f"quarter_return__{name}"))) for name in FIGURES}
    return (
        filings.annotate(**figures)
        .select_related("institution", "reviewing_bureau", "step", "revision")
        .order_by("reviewing_bureau__code", "institution__name", "pk")
    )


def lines_of(filings: FilingQuerySet) -> QuerySet[Filing, tuple[object, ...]]:
    """For the workbook: plain values of `institutions_of`, so that a province is written without a model for each row."""
    return filings.values_list(
        "institution__name", "institution__uscc", "reviewing_bureau__name_zh", "state", "step_tier", "late",
        *FIGURES, "revision__submitted_at",
    )  # fmt: skip
