"""The cells of one institution in one year, in the stored form of the forms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from demo.generator.chance import Chance, split
from demo.generator.finance import Year, finances, table_of
from demo.generator.respondent import THIS_YEAR, Respondent
from demo.generator.staff import staff
from demo.generator.work import instruments, lines_by_domain, premises, reach, reports, research, vehicle_lines

Tables = dict[str, dict[str, Any]]
RowId = Callable[[str, int], str]


def plain_row_id(kind: str, at: int) -> str:
    """Ids of register lines that are not in a database: "c1", "s1"."""
    return f"{kind}{at + 1}"


def filing_tables(made: Respondent, year: int, row_id: RowId = plain_row_id) -> Tables:
    """Everything the institution reports for the year, correct. `row_id(kind, n)` names the n-th certificate ("c") or site ("s").

    Years before this one are earlier states of the same economy, so that two years compare.
    """
    chance = made.chance("year", year)
    size = _sizes(made, year)
    before = _sizes(made, year - 1) if year > made.first_year else None
    people = staff(made, size["persons"], before["persons"] if before else None, chance)
    money, testing = finances(made, Year(size["revenue"], people["A305"], size["cost"]), chance)
    work = premises(made, size["area"]) | instruments(made, size["sets"], size["cost"], chance)
    work |= vehicle_lines(made) | reports(made, size["reports"], chance) | research(made, size["revenue"], chance)
    return {
        "JC01": _identity(made) | _texts(people),
        "JC01-1": {"rows": _certificates(made, row_id)},
        "JC01-2": {"rows": _sites(made, size["area"], people["A301"], row_id)},
        table_of(made): ({"E001": "1"} if table_of(made) == "JC02" else {}) | _texts(money),
        "JC05": _texts(work) | reach(made) | {"W601": "1" if made.economy.qualified > 0.4 else "0", "W602": "1"},
        "JC05-1": {"rows": lines_by_domain(made, testing, work | people)},
    }


def _texts(cells: dict[str, int]) -> dict[str, str]:
    return {code: str(value) for code, value in cells.items()}


def _sizes(made: Respondent, year: int) -> dict[str, int]:
    """The sizes everything else is cut from. Growth is drawn year by year, from the first year on."""
    economy = made.economy
    revenue, persons, sets, number = economy.revenue, economy.persons, economy.instruments, 0.0
    area = economy.persons * economy.area_per_head
    price = economy.price
    for each in range(min(year, THIS_YEAR - 1), year):
        chance = made.chance("growth", each)
        revenue *= _growth(chance, 0.03, 0.11)
        persons = _next_persons(persons, chance)
        sets *= chance.uniform(1.0, 1.09)
        price *= math.exp(chance.gauss(0.01, 0.09))
        area *= 1.0 if chance.yes(0.85) else chance.uniform(1.0, 1.3)
    whole_sets = max(3, round(sets))
    number = max(1.0, revenue * 1000 / price)
    return {
        "revenue": max(30, round(revenue)), "persons": max(2, round(persons)), "sets": whole_sets,
        "cost": max(whole_sets * 2, round(whole_sets * economy.instrument_price)), "reports": round(number),
        "area": max(30, round(area)),
    }  # fmt: skip


def _growth(chance: Chance, mean: float, spread: float) -> float:
    """Mostly quiet; one institution in fifty wins or loses half of its business."""
    if chance.yes(0.02):
        return chance.choice((0.44, 1.75))
    return math.exp(min(max(chance.gauss(mean, spread), -0.3), 0.35))


def _next_persons(persons: float, chance: Chance) -> float:
    step = persons * min(max(chance.gauss(0.01, 0.07), -0.2), 0.25)
    return max(2.0, persons + (step if persons > 8 else chance.choice((0.0, 0.0, 0.0, 1.0))))


def _identity(made: Respondent) -> dict[str, str]:
    return {
        "A101": made.uscc, "A102": made.name, "A103": made.name, "A111": made.place.region, "A113": made.place.region,
        "A114": made.address, "A121": made.place.bureau, "A201": made.unit_type, **made.stable,
    }  # fmt: skip


def _certificates(made: Respondent, row_id: RowId) -> list[dict[str, str]]:
    """In the order of the register."""
    widest = max(
        (at for at, row in enumerate(made.certificates) if row.kind.startswith("CMA")),
        key=lambda at: (len(made.certificates[at].domains), -at),
    )
    return [
        {
            "id": row_id("c", at), "B101": row.kind, "B102": row.number, "B103": made.name, "B104": row.issuer,
            "B105": row.issued_on.isoformat(), "B106": row.expires_on.isoformat(), "B107": "1", "B108": ",".join(row.domains),
            "B109": str(row.parameters), "B110": "1" if at == widest else "0", "B112": "1",
        }
        for at, row in sorted(enumerate(made.certificates), key=lambda pair: (pair[1].kind, pair[1].number))
    ]  # fmt: skip


def _sites(made: Respondent, area: int, persons: int, row_id: RowId) -> list[dict[str, str]]:
    parts = [site.part for site in made.sites]
    areas, people = split(area, parts), split(persons, parts)
    return [
        {
            "id": row_id("s", at), "C101": str(site.number), "C102": site.name, "C103": site.region, "C104": site.address,
            "C105": site.kind, "C106": "1" if at == 0 else "0", "C107": str(areas[at]), "C108": str(people[at]),
            "C109": ",".join(sorted(domain.code for domain in made.domains)),
        }
        for at, site in enumerate(made.sites)
    ]  # fmt: skip
