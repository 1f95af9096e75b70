"""Numbers that registers give out, with their check digits: credit codes, certificate numbers, telephones."""

from __future__ import annotations

from demo.generator.chance import Chance

USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714

#: Registering authority and kind of body, by type of unit.
_HEADS = {"10": "91", "20": "12", "30": "11", "40": "51", "51": "52"}

#: Codes of the departments in digits 7 and 8, in blocks: institution number // 10,000 chooses the block, so that the four
#: digits of the serial number never meet twice.
_DEPARTMENTS = (
    ("11", "06", "05", "07", "10", "09", "34"),
    ("00", "01", "02", "03", "04"),
    ("08", "12", "13", "14", "15"),
    ("16", "17", "18", "19", "20"),
    ("21", "22", "23", "24", "25"),
    ("26", "27", "28", "29", "30"),
    ("31", "32", "33"),
)


def uscc(*, unit_type: str, region: str, index: int, seed: int) -> str:
    """A valid unified social credit code; different institutions of one seed never share one."""
    space = 31**6
    number = (index * 7_368_787 + seed * 104_729 + 12_345) % space
    organisation = "MA"
    for power in range(5, -1, -1):
        organisation += USCC_SIGNS[number // 31**power % 31]
    body = _HEADS[unit_type] + region + organisation + _organisation_check(organisation)
    total = sum(USCC_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + USCC_SIGNS[(31 - total % 31) % 31]


def _organisation_check(body: str) -> str:
    values = [int(sign) if sign.isdigit() else ord(sign) - 55 for sign in body]
    rest = 11 - sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def cma_number(*, year: int, authority: str, domain: str, index: int, chance: Chance) -> str:
    """Year of the first issue, authority, domain, department and a serial number: 12 digits."""
    departments = _DEPARTMENTS[min(index // 10_000, len(_DEPARTMENTS) - 1)]
    return f"{year % 100:02d}{authority}{domain}{chance.choice(departments)}{index % 10_000:04d}"


def mobile(chance: Chance) -> str:
    return (
        chance.choice(("133", "135", "136", "138", "139", "150", "159", "180", "186", "189"))
        + f"{chance.randrange(10**8):08d}"
    )


def telephone(region: str, chance: Chance) -> str:
    area = {
        "01": "0591",
        "02": "0592",
        "03": "0594",
        "04": "0598",
        "05": "0595",
        "06": "0596",
        "07": "0599",
        "08": "0597",
    }
    return f"{area.get(region[2:4], '0593')}-{chance.randrange(2, 9)}{chance.randrange(10**6):06d}"


def postcode(region: str, chance: Chance) -> str:
    head = {
        "01": "350",
        "02": "361",
        "03": "351",
        "04": "365",
        "05": "362",
        "06": "363",
        "07": "353",
        "08": "364",
        "09": "352",
    }
    return f"{head[region[2:4]]}{chance.randrange(1, 9)}00"
