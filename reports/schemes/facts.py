"""What a check may know beyond the cells: the calendar, the registers, other filings.

Every fact may be missing; a check that needs a missing one does not apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .language.kinds import BOOL, DATE, NUMBER, SET, TEXT, Type

PROVINCE_CODES = """
11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42
43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82
"""
PROVINCES = frozenset(PROVINCE_CODES.split())


@dataclass(frozen=True)
class Region:
    code: str
    name_zh: str
    name_en: str
    level: str
    from_year: int | None = None
    to_year: int | None = None  # the year in which the code was retired
    successor: str = ""


@dataclass(frozen=True)
class Regions:
    """Dated administrative division codes (GB/T 2260) of the provinces they cover."""

    rows: Mapping[str, Region] = field(default_factory=dict)

    def covers(self, code: str) -> bool:
        return any(known[:2] == code[:2] for known in self.rows)

    def valid(self, code: str, on: date) -> bool:
        """In force on the day. Codes of provinces not in the list are judged by their form only."""
        row = self.rows.get(code)
        if row is not None:
            return (row.from_year or 0) <= on.year and (row.to_year is None or on.year < row.to_year)
        outside = len(code) == 6 and code.isascii() and code.isdigit() and code[:2] in PROVINCES
        return outside and not self.covers(code)

    def current(self, code: str) -> str | None:
        """The code in force today, through mergers; None when it was split or is not known."""
        for _step in range(10):
            row = self.rows.get(code)
            if row is None:
                return None if self.covers(code) else code
            if row.to_year is None:
                return code
            if not row.successor:
                return None
            code = row.successor
        return None

    def same(self, left: str, right: str) -> bool | None:
        """Whether both mean the same place today; a prefecture or province covers its counties."""
        one, two = self.current(left), self.current(right)
        if one is None or two is None:
            return None
        if one.endswith("00") or two.endswith("00"):
            stems = one.removesuffix("00").removesuffix("00"), two.removesuffix("00").removesuffix("00")
            return stems[0].startswith(stems[1]) or stems[1].startswith(stems[0])
        return one == two


@dataclass(frozen=True)
class Facts:
    year: int | None = None
    year_end: date | None = None
    today: date | None = None
    institution_uscc: str | None = None
    other_filings: int | None = None
    registered_certificates: frozenset[str] | None = None
    certificate_periods: Mapping[str, tuple[date, date]] | None = None
    regions: Regions | None = None
    quarter_start: date | None = None
    quarter_end: date | None = None
    in_upload_window: bool | None = None
    unique_numbers: int | None = None
    year_numbers: int | None = None
    same_quarter_last_year: int | None = None
    statistics_current: bool | None = None

    @classmethod
    def for_year(cls, year: int, **more: object) -> Facts:
        return cls(year=year, year_end=date(year, 12, 31), **more)  # type: ignore[arg-type]

    def value(self, name: str) -> object:
        found = getattr(self, name)
        return Decimal(found) if FACT_TYPES[name] == NUMBER and found is not None else found


FACT_TYPES: dict[str, Type] = {
    "year": NUMBER,
    "year_end": DATE,
    "today": DATE,
    "institution_uscc": TEXT,
    "other_filings": NUMBER,
    "registered_certificates": SET,
    "quarter_start": DATE,
    "quarter_end": DATE,
    "in_upload_window": BOOL,
    "unique_numbers": NUMBER,
    "year_numbers": NUMBER,
    "same_quarter_last_year": NUMBER,
    "statistics_current": BOOL,
}
