"""Premises, instruments, reports, reach and research of a year (JC05), and the lines by domain (JC05-1)."""

from __future__ import annotations

from demo.generator.chance import Chance, share, split
from demo.generator.respondent import Respondent

VEHICLES = "05"
DEAR = 500  # thousand yuan: from here an instrument counts as a large one


def premises(made: Respondent, area: int) -> dict[str, int]:
    owned = area if made.chance("premises").yes(0.35) else 0
    return {"W101": area, "W102": owned, "W103": area - owned}


def instruments(made: Respondent, sets: int, cost: int, chance: Chance) -> dict[str, int]:
    """Home-made ones are 93 % by count and 65 % by value; large ones cost 500,000 yuan or more each, the others less."""
    own = made.chance("instruments")
    imported = min(sets, max(0, round(sets * 0.21 * made.economy.imported)))
    imported_cost = share(cost, made.economy.imported) if imported else 0
    large = min(share(sets, 0.02), cost // (DEAR * 2)) if sets > 1 else 0
    large_cost = 0
    if large:
        large_cost = min(round(large * DEAR * own.uniform(1.2, 2.2)), cost * 3 // 4)
        large_cost = max(large_cost, large * DEAR, cost - (sets - large) * (DEAR - 1))
    added = share(sets, chance.uniform(0.0, 0.1))
    return {
        "W201": sets, "W202": sets - imported, "W203": imported, "W204": large, "W211": cost, "W212": cost - imported_cost,
        "W213": imported_cost, "W214": large_cost, "W221": added, "W222": share(cost, added / sets * 0.9) if sets else 0,
    }  # fmt: skip


def reports(made: Respondent, number: int, chance: Chance) -> dict[str, int]:
    own = made.chance("reports")
    official = own.uniform(0.05, 0.5) if made.unit_type != "10" else own.uniform(0.0, 0.06)
    forensic = 0.9 if made.domains[0].code == "27" else 0.0
    kinds = split(number, (official, 1 - official if not forensic else 0.05, forensic, 0.02))
    return {
        "W301": number, **dict(zip(("W302", "W303", "W304", "W305"), kinds, strict=True)),
        "W311": share(number, own.uniform(0.85, 1.0)), "W312": share(number, own.uniform(0.1, 0.9)),
        "W313": share(number, own.uniform(0.005, 0.12)), "W314": share(number, own.uniform(0.0, 0.02)),
        "W315": share(number, 0.004) if made.economy.reach == "5" else 0,
    }  # fmt: skip


def reach(made: Respondent) -> dict[str, str]:
    """Shares of the revenue by where customers are; they add up to 100.00."""
    hundredths = split(10_000, made.economy.reach_parts)
    shares = {f"W{411 + at}": f"{part // 100}.{part % 100:02d}" for at, part in enumerate(hundredths)}
    return {"W401": made.economy.reach, **shares}


def research(made: Respondent, revenue: int, chance: Chance) -> dict[str, int]:
    much = made.economy.research
    own = made.chance("research")
    projects = round(much * own.uniform(2, 12)) if much > 0.1 else 0
    national, provincial = share(projects, 0.08), share(projects, 0.2)
    funds = max(projects * own.randrange(40, 300), 1) if projects else 0
    patents = round(much * own.uniform(3, 25)) if much > 0.1 else (own.randrange(1, 6) if own.yes(0.12) else 0)
    standards = round(much * own.uniform(0, 6))
    return {
        "W421": 0, "W501": projects, "W502": national, "W503": provincial, "W504": funds, "W505": share(funds, 0.4),
        "W506": share(revenue, own.uniform(0.02, 0.07)) if projects else 0, "W511": patents, "W512": share(patents, 0.25),
        "W513": share(patents, 0.3), "W514": share(patents, chance.uniform(0.1, 0.25)), "W515": share(patents, 0.4),
        "W521": 0, "W522": 1 if much > 0.9 else 0, "W523": projects, "W531": 0, "W532": share(standards, 0.3),
        "W533": share(standards, 0.3), "W534": share(standards, 0.4), "W535": share(standards, 0.5), "W541": 1 if much > 0.8 else 0,
    }  # fmt: skip


def lines_by_domain(made: Respondent, testing: int, cells: dict[str, int]) -> list[dict[str, str]]:
    """One line a domain; revenue, reports, staff and instruments add up to the totals of the filing."""
    parts = made.economy.domain_parts
    revenue = split(testing, parts)
    top = max(range(len(revenue)), key=lambda at: (revenue[at], -at))
    revenue[0], revenue[top] = revenue[top], revenue[0]
    columns = (revenue, split(cells["W301"], parts), split(cells["A301"], parts), split(cells["W201"], parts))
    return [
        {
            "id": f"d{domain.code}", "D101": domain.code, "D102": "1" if at == 0 else "0", "D103": str(columns[0][at]),
            "D104": str(columns[1][at]), "D105": str(columns[2][at]), "D106": str(columns[3][at]),
        }
        for at, domain in enumerate(made.domains)
    ]  # fmt: skip


def vehicle_lines(made: Respondent) -> dict[str, int]:
    if all(domain.code != VEHICLES for domain in made.domains):
        return {}
    return {"W231": max(1, min(12, round(made.economy.persons / 9)))}
