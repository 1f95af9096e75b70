"""One invented institution: who it is, what it holds, and the economy its figures are drawn from every year.

The shares are those of the published figures for 2023: enterprises 78 %, public institutions 19 %; privately held 64 %;
revenue lognormal about 1.47 million yuan, persons about 19, the two correlated 0.75 in logs.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from enum import StrEnum

from demo.generator import codes, names
from demo.generator.chance import Chance
from demo.generator.places import Domain, Place, domains, places

REVENUE_MEDIAN, REVENUE_SIGMA = 1400.0, 2.03  # thousand yuan; 1,470 and 1.914 after `_plausible`
PERSONS_MEDIAN, PERSONS_SIGMA = 19.6, 0.89
CORRELATION = 0.66
INSTRUMENTS_MEDIAN = 20.0
THIS_YEAR = 2023

ENTERPRISE, PUBLIC, GOVERNMENT, SOCIETY, PRIVATE_UNIT = "10", "20", "30", "40", "51"
STATE_HELD, COLLECTIVE, PRIVATE, OVERSEAS, FOREIGN, OTHER_HELD = "1", "2", "3", "4", "5", "9"


class Slip(StrEnum):
    """What goes wrong at an institution, besides the ordinary course of things."""

    NONE = "none"
    UNIT = "unit"  # finance table typed in yuan
    MISMATCH = "mismatch"  # parts that do not add up
    COPIED = "copied"  # last year's figures again
    LATE = "late"
    NEVER = "never"


#: Of a hundred institutions.
SLIPS = {Slip.UNIT: 3.0, Slip.MISMATCH: 5.0, Slip.COPIED: 1.0, Slip.LATE: 6.0, Slip.NEVER: 2.0, Slip.NONE: 83.0}


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class CertificateRow:
    kind: str
    number: str
    issuer: str
    issued_on: dt.date
    expires_on: dt.date
    domains: tuple[str, ...]
    parameters: int


@dataclass(frozen=True, slots=True)
class SiteRow:
    number: int
    name: str
    region: str
    address: str
    kind: str
    part: float  # of the floor space


@dataclass(frozen=True, slots=True)
class Economy:
    """What the figures of every year are drawn from. Money in thousand yuan."""

    revenue: float
    persons: float
    wage: float
    price: float  # yuan a report
    instruments: float
    instrument_price: float
    area_per_head: float
    imported: float  # share of the value of instruments
    testing_share: float
    domain_parts: tuple[float, ...]
    reach: str
    reach_parts: tuple[float, float, float, float]
    qualified: float  # shifts education and titles, 0 to 1
    research: float  # 0 none, 1 much


@dataclass(slots=True)
class Respondent:
    index: int
    seed: int
    uscc: str
    name: str
    place: Place
    address: str
    unit_type: str
    holding: str
    domains: tuple[Domain, ...]
    certificates: tuple[CertificateRow, ...]
    sites: tuple[SiteRow, ...]
    head: str
    filer: Person
    signer: Person
    founded: dt.date
    phone: str
    postcode: str
    economy: Economy
    slip: Slip
    first_year: int  # first round it is due in
    last_year: int | None  # last round it is due in; None while it goes on
    stable: dict[str, str] = field(default_factory=dict)  # cells of the profile that stay the same

    def due_in(self, year: int) -> bool:
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    def chance(self, *name: object) -> Chance:
        """A stream of draws of this institution's own."""
        return Chance(self.seed, self.index, *name)


@dataclass(frozen=True, slots=True)
class Fixed:
    """What is settled beforehand for an institution that the demonstration tells a story about."""

    region: str = ""
    unit_type: str = ""
    domain: str = ""
    domain_count: int = 0
    revenue: float = 0.0
    persons: float = 0.0
    name: str = ""
    plain: bool = True  # no slips, due in both years


#: The first institutions of every province: two with a story and two of Pingtan, which every small demonstration has too.
FIXED = {
    0: Fixed("350102", ENTERPRISE, "06", 3, 14_600.0, 46.0, "福建闽科诚食品检测有限公司"),
    1: Fixed("350102", ENTERPRISE, "03", 2, 8_200.0, 33.0, "福州榕测环境检测有限公司"),
    2: Fixed("350128", ENTERPRISE, "01", 2, 3_900.0, 24.0),
    3: Fixed("350128", PUBLIC, "06", 2, 2_700.0, 16.0),
    4: Fixed("350102", PUBLIC, "14", 1, 21_000.0, 88.0),
    5: Fixed("350102", ENTERPRISE, "01", 3, 5_400.0, 38.0),
}


