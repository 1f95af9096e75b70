"""The finance table of a year, by type of unit. Thousand yuan; every balance of the forms holds exactly."""

from __future__ import annotations

from dataclasses import dataclass

from demo.generator.chance import Chance, share, split
from demo.generator.respondent import (
    COLLECTIVE,
    ENTERPRISE,
    FOREIGN,
    OTHER_HELD,
    OVERSEAS,
    PRIVATE,
    PUBLIC,
    STATE_HELD,
    Respondent,
)  # fmt: skip

_CAPITAL = {
    STATE_HELD: "E133",
    COLLECTIVE: "E134",
    OTHER_HELD: "E135",
    PRIVATE: "E136",
    OVERSEAS: "E137",
    FOREIGN: "E138",
}
_CAPITAL_CODES = ("E133", "E134", "E135", "E136", "E137", "E138")


@dataclass(frozen=True, slots=True)
class Year:
    """What the finance table has to agree with: `instruments` is their cost, which the fixed assets hold."""

    revenue: int
    persons: int  # mean over the year
    instruments: int


def table_of(made: Respondent) -> str:
    return {ENTERPRISE: "JC02", PUBLIC: "JC03"}.get(made.unit_type, "JC04")


def finances(made: Respondent, year: Year, chance: Chance) -> tuple[dict[str, int], int]:
    """The cells of the table, and the testing revenue in it (X002)."""
    if made.unit_type == ENTERPRISE:
        return _enterprise(made, year, chance)
    if made.unit_type == PUBLIC:
        return _public(made, year, chance)
    return _other(made, year, chance)


def _wages(made: Respondent, year: Year, chance: Chance) -> int:
    return max(round(year.persons * made.economy.wage * chance.uniform(0.96, 1.04)), year.persons * 21)


def _enterprise(made: Respondent, year: Year, chance: Chance) -> tuple[dict[str, int], int]:
    own = made.chance("enterprise")  # the shape of the accounts stays the same over the years
    revenue = year.revenue
    testing = share(revenue, made.economy.testing_share)
    cells = {"E201": revenue, "E202": testing}
    kinds = split(testing, _revenue_kinds(made))
    cells |= dict(zip(("E203", "E204", "E205", "E206"), kinds, strict=True))
    cells["E207"] = share(revenue, made.economy.reach_parts[3])
    cells |= _costs(revenue, own, chance)
    cells |= _result(cells, chance)
    cells |= _balance_sheet(made, year, own, chance)
    cells["E301"] = _wages(made, year, chance)
    cells["E302"] = share(revenue, own.uniform(0.012, 0.045))
    cells["E303"] = share(revenue, own.uniform(0.001, 0.01)) if own.yes(0.3) else 0
    return cells, testing


def _revenue_kinds(made: Respondent) -> tuple[float, float, float, float]:
    """Testing, inspection, calibration, other services."""
    main = made.domains[0].code
    if main == "14":
        return 0.1, 0.0, 0.88, 0.02
    if main in ("05", "13", "33"):
        return 0.15, 0.84, 0.0, 0.01
    return 0.93, 0.03, 0.0, 0.04


def _costs(revenue: int, own: Chance, chance: Chance) -> dict[str, int]:
    def of(low: float, high: float) -> int:
        return share(revenue, own.uniform(low, high) * chance.uniform(0.93, 1.07))

    researches = own.yes(0.45)
    return {
        "E211": of(0.50, 0.70), "E212": of(0.004, 0.009), "E213": of(0.02, 0.07), "E214": of(0.09, 0.17),
        "E215": of(0.03, 0.08) if researches else 0, "E216": of(0.001, 0.012), "E217": 0,
        "E221": of(0.001, 0.006) if own.yes(0.4) else 0, "E222": 0, "E223": 0,
        "E224": -of(0.001, 0.006) if own.yes(0.2) else 0, "E225": 0, "E226": 0,
    }  # fmt: skip


def _result(cells: dict[str, int], chance: Chance) -> dict[str, int]:
    """From operating profit to net profit."""
    operating = cells["E201"] - sum(cells[code] for code in ("E211", "E212", "E213", "E214", "E215", "E216"))
    operating += sum(cells[code] for code in ("E221", "E222", "E223", "E224", "E225", "E226"))
    income = share(cells["E201"], 0.004) if chance.yes(0.3) else 0
    expense = share(cells["E201"], 0.002) if chance.yes(0.25) else 0
    total = operating + income - expense
    tax = round(total * chance.choice((0.05, 0.05, 0.15, 0.25))) if total > 0 else 0
    return {"E231": operating, "E232": income, "E233": expense, "E234": total, "E235": tax, "E236": total - tax,
            "E217": share(cells["E216"], 0.6)}  # fmt: skip


