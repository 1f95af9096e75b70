"""The persons of a year: indicators A301 to A343, and the groups that add up to them."""

from __future__ import annotations

from demo.generator.chance import Chance, share, split
from demo.generator.respondent import Respondent


def staff(made: Respondent, persons: int, before: int | None, chance: Chance) -> dict[str, int]:
    """`before` is last year's persons at year end, for the mean over the year."""
    q = made.economy.qualified
    cells = {"A301": persons, "A302": share(persons, chance.uniform(0.28, 0.46))}
    cells["A303"] = share(persons, chance.uniform(0.82, 1.0))
    cells["A304"] = share(persons - cells["A303"], chance.random()) if chance.yes(0.3) else 0
    cells["A305"] = max(1, round((persons + before) / 2)) if before else persons
    education = split(persons, (0.01 * q, 0.05 + 0.1 * q, 0.25 + 0.4 * q, 0.42, 0.3 - 0.28 * q))
    cells |= dict(zip(("A311", "A312", "A313", "A314", "A315"), education, strict=True))
    titles = split(persons, (0.005 + 0.03 * q, 0.03 + 0.12 * q, 0.15 + 0.15 * q, 0.28, 0.5 - 0.25 * q))
    cells |= dict(zip(("A321", "A322", "A323", "A324", "A325"), titles, strict=True))
    technical, managers, others = split(persons, (0.72, 0.16, 0.12))
    if technical == 0:
        technical, managers = 1, max(0, managers - 1) if managers else 0
        others = persons - technical - managers
    cells |= {"A331": technical, "A332": managers, "A333": others}
    cells["A334"] = max(1, min(technical, round(technical * chance.uniform(0.12, 0.3))))
    cells["A335"] = share(persons, chance.uniform(0.08, 0.2)) if made.economy.research > 0.15 else 0
    cells["A336"] = min(technical, sum(titles[:3]))
    ages = split(persons, (0.46, 0.36, 0.18))
    return cells | dict(zip(("A341", "A342", "A343"), ages, strict=True))