def respondent(seed: int, index: int) -> Respondent:
    """The institution of that number: the same for the same seed, however many others there are."""
    chance = Chance(seed, index, "institution")
    fixed = FIXED.get(index, Fixed(plain=False))
    place = places()[fixed.region or chance.pick({code: place.weight for code, place in places().items()})]
    unit_type = fixed.unit_type or chance.pick(
        {ENTERPRISE: 78, PUBLIC: 19, PRIVATE_UNIT: 2, GOVERNMENT: 0.6, SOCIETY: 0.4}
    )
    tested = _domains(chance, fixed)
    economy = _economy(chance, fixed, tested)
    large = economy.revenue > 10_000
    name = fixed.name or _name(index, place, tested[0], unit_type, large, chance)
    slip = Slip.NONE if fixed.plain else chance.pick(SLIPS)
    first, last = (THIS_YEAR - 1, None) if fixed.plain else _years(chance)
    address = names.address(place, chance)
    uscc = codes.uscc(unit_type=unit_type, region=place.region, index=index, seed=seed)
    founded = dt.date(chance.randrange(1998, 2017), chance.randrange(1, 13), 1)
    certificates = _certificates(chance, index, unit_type, tested, place, economy, first)
    made = Respondent(
        index=index, seed=seed, uscc=uscc, name=name, place=place, address=address, unit_type=unit_type,
        holding=_holding(chance) if unit_type == ENTERPRISE else "", domains=tested, certificates=certificates,
        sites=_sites(chance, place, address, economy), head=names.person(chance),
        filer=Person(names.person(chance), codes.mobile(chance)), signer=Person(names.person(chance), codes.mobile(chance)),
        founded=founded, phone=codes.telephone(place.region, chance), postcode=codes.postcode(place.region, chance),
        economy=economy, slip=slip, first_year=first, last_year=last,
    )  # fmt: skip
    made.stable = _profile(made, chance)
    return made


def _name(index: int, place: Place, domain: Domain, unit_type: str, large: bool, chance: Chance) -> str:
    if unit_type == ENTERPRISE:
        return names.enterprise(index, place, domain, large, chance)
    if unit_type == PUBLIC:
        return names.public_institution(place, domain, chance)
    return names.other_body(index, place, domain, unit_type, chance)


def _years(chance: Chance) -> tuple[int, int | None]:
    """About one roster line in eight changes: institutions that are new this year, and such as have gone."""
    fate = chance.pick({"both": 88, "new": 8, "gone": 4})
    return (THIS_YEAR if fate == "new" else THIS_YEAR - 1), (THIS_YEAR - 1 if fate == "gone" else None)


def _domains(chance: Chance, fixed: Fixed) -> tuple[Domain, ...]:
    """One to four survey domains, the main one first."""
    known = domains()
    main = known[fixed.domain or chance.pick({code: domain.institutions for code, domain in known.items()})]
    count = fixed.domain_count or chance.pick({1: 45, 2: 30, 3: 17, 4: 8})
    others = [code for code in main.related if code in known]
    if count == 4:
        others += [code for code in ("36", "10", "07") if code != main.code and code not in others][:1]
    return (main, *(known[code] for code in others[: count - 1]))