def _balance_sheet(made: Respondent, year: Year, own: Chance, chance: Chance) -> dict[str, int]:
    fixed = round(max(year.instruments, 20) * own.uniform(1.08, 1.6)) + 30
    worn = share(fixed, own.uniform(0.3, 0.65))
    current = max(10, round(year.revenue * own.uniform(0.35, 0.9) * chance.uniform(0.95, 1.05)))
    building = share(fixed, own.uniform(0.01, 0.1)) if own.yes(0.1) else 0
    intangible = share(fixed, own.uniform(0.0, 0.05))
    total = current + fixed - worn + building + intangible
    debts = share(total, own.uniform(0.15, 0.6) * chance.uniform(0.95, 1.05))
    capital = max(1, round(total * own.uniform(0.2, 0.7) / 100)) * 100
    parts = dict.fromkeys(_CAPITAL_CODES, 0)
    parts[_CAPITAL[made.holding]] = capital
    if made.holding in (STATE_HELD, PRIVATE) and own.yes(0.25):
        minor = share(capital, own.uniform(0.05, 0.4))
        parts[_CAPITAL[made.holding]] -= minor
        parts["E135"] += minor
    return {
        "E101": current, "E102": share(current, own.uniform(0.15, 0.5)), "E103": share(current, own.uniform(0.0, 0.06)),
        "E111": fixed, "E112": worn, "E113": share(worn, own.uniform(0.1, 0.24)), "E114": building, "E115": intangible,
        "E119": total, "E121": share(debts, own.uniform(0.7, 1.0)), "E129": debts, "E131": total - debts,
        "E132": capital, **parts,
    }  # fmt: skip


def _public(made: Respondent, year: Year, chance: Chance) -> tuple[dict[str, int], int]:
    own = made.chance("public")
    income = year.revenue
    funded = own.uniform(0.35, 0.8)
    parts = split(income, (funded, (1 - funded) * 0.72, 0.02, 0.0, (1 - funded) * 0.12, 0.03, (1 - funded) * 0.1))
    cells = {"S201": income} | dict(zip(("S202", "S203", "S204", "S205", "S206", "S207", "S208"), parts, strict=True))
    testing = share(cells["S203"] + cells["S206"] + cells["S208"], own.uniform(0.8, 1.0))
    cells["S211"] = testing
    expense = share(income, own.uniform(0.9, 1.0) * chance.uniform(0.97, 1.0))
    by_use = split(expense, (0.74, 0.2, 0.03, 0.03))
    wages = min(_wages(made, year, chance), share(expense, 0.8))
    worn = share(expense, 0.06)
    taxes = share(expense, 0.004)
    cells |= {"S301": expense} | dict(zip(("S302", "S303", "S304", "S305"), by_use, strict=True))
    cells |= {
        "S311": wages,
        "S312": max(0, expense - wages - worn - taxes),
        "S313": worn,
        "S314": taxes,
        "S321": income - expense,
    }
    fixed = round(max(year.instruments, 20) * own.uniform(1.08, 1.8)) + 30
    current = round(income * own.uniform(0.1, 0.5))
    intangible = share(fixed, own.uniform(0.0, 0.04))
    depreciation = share(fixed, own.uniform(0.35, 0.7))
    total = fixed - depreciation + current + intangible
    debts = share(total, own.uniform(0.02, 0.25))
    cells |= {
        "S101": total,
        "S102": current,
        "S103": fixed,
        "S104": depreciation,
        "S105": intangible,
        "S106": debts,
        "S107": total - debts,
    }
    return cells, testing


def _other(made: Respondent, year: Year, chance: Chance) -> tuple[dict[str, int], int]:
    own = made.chance("other")
    income = year.revenue
    funded = own.uniform(0.0, 0.2)
    public, testing, rest = split(income, (funded, 0.95 - funded, 0.05))
    expense = share(income, own.uniform(0.86, 1.0) * chance.uniform(0.97, 1.0))
    personnel = min(_wages(made, year, chance), share(expense, 0.7))
    worn = share(expense, 0.05)
    fixed = round(max(year.instruments, 20) * own.uniform(1.08, 1.5)) + 30
    total = share(fixed, own.uniform(0.45, 0.7)) + round(income * own.uniform(0.1, 0.4))
    debts = share(total, own.uniform(0.02, 0.3))
    return {
        "G101": total, "G102": fixed, "G103": debts, "G104": total - debts, "G201": income, "G202": public, "G203": testing,
        "G204": rest, "G301": expense, "G302": personnel, "G303": expense - personnel - worn, "G304": worn,
        "G311": income - expense,
    }, testing  # fmt: skip
