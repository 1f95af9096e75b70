"""Functions of plain values. Any blank argument makes the answer blank; none of them looks at a filing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stdnum.cn import uscc

from .kinds import BOOL, DATE, NUMBER, SET, TEXT, Type

PATTERNS = {
    "cma_number": re.compile(r"[0-9]{12}"),
    "digits": re.compile(r"[0-9]+"),
    "uscc": re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}"),
    "printable": re.compile(r"[^\x00-\x1f\x7f-\x9f]+"),
}
SLIPS = tuple(Decimal(factor) for factor in ("10000", "1000", "10", "0.1", "0.001", "0.0001"))
SLIP_TOLERANCE = Decimal("0.05")


@dataclass(frozen=True)
class Function:
    takes: tuple[Type, ...]
    gives: Type
    run: Callable[..., Any]


def round_half_up(value: Decimal, places: Decimal) -> Decimal:
    """Rounded as statistical tables are: a half goes away from zero. At most ten places."""
    return value.quantize(Decimal(1).scaleb(-min(max(int(places), 0), 10)), ROUND_HALF_UP)


def add_years(day: date, years: Decimal) -> date | None:
    """29 February becomes 1 March in a common year; outside the calendar the answer is blank."""
    year = day.year + int(years)
    if not 1 <= year <= 9998:
        return None
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def add_days(day: date, days: Decimal) -> date | None:
    try:
        return day + timedelta(days=int(days))
    except OverflowError:
        return None


def piece(text: str, start: Decimal, length: Decimal) -> str:
    begin = max(int(start), 1) - 1
    return text[begin : begin + max(int(length), 0)]


def number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"[0-9]{1,20}", text) else None


def uscc_region(code: str) -> str | None:
    return code[2:8] if re.fullmatch(r"[0-9]{6}", code[2:8]) else None


def unit_slip(value: Decimal, before: Decimal) -> Decimal | None:
    """The power of ten that a slip between yuan, thousand yuan and ten thousand yuan would leave, else 1."""
    if value <= 0 or before <= 0:
        return None
    ratio = value / before
    for factor in SLIPS:
        if abs(ratio / factor - 1) <= SLIP_TOLERANCE:
            return factor
    return Decimal(1)


FUNCTIONS: dict[str, Function] = {
    "abs": Function((NUMBER,), NUMBER, abs),
    "round": Function((NUMBER, NUMBER), NUMBER, round_half_up),
    "unit_slip": Function((NUMBER, NUMBER), NUMBER, unit_slip),
    "year": Function((DATE,), NUMBER, lambda day: Decimal(day.year)),
    "add_years": Function((DATE, NUMBER), DATE, add_years),
    "add_days": Function((DATE, NUMBER), DATE, add_days),
    "days": Function((DATE, DATE), NUMBER, lambda start, end: Decimal((end - start).days)),
    "contains": Function((TEXT, TEXT), BOOL, lambda text, part: part in text),
    "length": Function((TEXT,), NUMBER, lambda text: Decimal(len(text))),
    "piece": Function((TEXT, NUMBER, NUMBER), TEXT, piece),
    "number": Function((TEXT,), NUMBER, number),
    "uscc_valid": Function((TEXT,), BOOL, uscc.is_valid),
    "uscc_region": Function((TEXT,), TEXT, uscc_region),
    "has": Function((SET, TEXT), BOOL, lambda codes, code: code in codes),
    "overlaps": Function((SET, SET), BOOL, lambda left, right: bool(left & right)),
    "size": Function((SET,), NUMBER, lambda codes: Decimal(len(codes))),
    "without": Function((SET, SET), SET, lambda codes, others: codes - others),
}
