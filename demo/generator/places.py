"""Where institutions sit and what they test: counties by size of economy, survey domains by their published shares."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, slots=True)
class Place:
    """A county with the code of the bureau that reviews its institutions. `weight` is its share of the economy."""

    region: str
    bureau: str
    prefecture: str
    county: str
    weight: float

    @property
    def city(self) -> str:
        return "平潭" if self.region == "350128" else self.prefecture.removesuffix("市")

    @property
    def town(self) -> str:
        """The county's name without its kind; districts go by the name of their city."""
        return self.city if self.county.endswith("区") else self.county[:-1]


@dataclass(frozen=True, slots=True)
class Domain:
    """A survey domain with the institutions it counted in 2023, the domain of certificates it stands for and its neighbours."""

    code: str
    institutions: int
    cma: str
    related: tuple[str, ...]
    price_shift: float
    words: tuple[str, ...]


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def places() -> dict[str, Place]:
    return {
        row["region"]: Place(row["region"], row["bureau"], row["prefecture"], row["county"], float(row["weight"]))
        for row in _rows("places.csv")
    }


@cache
def domains() -> dict[str, Domain]:
    return {
        row["code"]: Domain(
            row["code"],
            int(row["institutions"]),
            row["cma"],
            tuple(row["related"].split()),
            float(row["price_shift"]),
            tuple(row["words"].split()),
        )
        for row in _rows("domains.csv")
    }
