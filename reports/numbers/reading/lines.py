"""From the cells of many rows to lines of COPY text for the staging tables.

The number column is handled in one piece; the other columns of a row are judged once for each combination that occurs,
and a file of a million rows has a few hundred. A good line is: line, key, raw, issued_on, certificate, domain, kind,
cma_mark, site, state, replaces_key, finding; for the table itself, without the last two, but with institution, batch and
quarter. A refused one: line, raw, fault. `\\N` is NULL; `raw` of a good line is NULL where it equals the key.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from reports.numbers.keys import LONGEST, key_of, keys_of, may_hold_trouble, trouble_in, trouble_in_new
from reports.numbers.reading import headings as h
from reports.numbers.reading.cells import Fault, Options, read_date, read_mark, shown, text_of

MOST_REMEMBERED = 200_000
#: Hashes of keys kept to notice repeats, about 70 bytes each; beyond, the database finds them alone.
MOST_SEEN = 1_500_000
#: How the rest of a line ends when it replaces no number and there is nothing to say about it.
PLAIN = "\t\\N\t\\N"
LONGEST_RAW = 200
#: Registered certificates that a refusal names when a line names none of them.
MOST_NAMED = 3
#: Why a line is refused that has none of the options there.
UNKNOWN = {h.DOMAIN: "domain_unknown", h.KIND: "kind_unknown", h.STATE: "state_unknown"}
_ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": "\ufffd"}
_TO_ESCAPE = re.compile("[\\\\\t\n\r\x00\ud800-\udfff]")


def escaped(text: str) -> str:
    return _TO_ESCAPE.sub(lambda match: _ESCAPED.get(match[0], "\ufffd"), text)


@dataclass
class Known:
    """What the child is told: the quarter, the institution's register, the options. Made from JSON.

    `certificates` are {number as the register spells it: (first day, last day)}.
    """

    start: dt.date
    end: dt.date
    today: dt.date
    certificates: Mapping[str, tuple[dt.date, dt.date]]
    options: Mapping[str, Mapping[str, str]]
    sites: frozenset[int] = frozenset()
    defaults: Mapping[str, str] = field(default_factory=dict)
    padded_to: int = 0
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uscc: str = ""
    trusts_code: bool = False
    #: Institution, batch and quarter as the last columns of a line for the table itself; empty: every line is staged.
    constants: str = ""

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Known:
        day = dt.date.fromisoformat
        return cls(
            start=day(told["start"]),
            end=day(told["end"]),
            today=day(told["today"]),
            certificates={number: (day(one), day(two)) for number, one, two in told["certificates"]},
            options=told["options"],
            sites=frozenset(told.get("sites", ())),
            defaults=told.get("defaults", {}),
            padded_to=told.get("padded_to", 0),
            names=told.get("names", {}),
            uscc=told.get("uscc", ""),
            trusts_code=told.get("trusts_code", False),
            constants=told.get("constants", ""),
        )


def _certificate_key(number: str) -> str:
    """Two spellings of one certificate number have the same: full-width signs and small letters make no difference."""
    return text_of(number).upper()


#: In place of the rest of a line: what follows is the fault. No good line begins so.
REFUSED = "\x00"


class Judge(dict[tuple[Any, ...], str]):
    """The cells beside the number → the rest of the COPY line. Remembers every combination it has seen."""

    def __init__(self, known: Known, codes: Sequence[str], dates_1904: bool = False) -> None:
        super().__init__()
        self._known, self._codes, self._dates_1904 = known, codes, dates_1904
        self._options = {code: Options(UNKNOWN[code], labels) for code, labels in known.options.items()}
        self._certificates = {_certificate_key(number): number for number in known.certificates}
        self.replaces = False

    def __missing__(self, cells: tuple[Any, ...]) -> str:
        if len(self) > MOST_REMEMBERED:
            self.clear()
        given = dict(zip(self._codes, cells, strict=True))
        try:
            stored, finding = self._read(given)
            line = "\t".join([*stored, finding or "\\N"])
        except Fault as fault:
            line = REFUSED + fault.text
        self[cells] = line
        return line

    def _cell(self, given: Mapping[str, Any], code: str) -> Any:
        value = given.get(code)
        return self._known.defaults.get(code, "") if value is None or value == "" else value

    def _read(self, given: Mapping[str, Any]) -> tuple[list[str], str]:
        issued = self._issued(given)
        certificate, finding = self._certificate(given, issued)
        site = self._site(given)
        state = self._options[h.STATE].read(self._cell(given, h.STATE)) or "1"
        return [
            issued.isoformat(),
            escaped(certificate),
            self._options[h.DOMAIN].read(self._cell(given, h.DOMAIN)),
            self._options[h.KIND].read(self._cell(given, h.KIND)),
            "t" if read_mark(self._cell(given, h.MARK)) else "f",
            site,
            state,
            self._replaced(given),
        ], finding

    def _issued(self, given: Mapping[str, Any]) -> dt.date:
        known = self._known
        issued = read_date(self._cell(given, h.ISSUED), dates_1904=self._dates_1904, today=known.today)
        if not known.start <= issued <= known.end:
            raise Fault("date_outside", issued.isoformat(), f"{issued.year}Q{(issued.month + 2) // 3}")
        return issued

    def _certificate(self, given: Mapping[str, Any], issued: dt.date) -> tuple[str, str]:
        """The number as the register spells it, however the line does, so that it equals a row of the register."""
        own, written = self._certificates, text_of(self._cell(given, h.CERTIFICATE))
        if not written:
            if len(own) > 1:
                raise Fault("certificate_missing")
            number = next(iter(own.values()), "")
        elif (key := _certificate_key(written)) in own:
            number = own[key]
        else:
            few = [list(own.values())] if 0 < len(own) <= MOST_NAMED else []
            raise Fault("certificate_unknown", written, *few)
        if number and not self._holds(number, issued):
            return number, "certificate_day"
        return number, ""

    def _holds(self, number: str, day: dt.date) -> bool:
        first, last = self._known.certificates[number]
        return first <= day <= last

    def _site(self, given: Mapping[str, Any]) -> str:
        text = text_of(self._cell(given, h.SITE))
        if not text:
            return "\\N"
        if not (text.isdecimal() and len(text) < 5) or (self._known.sites and int(text) not in self._known.sites):
            raise Fault("site_unknown", text)
        return str(int(text))

    def _replaced(self, given: Mapping[str, Any]) -> str:
        key = key_of(text_of(self._cell(given, h.REPLACES)))
        if not key:
            return "\\N"
        if trouble_in(key):
            raise Fault("replaces_unreadable", key)
        self.replaces = True
        return escaped(key)


class Direct(dict[str, str]):
    """The rest of a staging line → the rest of the same line for the table itself: no finding, but the constants."""

    def __init__(self, constants: str) -> None:
        super().__init__()
        self._constants = constants

    def __missing__(self, rest: str) -> str:
        if len(self) > MOST_REMEMBERED:
            self.clear()
        self[rest] = direct = f"{rest.removesuffix(PLAIN)}\t{self._constants}"
        return direct


class Blocks(NamedTuple):
    """COPY text: lines for the table itself, lines for staging, refused lines. Each may be empty."""

    direct: bytes
    staged: bytes
    refused: bytes


class Lines:
    """Feeds rows to blocks of COPY text and counts them."""

    def __init__(self, known: Known, columns: Mapping[str, int], dates_1904: bool = False) -> None:
        self._known = known
        self._number = columns[h.NUMBER]
        codes = [code for code in h.COLUMNS[1:] if code in columns]
        self._others = [columns[code] for code in codes]
        self._code = columns.get(h.CODE)
        self._width = max([self._number, self._code or 0, *self._others]) + 1
        self.judge = Judge(known, codes, dates_1904)
        self.read = self.blank = 0
        self.causes: dict[str, int] = {}
        self.findings: dict[str, int] = {}
        self._seen: set[int] = set()
        self._too_many = False
        self._direct = Direct(known.constants)
        self.stray_code = ""

    def feed(
        self, numbers: Sequence[int], rows: Sequence[Sequence[Any]], marks: Mapping[int, str] | None = None
    ) -> Blocks:
        """`numbers` are the rows' numbers as a spreadsheet shows them; `marks` are the faults
        that the reader saw, by position."""
        raws, others = self._columns(rows)
        faults = dict(marks or {})
        if set(map(type, raws)) != {str}:
            raws = [self._as_text(position, raw, faults) for position, raw in enumerate(raws)]
        keys = keys_of(raws)
        blanks = self._look(keys, raws, others, faults)
        self.read += len(keys) - len(blanks)
        self.blank += len(blanks)
        judged = list(map(self.judge.__getitem__, others))
        if REFUSED in "".join(set(judged)):
            for position, rest in enumerate(judged):
                if rest[0] == REFUSED:
                    faults.setdefault(position, rest[1:])
            for position in blanks:  # a row with nothing in it lacks a date too, and nobody minds
                faults.pop(position, None)
        self._note_zeros(keys, judged, faults)
        gone = {*faults, *blanks}
        self._count_findings(judged, gone)
        special = self._special(keys, judged)
        if special is None:
            direct, staged = [], self._lines(numbers, keys, raws, judged)
            for position in gone:
                staged[position] = ""
        else:
            direct = self._lines(numbers, keys, raws, list(map(self._direct.__getitem__, judged)))
            at = sorted(special - gone)
            staged = self._lines(
                [numbers[position] for position in at],
                [keys[position] for position in at],
                [raws[position] for position in at],
                [judged[position] for position in at],
            )
            for position in gone | special:
                direct[position] = ""
        refused = []
        for position, fault in sorted(faults.items()):
            code = fault.partition("|")[0]
            self.causes[code] = self.causes.get(code, 0) + 1
            refused.append(f"{numbers[position]}\t{escaped(raws[position][:LONGEST_RAW])}\t{escaped(fault)}\n")
        return Blocks(*("".join(lines).encode() for lines in (direct, staged, refused)))

    def _special(self, keys: Sequence[str], judged: Sequence[str]) -> set[int] | None:
        """Positions of lines that deserve the staging table: their number seems to have come before in the file, or
        there is something to say about them. None for all."""
        if not self._known.constants or self._too_many:
            return None
        hashes = list(map(hash, keys))
        first = dict(zip(reversed(hashes), range(len(hashes) - 1, -1, -1), strict=True))
        special = set(range(len(hashes))).difference(first.values()) if len(first) < len(hashes) else set()
        fresh = set(first)
        special.update(map(first.__getitem__, self._seen & fresh))
        self._seen |= fresh
        if len(self._seen) > MOST_SEEN:
            self._too_many, self._seen = True, set()
        talked_about = {rest for rest in set(judged) if not rest.endswith(PLAIN) and rest[0] != REFUSED}
        if talked_about:
            special.update(position for position, rest in enumerate(judged) if rest in talked_about)
        return special

    def _note_zeros(self, keys: Sequence[str], judged: list[str], faults: Mapping[int, str]) -> None:
        """Digits alone that are shorter than the institution's zero-padded numbers."""
        padded = self._known.padded_to
        for position, key in enumerate(keys) if padded else ():
            if len(key) < padded and key.isdecimal() and position not in faults and judged[position].endswith("\t\\N"):
                judged[position] = judged[position].removesuffix("\\N") + "zeros"

    def _count_findings(self, judged: Sequence[str], gone: set[int]) -> None:
        for finding in ("certificate_day", "zeros"):
            if any(rest.endswith(finding) for rest in set(judged)):
                found = sum(rest.endswith(finding) for at, rest in enumerate(judged) if at not in gone)
                self.findings[finding] = self.findings.get(finding, 0) + found

    def _columns(self, rows: Sequence[Sequence[Any]]) -> tuple[list[Any], list[tuple[Any, ...]]]:
        try:
            return self._take(rows)
        except IndexError:  # short rows: a csv file need not write its last empty cells
            width = self._width
            return self._take([[*row, *[""] * (width - len(row))] if len(row) < width else row for row in rows])

    def _take(self, rows: Sequence[Sequence[Any]]) -> tuple[list[Any], list[tuple[Any, ...]]]:
        raws = list(map(itemgetter(self._number), rows))
        if self._code is not None and not self.stray_code:
            self._compare_code(set(map(itemgetter(self._code), rows)))
        if not self._others:
            return raws, [()] * len(raws)
        if len(self._others) == 1:
            return raws, [(cell,) for cell in map(itemgetter(self._others[0]), rows)]
        return raws, list(map(itemgetter(*self._others), rows))

    def _compare_code(self, codes: set[Any]) -> None:
        for code in codes:
            text = text_of(code).upper()
            if text and text != self._known.uscc:
                self.stray_code = shown(text)

    @staticmethod
    def _as_text(position: int, raw: Any, faults: dict[int, str]) -> str:
        """A cell of the number column that a spreadsheet holds as something else than text."""
        if isinstance(raw, str):
            return raw
        if raw is None:
            return ""
        if isinstance(raw, dt.date | dt.time | dt.timedelta):
            faults.setdefault(position, f"date_in_number|{shown(raw)}")
            return str(raw)
        number = float(raw)
        digits = f"{abs(number):.0f}"
        if abs(number) >= 1e15:
            faults.setdefault(position, f"digits|{len(digits)}")
        elif len(digits) >= 12 and len(digits.rstrip("0")) <= 6:
            faults.setdefault(position, f"scientific|{number:.5E}")
        return text_of(number)

    def _look(
        self, keys: list[str], raws: Sequence[str], others: Sequence[tuple[Any, ...]], faults: dict[int, str]
    ) -> list[int]:
        """Search the whole column at once for what is wrong; returns the positions of rows with nothing in them."""
        blanks: list[int] = []
        if "" in keys:
            for position, key in enumerate(keys):
                if not key and position not in faults:
                    if any(cell not in ("", None) for cell in others[position]):
                        faults[position] = "blank"
                    else:
                        blanks.append(position)
        if may_hold_trouble(keys) or max(map(len, keys), default=0) > LONGEST:
            for position, key in enumerate(keys):
                if key and position not in faults and (code := trouble_in_new(key)):
                    faults[position] = f"{code}|{shown(raws[position])}"
        return blanks

    @staticmethod
    def _lines(numbers: Sequence[int], keys: list[str], raws: Sequence[str], judged: Sequence[str]) -> list[str]:
        stored = [escaped(key) for key in keys] if "\\" in "\n".join(keys) else keys
        if raws == keys:
            return [
                f"{number}\t{key}\t\\N\t{rest}\n" for number, key, rest in zip(numbers, stored, judged, strict=True)
            ]
        written = ["\\N" if raw == key else escaped(raw[:LONGEST_RAW]) for raw, key in zip(raws, keys, strict=True)]
        return [
            f"{number}\t{key}\t{raw}\t{rest}\n"
            for number, key, raw, rest in zip(numbers, stored, written, judged, strict=True)
        ]
