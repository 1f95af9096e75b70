"""From the cells of a row to a line of COPY text for the staging table. Nothing here imports Django.

What cannot be read makes the line a faulty one, with a code of `causes` and what its sentence repeats: "date|2023.13.1".
A blank cell says nothing: it neither erases what the register holds nor refuses the line, unless the field is needed.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stdnum.cn import uscc as stdnum_uscc

from institutions.register import columns as c

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", re.ASCII)
_USCC = re.compile(r"[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
EARLIEST, LATEST = dt.date(1949, 10, 1), dt.date(2099, 12, 31)
LONGEST = {c.NAME: 200, c.CERT_NAME: 200, c.ADDRESS: 200, c.ISSUER: 100, c.NUMBER: 40, c.CONTACT: 50, c.PHONE: 40}
MOST_DIGITS = 1e15
#: Of a register without a column of kinds.
DEFAULT_KIND = "CMA-P"

YES = frozenset(("是", "有", "1", "yes", "y", "true", "独立法人", "法人"))
NO = frozenset(("否", "无", "0", "no", "n", "false", "非独立法人", "非法人", "分支机构"))
UNIT_TYPES = {
    "企业": "10", "企业法人": "10", "事业单位": "20", "事业": "20", "事业法人": "20", "机关": "30", "机关法人": "30",
    "社会团体": "40", "社团": "40", "民办非企业单位": "51", "民办非企业": "51", "社会服务机构": "51", "其他": "90",
}  # fmt: skip
KINDS = {
    "cma": "CMA-P", "资质认定": "CMA-P", "资质认定（省级）": "CMA-P", "资质认定（国家级）": "CMA-N",
    "省级资质认定": "CMA-P", "检验检测机构资质认定": "CMA-P", "国家级资质认定": "CMA-N",
    "国家资质认定": "CMA-N", "cnas": "CNAS-L", "cnas实验室": "CNAS-L", "cnas检验机构": "CNAS-IB",
}  # fmt: skip
STATUSES = {
    "有效": "1",
    "正常": "1",
    "在有效期内": "1",
    "暂停": "2",
    "过期": "3",
    "到期": "3",
    "失效": "3",
    "注销": "4",
    "撤销": "5",
}
_WEIGHTED = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Fault(Exception):
    def __init__(self, code: str, *values: object) -> None:
        super().__init__(code)
        self.text = "|".join([code, *(shown(value) for value in values)])


def shown(value: object) -> str:
    """A value as a sentence repeats it: short, printable, without our own separator."""
    text = _INVISIBLE.sub("", _SPACES.sub(" ", str(value))).replace("|", "¦").replace("\\", "＼").strip()
    return text if len(text) <= 40 else text[:39] + "…"


def text_of(value: Any) -> str:
    """One line; a whole number without its point."""
    if isinstance(value, str):
        if value.isprintable() and "  " not in value and value[:1] != " " and value[-1:] != " ":
            return value
        return _SPACES.sub(" ", _INVISIBLE.sub("", value)).strip()
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < MOST_DIGITS else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return str(value)


def code_text(value: Any) -> str:
    """A code or number: NFKC, without spaces. What a spreadsheet has rounded is refused."""
    if isinstance(value, float) and abs(value) >= MOST_DIGITS:
        raise Fault("digits")
    if isinstance(value, dt.date):
        raise Fault("became_date", value.isoformat())
    text = text_of(value)
    text = (text if text.isascii() else unicodedata.normalize("NFKC", text)).replace(" ", "")
    if _SCIENTIFIC.fullmatch(text):
        raise Fault("digits")
    return text


def read_uscc(value: Any) -> str:
    code = code_text(value).replace("-", "").upper()
    if not code:
        raise Fault("uscc_missing")
    if len(code) != 18:
        raise Fault("uscc_length", code, len(code))
    if not _USCC.fullmatch(code):
        raise Fault("uscc_letters", code)
    if stdnum_uscc.calc_check_digit(code[:17]) != code[17]:
        raise Fault("uscc_check", code)
    return code


def read_day(value: Any) -> str:
    """ISO, or an empty text for a blank cell."""
    if isinstance(value, dt.datetime):
        day = value.date()
    elif isinstance(value, dt.date):
        day = value
    elif isinstance(value, float) and 1 <= value < 2_958_466:
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(value))
    else:
        text = _TIME.sub("", unicodedata.normalize("NFKC", text_of(value))).strip()
        if not text:
            return ""
        found = _DAY.fullmatch(text) or _COMPACT.fullmatch(text)
        if found is None:
            raise Fault("date", text)
        try:
            day = dt.date(*(int(part) for part in found.groups()))
        except ValueError:
            raise Fault("date", text) from None
    if not EARLIEST <= day <= LATEST:
        raise Fault("date", day.isoformat())
    return day.isoformat()


class Lists:
    """Options by code and by label; the built-in words, then those of the published scheme."""

    def __init__(self, told: Mapping[str, Mapping[str, str]]) -> None:
        self.kinds = self._folded(KINDS, told.get("kinds", {}))
        self.statuses = self._folded(STATUSES | {code: code for code in "12345"}, told.get("statuses", {}))
        self.domains = self._folded({}, told.get("domains", {}))
        self.unit_types = self._folded(
            UNIT_TYPES | {code: code for code in UNIT_TYPES.values()}, told.get("unit_types", {})
        )

    @staticmethod
    def _folded(own: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
        both = {**own, **told, **{code: code for code in (*own.values(), *told.values())}}
        return {_folded(label): code for label, code in both.items()}

    def one(self, known: Mapping[str, str], fault: str, value: Any) -> str:
        text = text_of(value)
        if not text:
            return ""
        found = known.get(_folded(text))
        if found is None:
            raise Fault(fault, text)
        return found

    def many(self, value: Any) -> str:
        """As an array literal of PostgreSQL."""
        found: dict[str, None] = {}
        for part in re.split(r"[,，、;；/|\s]+", text_of(value)):
            if part:
                code = self.domains.get(_folded(part)) or (part.zfill(2) if part.isdigit() and len(part) < 3 else None)
                if code is None:
                    raise Fault("domain", part)
                found[code] = None
        return "{" + ",".join(found) + "}" if found else ""


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "")


def read_legal(value: Any) -> str:
    """ "t" for a unit without legal personality."""
    word = _folded(text_of(value))
    if not word or word in YES:
        return "f"
    if word in NO:
        return "t"
    raise Fault("legal", text_of(value))


def read_name(value: Any) -> str:
    text = text_of(value)
    return text.replace("(", "（").replace(")", "）") if "(" in text or ")" in text else text


def read_phone(value: Any) -> str:
    text = text_of(value)
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).replace(" ", "")


def read_number(value: Any) -> str:
    return code_text(value)


#: Fields of a staging line in the order of `staging.COLUMNS`, after import, row and fault.
ORDER = (
    c.USCC, c.NAME, c.BUREAU, c.REGION, c.ADDRESS, c.UNIT_TYPE, c.CONTACT, c.PHONE, c.REGISTERED, c.PARENT, c.LEGAL,
    c.KIND, c.NUMBER, c.CERT_NAME, c.ISSUER, c.ISSUED, c.EXPIRES, c.STATUS, c.DOMAINS,
)  # fmt: skip
#: NULL where nothing is told.
NULLABLE = frozenset((c.REGISTERED, c.ISSUED, c.EXPIRES, c.DOMAINS))
_AT = {field: position for position, field in enumerate(ORDER)}


class Reader:
    """Turns rows into COPY text; counts what it read and what it could not."""

    def __init__(self, columns: Mapping[str, int], lists: Lists, number_of_import: int) -> None:
        repeated: dict[str, Callable[[Any], str]] = {
            c.BUREAU: _cached(text_of),
            c.REGION: _cached(self._region),
            c.UNIT_TYPE: _cached(lambda value: lists.one(lists.unit_types, "unit_type", value)),
            c.REGISTERED: _cached(read_day),
            c.LEGAL: _cached(read_legal),
            c.KIND: _cached(lambda value: lists.one(lists.kinds, "kind", value)),
            c.ISSUER: _cached(text_of),
            c.ISSUED: _cached(read_day),
            c.EXPIRES: _cached(read_day),
            c.STATUS: _cached(lambda value: lists.one(lists.statuses, "status", value)),
            c.DOMAINS: _cached(lists.many),
        }
        own: dict[str, Callable[[Any], str]] = {
            c.USCC: read_uscc, c.NAME: read_name, c.ADDRESS: text_of, c.CONTACT: text_of, c.PHONE: read_phone,
            c.PARENT: self._parent, c.NUMBER: read_number, c.CERT_NAME: read_name,
        }  # fmt: skip
        readers = repeated | own
        self._steps = [
            (field, columns[field], _AT[field], readers[field], LONGEST.get(field, 0))
            for field in ORDER
            if field in columns
        ]
        self._columns = dict(columns)
        self._prefix = f"{number_of_import}\t"
        self.read = self.blank = self.faulty = 0

    def feed(self, numbers: Sequence[int], rows: Sequence[Sequence[Any]], marks: Mapping[int, str]) -> bytes:
        """`marks` are faults of rows that the file itself shows: error values, formulas never computed."""
        made = []
        for position, (number, row) in enumerate(zip(numbers, rows, strict=True)):
            fault = marks.get(position, "")
            if not fault and not any(cell not in ("", None) for cell in row):
                self.blank += 1
                continue
            self.read += 1
            values = [""] * len(ORDER)
            fault = self._fill(values, row, fault)
            if fault:
                self.faulty += 1
            made.append(self._line(number, fault, values))
        return "".join(made).encode()

    def _fill(self, values: list[str], row: Sequence[Any], fault: str) -> str:
        """Every field as far as it can be read; the first fault."""
        width = len(row)
        for field, column, at, read, longest in self._steps:
            value = row[column] if column < width else ""
            if value == "" and field != c.USCC:
                continue
            try:
                text = read(value)
                if longest and len(text) > longest:
                    raise Fault("long", field, len(text), longest)
                values[at] = text
            except Fault as error:
                fault = fault or error.text
                values[at] = "" if field in NULLABLE or field not in (c.USCC, c.NAME, c.NUMBER) else text_of(value)[:40]
        if fault == "uscc_missing" and values[_AT[c.LEGAL]] == "t":
            # A unit without legal personality need not have a code of its own.
            values[_AT[c.USCC]], fault = values[_AT[c.PARENT]], ""
        return fault or self._judge(values)

    def _judge(self, values: list[str]) -> str:
        if not values[_AT[c.NAME]]:
            return "name_missing"
        is_unit = values[_AT[c.LEGAL]] == "t"
        if is_unit and not values[_AT[c.PARENT]]:
            return "unit_without_parent"
        if not values[_AT[c.NUMBER]]:
            return ""
        values[_AT[c.KIND]] = values[_AT[c.KIND]] or DEFAULT_KIND
        issued, expires = values[_AT[c.ISSUED]], values[_AT[c.EXPIRES]]
        if not issued:
            return "issued_missing"
        if not expires:
            return "expires_missing"
        if issued >= expires:
            return f"dates_order|{issued}|{expires}"
        return ""

    def _line(self, number: int, fault: str, values: list[str]) -> str:
        fields = [
            (value if value or field not in NULLABLE else "\\N") for field, value in zip(ORDER, values, strict=True)
        ]
        fields[_AT[c.LEGAL]] = values[_AT[c.LEGAL]] or "f"
        body = "\t".join(fields)
        if "\\" in body.replace("\\N", ""):
            body = "\t".join(field if field == "\\N" else field.replace("\\", "\\\\") for field in fields)
        return f"{self._prefix}{number}\t{fault}\t{body}\n"

    @staticmethod
    def _parent(value: Any) -> str:
        return read_uscc(value) if text_of(value) else ""

    @staticmethod
    def _region(value: Any) -> str:
        text = code_text(value)
        if text and not (len(text) == 6 and text.isdigit()):
            raise Fault("region", text)
        return text


def _cached(read: Callable[[Any], str]) -> Callable[[Any], str]:
    """Few different values in many rows. A fault is found anew each time: there are few of those."""
    known: dict[Any, str] = {}

    def cached(value: Any) -> str:
        key = (type(value), value)
        found = known.get(key)
        if found is None:
            found = read(value)
            if len(known) < 20_000:
                known[key] = found
        return found

    return cached