def _economy(chance: Chance, fixed: Fixed, tested: tuple[Domain, ...]) -> Economy:
    one = chance.gauss(0, 1)
    other = CORRELATION * one + math.sqrt(1 - CORRELATION**2) * chance.gauss(0, 1)
    persons = fixed.persons or max(2.0, PERSONS_MEDIAN * math.exp(PERSONS_SIGMA * one))
    revenue = fixed.revenue or REVENUE_MEDIAN * math.exp(REVENUE_SIGMA * other)
    persons, revenue = _plausible(persons, revenue, chance)
    per_head = revenue / persons
    parts = [chance.around(1.0, 0.5) for _ in tested]
    parts[0] = sum(parts) + 0.5
    reach = (
        chance.pick({"1": 22, "2": 40, "3": 26, "4": 11, "5": 1})
        if revenue < 20_000
        else chance.pick({"2": 15, "3": 45, "4": 36, "5": 4})
    )
    main = chance.uniform(0.55, 0.95)
    rest = 1 - main
    reach_parts = {
        "1": (main + rest, 0.0, 0.0, 0.0), "2": (main, rest, 0.0, 0.0), "3": (rest * 0.7, main, rest * 0.3, 0.0),
        "4": (rest * 0.6, rest * 0.4, main, 0.0), "5": (rest * 0.5, rest * 0.2, rest * 0.3, main),
    }[reach]  # fmt: skip
    size = persons / PERSONS_MEDIAN
    return Economy(
        revenue=revenue, persons=persons,
        wage=min(max(chance.around(92.0, 0.25), 32.0), 240.0, max(23.0, per_head * 0.62)),
        price=chance.around(1086.0 * math.exp(tested[0].price_shift), 0.5),
        instruments=max(3.0, INSTRUMENTS_MEDIAN * math.exp(chance.gauss(0, 0.6)) * size**1.1),
        instrument_price=chance.around(38.0, 0.45), area_per_head=min(max(chance.around(34.0, 0.55), 6.0), 400.0),
        imported=min(0.9, max(0.0, chance.gauss(0.33, 0.2))), testing_share=1.0 if chance.yes(0.55) else chance.uniform(0.72, 0.99),
        domain_parts=tuple(parts), reach=reach, reach_parts=reach_parts, qualified=min(1.0, max(0.0, chance.gauss(0.45, 0.2))),
        research=max(0.0, chance.gauss(0.0, 0.35) + 0.12 * math.log(max(size, 0.1))) if revenue > 3_000 else 0.0,
    )  # fmt: skip


def _plausible(persons: float, revenue: float, chance: Chance) -> tuple[float, float]:
    """Few institutions earn less than 30,000 or more than two million yuan a head: most such draws move both numbers."""
    if not chance.yes(0.93):
        return persons, revenue
    low, high = chance.uniform(22.0, 38.0), 2500.0
    per_head = revenue / persons
    wanted = low if per_head < low else min(per_head, high)
    pull = math.sqrt(wanted / per_head)
    persons = max(2.0, persons / pull)
    return persons, persons * wanted


def _holding(chance: Chance) -> str:
    # Privately held are 64 % of all institutions, and only enterprises have a holder: 82 % of them.
    return chance.pick({PRIVATE: 82, STATE_HELD: 12.5, COLLECTIVE: 2, OVERSEAS: 0.6, FOREIGN: 0.9, OTHER_HELD: 2})


def _six_years_on(day: dt.date) -> dt.date:
    return day.replace(year=day.year + 6) - dt.timedelta(days=1)


