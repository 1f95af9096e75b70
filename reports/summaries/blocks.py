"""The tables of a summary, as rows of words and figures: what the page shows and the workbook prints.

A figure is a Decimal in the indicator's own unit; None prints as "—".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from institutions.models import Bureau, Tier
from reports.schemes.definition import SchemeDefinition
from reports.summaries.aggregation import Aggregate, Group

Figure = Decimal | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """`places` decimals are shown; a percent column holds percents, not fractions."""

    title: str
    unit: str = ""
    places: int = 0
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    figures: tuple[Figure, ...]
    code: str = ""
    level: int = 0
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One sheet: a code for addresses, a title, columns after the label column, and lines."""

    code: str
    title: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    label: str = ""
    note: str = ""


def growth(now: Figure, before: Figure) -> Decimal | None:
    """Percent change, one decimal, half up; None without a base."""
    if now is None or not before:
        return None
    return ((Decimal(now) - before) / abs(Decimal(before)) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


def share(part: Figure, whole: Figure) -> Decimal | None:
    if part is None or not whole:
        return None
    return (Decimal(part) / Decimal(whole) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(slots=True)
class Maker:
    """Builds the blocks of one summary in the active language."""

    definition: SchemeDefinition
    now: Aggregate
    before: Aggregate | None
    bureaus: Sequence[Bureau] = field(default_factory=list)

    def blocks(self) -> list[Block]:
        return [
            self.totals(),
            self.by_bureau(),
            self.by_option("unit_type", _("By type of unit"), "A201"),
            self.by_option("holding", _("By controlling ownership"), "A203"),
            self.by_option("size", _("By size class"), "A218"),
            self.by_domain(),
            self.parts("equipment", _("Equipment"), self._group_of("W201")),
            self.parts("reports", _("Reports by kind"), self._group_of("W301")),
            self.parts("staff", _("Staff by education and title"), self._group_of("A301")),
            self.parts("research", _("Research, patents and standards"), self._group_of("W501")),
            self.parts("all", _("All indicators"), self.definition.figures),
        ]

    def _group_of(self, code: str) -> list[str]:
        """The summed indicators that stand in the form under the same heading as `code`."""
        indicator = self.definition.indicator(code)
        table = self.definition.table(indicator.table)
        return [
            one.code
            for one in table.indicators
            if one.group_zh == indicator.group_zh and one.code in self.definition.figures
        ]

    def totals(self) -> Block:
        """The key figures with last year and growth."""
        now, before = self.now.total, self.before.total if self.before else None
        lines = [self._against(_("Institutions counted"), _("units"), now.count, before.count if before else None)]
        for code in ("A301", "X001", "X002", "W101", "W201", "W211", "W301", "W311", "W501", "W511"):
            lines.append(self._indicator_line(code))
        lines += [
            self._ratio(_("Revenue per person"), _("thousand yuan per person"), "X001", "A301"),
            self._ratio(_("Revenue per institution"), _("thousand yuan per unit"), "X001", None),
            self._ratio(_("Revenue per report"), _("yuan per report"), "X001", "W301", times=1000),
            self._ratio(_("Reports per institution"), _("reports per unit"), "W301", None),
            self._ratio(_("Staff per institution"), _("persons per unit"), "A301", None),
        ]
        return Block("totals", _("Key figures"), self._against_columns(), tuple(lines), label=_("Indicator"))

    def parts(self, code: str, title: str, indicators: Iterable[str]) -> Block:
        known = (name for name in indicators if name in self.definition.indicator_by_code)
        return Block(
            code,
            title,
            self._against_columns(),
            tuple(self._indicator_line(name) for name in known),
            label=_("Indicator"),
        )

    def _against_columns(self) -> tuple[Column, ...]:
        return (
            Column(_("This year"), places=2),
            Column(_("Last year"), places=2),
            Column(_("Growth"), "%", places=1),
        )

    def _indicator_line(self, code: str) -> Line:
        indicator = self.definition.indicator(code)
        now = self.now.total.sums.get(code)
        before = self.before.total.sums.get(code) if self.before else None
        percent = indicator.unit == "%"
        if percent:  # shares do not add up; their mean over the institutions that answered is not asked for
            now = before = None
        label = f"{indicator.name()}（{indicator.unit_name()}）" if indicator.unit else indicator.name()
        return Line(label, (now, before, growth(now, before)), code=code)

    def _against(self, label: str, unit: str, now: Figure, before: Figure) -> Line:
        return Line(f"{label}（{unit}）", (now, before, growth(now, before)), strong=True)

    def _ratio(self, label: str, unit: str, top: str, bottom: str | None, times: int = 1) -> Line:
        def value(aggregate: Aggregate | None) -> Decimal | None:
            if aggregate is None:
                return None
            below: Figure = aggregate.total.sums.get(bottom) if bottom else aggregate.total.count
            above = aggregate.total.sums.get(top)
            if above is None or not below:
                return None
            return (above * times / Decimal(below)).quantize(Decimal("0.01"), ROUND_HALF_UP)

        now, before = value(self.now), value(self.before)
        return Line(f"{label}（{unit}）", (now, before, growth(now, before)))

    # Cross tables: one line a group, the same key columns everywhere.

    KEY = ("A301", "X001", "X002", "W101", "W201", "W211", "W301")

    def _key_columns(self) -> tuple[Column, ...]:
        named = [self.definition.indicator(code) for code in self.KEY]
        return (
            Column(_("Institutions"), _("units")),
            Column(_("Share"), "%", places=1),
            *(Column(indicator.name(), indicator.unit_name()) for indicator in named),
            Column(_("Revenue growth"), "%", places=1),
        )

    def _group_line(self, label: str, key: str, dimension: str, level: int = 0, strong: bool = False) -> Line:
        group = self.now.groups[dimension].get(key, Group(0, {}))
        before = self.before.groups[dimension].get(key) if self.before else None
        figures: list[Figure] = [group.count, share(group.count, self.now.total.count)]
        figures += [group.sums.get(code, Decimal(0)) for code in self.KEY]
        figures.append(growth(group.sums.get("X001"), before.sums.get("X001") if before else None))
        return Line(label, tuple(figures), code=key, level=level, strong=strong)

    def _total_line(self) -> Line:
        return self._group_line(_("Total"), "", "total", strong=True)

    def by_bureau(self) -> Block:
        lines = [self._total_line()]
        prefectures = [bureau for bureau in self.bureaus if bureau.tier == Tier.PREFECTURE]
        for prefecture in prefectures:
            lines.append(self._group_line(str(prefecture), prefecture.code, "prefecture", strong=True))
            counties = [bureau for bureau in self.bureaus if bureau.parent_id == prefecture.pk]
            lines += [self._group_line(str(county), county.code, "bureau", level=1) for county in counties]
            if counties and prefecture.code in self.now.groups["bureau"]:  # the parts still add up
                lines.append(
                    self._group_line(str(prefecture) + _(" (reviewed directly)"), prefecture.code, "bureau", level=1)
                )
        if "" in self.now.groups["prefecture"]:  # reviewed by the province itself: the parts still add up
            province = next((str(bureau) for bureau in self.bureaus if bureau.tier == Tier.PROVINCE), "")
            lines.append(self._group_line(province + _(" (reviewed directly)"), "", "prefecture", strong=True))
        return Block("bureaus", _("By prefecture and county"), self._key_columns(), tuple(lines), label=_("Bureau"))

    def by_option(self, dimension: str, title: str, code: str) -> Block:
        options = {option.code: option.label() for option in self.definition.indicator(code).options}
        keys = sorted(
            set(options) | set(self.now.groups[dimension]),
            key=lambda key: (key == "", list(options).index(key) if key in options else 99, key),
        )
        lines = [self._total_line()]
        for key in keys:
            label = options.get(key) or _("Not applicable")
            if key or key in self.now.groups[dimension]:
                lines.append(self._group_line(label, key, dimension))
        return Block(dimension, title, self._key_columns(), tuple(lines), label=title)

    def by_domain(self) -> Block:
        options = {option.code: option.label() for option in self.definition.indicator("D101").options}
        named = {code: self.definition.indicator(code) for code in ("D103", "D104")}
        total = sum((group.sums.get("D103", Decimal(0)) for group in self.now.domains.values()), Decimal(0))
        lines = []
        for key, label in options.items():
            group = self.now.domains.get(key, Group(0, {}))
            before = self.before.domains.get(key) if self.before else None
            revenue = group.sums.get("D103", Decimal(0))
            lines.append(
                Line(
                    label,
                    (
                        group.count,
                        revenue,
                        share(revenue, total),
                        group.sums.get("D104", Decimal(0)),
                        growth(revenue, before.sums.get("D103") if before else None),
                    ),
                    code=key,
                )
            )
        columns = (
            Column(_("Institutions"), _("units")),
            Column(named["D103"].name(), named["D103"].unit_name()),
            Column(_("Share"), "%", places=1),
            Column(named["D104"].name(), named["D104"].unit_name()),
            Column(_("Revenue growth"), "%", places=1),
        )
        note = _("An institution that works in several domains is counted in each.")
        return Block("domains", _("By survey domain"), columns, tuple(lines), label=_("Survey domain"), note=note)
