"""For every check: what makes it fail, and what it says when its cells are blank.

The valid filing (with `good` on top) is the passing case. `blank_fails` marks the few checks that ask for an answer
and therefore hold no matter how little is filled.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reports.schemes.content import bundled
from tests.factories.filings_data import CERTIFICATES, DOMAINS, SITES, USCC
from tests.reports.schemes.filing import Change


@dataclass(frozen=True)
class Case:
    fail: Change
    blank: Change
    good: Change = field(default_factory=dict)
    unit_type: int = 10
    blank_fails: bool = False
    previous: Change | None = None
    good_previous: Change | None = None
    facts: Change | None = None
    fail_facts: Change | None = None


def rows(table: list[dict[str, str]], **change: str | None) -> list[dict[str, str]]:
    """The lines with one column set, or cleared, in all of them."""
    return [{k: v for k, v in {**row, **change}.items() if v is not None} for row in table]


def total(fail: str, value: str, *blank: str, unit_type: int = 10) -> Case:
    return Case({fail: value}, dict.fromkeys(blank or (fail,)), unit_type=unit_type)


CASES: dict[str, Case] = {
    "K001": Case({"A101": USCC[:-1] + "0"}, {"A101": None}),
    "K002": Case({"A111": "350203"}, {"A111": None}),
    "K003": Case({"A105": "2"}, {"A105": None}, good={"A105": "2", "A106": "晨光集团有限公司"}),
    "K004:a": Case({}, {}, facts={"other_filings": 0}, fail_facts={"other_filings": 1}),
    "K004:b": Case({}, {"A101": None}, facts={"institution_uscc": USCC}, fail_facts={"institution_uscc": "9135"}),
    "K005": Case(
        {"A121": "350104"}, {"A121": None}, good={"A121": "350104", "A122": "主要场所已迁至仓山区"}, previous={}
    ),
    "K006:a": Case({"A203": None}, {"A201": None}),
    "K006:b": Case({"A203": "3"}, {"A201": None, "A203": "3"}, unit_type=20),
    "K007": Case({"A211": "1"}, {"A211": None, "A212": None}, unit_type=20),
    "K008:A111": Case({"A111": "350182"}, {"A111": None}, good={"A111": "350112", "A101": "91350112MA2Y00001X"}),
    "K008:A113": Case({"A113": "350999"}, {"A113": None}),
    "K009": Case({"A109": "2024-01"}, {"A109": None}),
    "K010": Case({"A120": "2"}, {"A120": None}),
    "K011": total("A313", "13", "A311", "A312", "A313", "A314", "A315"),
    "K012": total("A323", "9", "A321", "A322", "A323", "A324", "A325"),
    "K013": total("A331", "17", "A301"),
    "K014": total("A341", "13", "A341", "A342", "A343"),
    "K015:A302": total("A302", "26"),
    "K015:A334": total("A334", "26"),
    "K015:A335": total("A335", "26"),
    "K015:b": total("A304", "4", "A303", "A304"),
    "K015:e": total("A336", "19"),
    "K016:A301": total("A301", "0"),
    "K016:A331": total("A331", "0"),
    "K016:A334": total("A334", "0"),
    "K017": total("A305", "12"),
    "K020": Case(
        {"JC01-1": rows(CERTIFICATES, B101="CNAS-L")}, {"JC01-1": rows(CERTIFICATES, B101=None)}, blank_fails=True
    ),
    "K021": Case({"JC01-1.r1.B102": "215512050011"}, {"JC01-1.r1.B102": None}),
    "K022:a": Case({"JC01-1.r1.B102": "210012050011"}, {"JC01-1.r1.B102": None}),
    "K022:b": Case({"JC01-1.r1.B104": "江西省市场监督管理局"}, {"JC01-1.r1.B104": None}),
    "K023:a": Case({"JC01-1.r1.B102": "221312050011"}, {"JC01-1.r1.B105": None}),
    "K023:b": Case({"JC01-1.r1.B102": "211399050011"}, {"JC01-1.r1.B102": None}),
    "K024": Case({"JC01-1.r1.B106": "2026-03-14"}, {"JC01-1.r1.B106": None}, good={"JC01-1.r1.B106": "2027-03-15"}),
    "K025:a": Case({"JC01-1.r1.B106": "2021-03-15"}, {"JC01-1.r1.B106": None}),
    "K025:b": Case({"JC01-1.r1.B105": "2024-01-01"}, {"JC01-1.r1.B105": None}),
    "K026": Case({"JC01-1.r2.B106": "2023-12-30"}, {"JC01-1.r2.B106": None}, good={"JC01-1.r2.B106": "2023-12-31"}),
    "K027": Case({"JC01-1.r1.B110": "0"}, {"JC01-1": []}),
    "K028": Case(
        {},
        {},
        facts={"registered_certificates": frozenset({"211312050011"})},
        fail_facts={"registered_certificates": frozenset({"211312050011", "221312050022"})},
    ),
    "K029": Case(
        {"JC01-1.r2.B101": "CMA-P", "JC01-1.r2.B102": "211312050011"}, {"JC01-1": rows(CERTIFICATES, B102=None)}
    ),
    "K030:a": Case({"JC01-2": []}, {"JC01-2": rows(SITES[:1], C106=None)}),
    "K030:b": Case({"JC01-2.r2.C106": "1"}, {"JC01-2": []}),
    "K031": Case({"JC01-2.r2.C107": "401"}, {"JC01-2": rows(SITES, C107=None)}),
    "K040:a": Case({"A201": "10"}, {"A201": None}, good={"A201": "20"}, unit_type=20),
    "K040:b": Case({"A201": "20"}, {"A201": None}, good={"A201": "10"}),
    "K040:c": Case({"A201": "51"}, {"A201": None}, good={"A201": "10"}),
    "K040:d": Case({"E201": "8000"}, {"A201": None, "E201": "8000"}, unit_type=20),
    "K040:e": Case({"S201": "8000"}, {"A201": None, "S201": "8000"}),
    "K040:f": Case({"G201": "8000"}, {"A201": None, "G201": "8000"}),
    "K041": total("E131", "7999", "E119"),
    "K042:a": total("E102", "5401", "E102", "E103"),
    "K042:b": total("E101", "12001"),
    "K042:c": total("E121", "4001"),
    "K043:a": total("E113", "2001"),
    "K043:b": total("E112", "7001"),
    "K044": total("E136", "3999", "E135", "E136"),
    "K045:E202": total("E202", "8001"),
    "K045:E207": total("E207", "8001"),
    "K045:s": total("E206", "201", "E203", "E204", "E205", "E206"),
    "K046": Case({"E231": "1606"}, {"E231": None}, good={"E231": "1605"}),
    "K047": Case({"E234": "1613"}, {"E234": None}, good={"E234": "1612"}),
    "K048": Case({"E236": "1373"}, {"E236": None}, good={"E236": "1368"}),
    "K049": total("E301", "240", "A305"),
    "K050": total("E201", "8000000", "E201"),
    "K051": total("W301", "0"),
    "K052": Case({"A203": "1"}, {"E135": None, "E136": None}, good={"A203": "9"}),
    "K060": total("S208", "201", "S201", unit_type=20),
    "K061": total("S211", "7801", unit_type=20),
    "K062": total("S321", "401", unit_type=20),
    "K063": total("S107", "17001", unit_type=20),
    "K064:a": total("G204", "201", "G201", unit_type=51),
    "K064:b": total("G311", "301", unit_type=51),
    "K064:c": total("G104", "12001", unit_type=51),
    "K070:a": total("W203", "11", "W202", "W203"),
    "K070:b": total("W213", "1001", "W212", "W213"),
    "K071:W204": total("W204", "121"),
    "K071:W221": total("W221", "121"),
    "K071:v:W214": total("W214", "4001"),
    "K071:v:W222": total("W222", "4001"),
    "K072": Case({"W214": "999"}, {"W204": None}, good={"W214": "1000"}),
    "K073": Case({"W204": "116"}, {"W201": None}),
    "K074": Case({"E111": "3809"}, {"E111": None}, good={"E111": "3810"}),
    "K075": total("W305", "401", "W301"),
    "K076:W311": total("W311", "9001"),
    "K076:W312": total("W312", "9001"),
    "K076:W313": total("W313", "9001"),
    "K076:W314": total("W314", "9001"),
    "K076:W315": total("W315", "9001"),
    "K077": total("W414", "0.01", "W411", "W412", "W413", "W414"),
    "K078": total("W301", "2000000"),
    "K079:a": total("W502", "3", "W501"),
    "K079:b": total("W505", "201"),
    "K079:c": total("W512", "13"),
    "K080": total("W504", "0"),
    "K081": total("W101", "74"),
    "K082": total("W103", "501", "W102", "W103"),
    "K090:a": Case({"JC05-1": []}, {"JC05-1": rows(DOMAINS, D101=None)}),
    "K090:b": Case({"JC05-1.r2.D101": "03"}, {"JC05-1": rows(DOMAINS, D101=None)}),
    "K090:c": Case({"JC05-1.r2.D102": "1"}, {"JC05-1": []}),
    "K090:d": Case({"JC05-1.r1.D102": "0", "JC05-1.r2.D102": "1"}, {"JC05-1": rows(DOMAINS, D103=None)}),
    "K091": Case({"JC05-1.r1.D103": "4002"}, {"E202": None}, good={"JC05-1.r1.D103": "4001"}),
    "K092": Case({"JC05-1.r1.D104": "5001"}, {"W301": None}),
    "K093": Case({"W231": "0"}, {"JC05-1": rows(DOMAINS, D101=None)}),
    "K094": Case({"JC01-1": rows(CERTIFICATES, B108="00")}, {"JC01-1": []}),
    "K102": Case({}, {}, previous={}, good={"A301": "26"}),
    "K103": Case({"E201": "10000"}, {"E201": None}, good={"E201": "9999"}),
    "K104": Case(dict.fromkeys((code for code in bundled().figures if code[0] in "EW"), "0"), {}),
    "K114": Case({}, {"W301": None, "W311": None}, facts={"year_numbers": 8750}, fail_facts={"year_numbers": 8600}),
}
for code, shrunk in {"A301": "16", "W101": "700", "W201": "70", "W211": "2600", "W301": "5000"}.items():
    CASES[f"K100:{code}"] = Case({}, {code: None}, previous={code: shrunk}, good_previous={code: None})
CASES["K100:X001"] = Case({}, {"E201": None}, previous={"E201": "5000"}, good_previous={"E201": "7900"})