def _certificates(
    chance: Chance, index: int, unit_type: str, tested: tuple[Domain, ...], place: Place, economy: Economy, first: int
) -> tuple[CertificateRow, ...]:
    scope = tuple(sorted({domain.cma for domain in tested}))
    year = chance.randrange(2018, 2023) if first < THIS_YEAR else THIS_YEAR
    issued = dt.date(year, chance.randrange(2, 12), chance.randrange(1, 28))
    parameters = max(6, round(chance.around(180.0, 0.9) * len(scope)))
    since = year if first == THIS_YEAR else chance.randrange(max(2012, year - 6), year + 1)
    number = codes.cma_number(year=since, authority="13", domain=scope[0], index=index, chance=chance)
    rows = [CertificateRow("CMA-P", number, "福建省市场监督管理局", issued, _six_years_on(issued), scope, parameters)]

    def more(kind: str, text: str, issuer: str, years: int, share: float) -> None:
        if not chance.yes(share):
            return
        day = dt.date(chance.randrange(2020, 2022), chance.randrange(1, 13), chance.randrange(1, 28))
        end = day.replace(year=day.year + years) - dt.timedelta(days=1)
        rows.append(
            CertificateRow(kind, text, issuer, day, end, scope[:2], max(5, parameters // chance.randrange(2, 5)))
        )

    if first < THIS_YEAR:
        large = economy.revenue > 10_000
        more("CNAS-L", f"CNAS L{10_000 + index}", "中国合格评定国家认可委员会", 6, 0.45 if large else 0.05)
        kinds = {domain.code for domain in tested}
        if kinds & {"01", "02"}:
            more("JZ", f"（闽）建检字第{index:05d}号", "福建省住房和城乡建设厅", 5, 0.6)
        if "08" in kinds:
            more("CATL", f"〔{2020}〕农质检核（闽）字第{index:05d}号", "福建省农业农村厅", 6, 0.4)
        if "30" in kinds:
            more("FL", f"1152021{index:05d}", "福建省气象局", 5, 0.9)
        if "14" in kinds and unit_type == PUBLIC:
            more("JL", f"（闽）法计（2020）{index:05d}", "福建省市场监督管理局", 6, 0.9)
    return tuple(rows)


def _sites(chance: Chance, place: Place, address: str, economy: Economy) -> tuple[SiteRow, ...]:
    rows = [SiteRow(1, "主实验室", place.region, address, "1", 1.0)]
    count = chance.pick({1: 84, 2: 12, 3: 4}) if economy.persons > 12 else 1
    for number in range(2, count + 1):
        kind = chance.pick({"1": 85, "3": 15})
        name = f"第{'一二三'[number - 1]}检测点" if kind == "1" else "移动检测车"
        rows.append(SiteRow(number, name, place.region, names.address(place, chance), kind, chance.uniform(0.08, 0.35)))
    return tuple(rows)


_REGISTRATION = {PRIVATE: {"112": 88, "121": 4, "140": 5, "150": 3}, STATE_HELD: {"111": 45, "119": 50, "131": 5},
                 COLLECTIVE: {"132": 60, "119": 40}, OVERSEAS: {"210": 95, "220": 5}, FOREIGN: {"310": 95, "320": 5},
                 OTHER_HELD: {"119": 90, "190": 10}}  # fmt: skip


def _profile(made: Respondent, chance: Chance) -> dict[str, str]:
    """Cells of the profile that do not change from year to year."""
    first_cma = min(row.issued_on.year for row in made.certificates if row.kind == "CMA-P")
    since = 2000 + int(made.certificates[0].number[:2])
    cells = {
        "A105": "1", "A107": made.head, "A108": made.head if chance.yes(0.7) else made.signer.name,
        "A109": f"{min(made.founded.year, since):04d}-{made.founded.month:02d}", "A110": f"{min(since, first_cma):04d}-12",
        "A112": made.address, "A115": made.postcode, "A116": made.phone, "A117": made.filer.phone,
        "A118": f"jc{made.uscc[8:17].lower()}@example.com", "A120": "1",
        "A206": "、".join(dict.fromkeys(domain.words[0] for domain in made.domains)),
        "A207": _industry(made.domains[0].code), "A213": "0", "A215": "1" if made.unit_type == PUBLIC and chance.yes(0.04) else "0",
        "A216": "0",
    }  # fmt: skip
    if cells["A110"][:4] == str(first_cma):
        cells["A110"] = f"{first_cma:04d}-{made.certificates[0].issued_on.month:02d}"
    if made.unit_type == ENTERPRISE:
        large = made.economy.revenue > 10_000
        cells |= {
            "A202": chance.pick(_REGISTRATION[made.holding]), "A203": made.holding, "A208": "1" if large else "2",
            "A209": "6" if large and chance.yes(0.02) else "0", "A211": "1" if chance.yes(0.35 if large else 0.05) else "0",
            "A212": chance.pick({"0": 80, "1": 12, "2": 7, "3": 1}) if large else "0",
        }  # fmt: skip
        if cells["A209"] == "6":
            cells["A210"] = f"83{chance.randrange(10**4):04d}"
    else:
        cells |= {
            "A204": chance.pick({"20": 15, "40": 35, "50": 50}),
            "A208": "4" if made.unit_type in (SOCIETY, PRIVATE_UNIT) else "3",
        }
        if made.unit_type in (SOCIETY, PRIVATE_UNIT):
            cells["A204"] = "90"
        if made.unit_type == PUBLIC:
            cells["A205"] = chance.pick({"1": 60, "2": 35, "3": 3, "9": 2})
    return cells


def _industry(domain: str) -> str:
    return {"03": "7461", "14": "7453", "33": "7451"}.get(domain, "7452")
