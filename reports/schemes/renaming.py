"""Indicators that got another code: which old code goes on as which new one, and last year's values under this year's codes."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from .comparison import renames_of
from .definition import SchemeDefinition, pick

ALIKE = 0.72  # share of common characters from which two names are worth proposing
TELLING = 8  # characters a definition has at least before it tells an indicator from others

Row = Mapping[str, str]
NAME, MEANING, SIMILAR = "name", "meaning", "similar"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An indicator that is no longer there, and the new one that is probably the same. `why` is NAME, MEANING, SIMILAR or ""."""

    old: Row
    new: str
    why: str

    @property
    def name(self) -> str:
        return pick(self.old.get("name_zh", ""), self.old.get("name_en", ""))


@dataclass(frozen=True, slots=True)
class Mapped:
    """`gone` are the indicators of `before` that `after` lacks; `fresh` those that only `after` has."""

    chosen: Mapping[str, str]
    gone: tuple[Proposal, ...]
    fresh: tuple[Row, ...]


def mapping_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapped:
    """What is mapped already, and a proposal for each indicator that is gone; no new code is proposed twice."""
    chosen = renames_of(before, after)
    old = {row["code"]: row for row in before.get("indicators", ()) if row.get("code")}
    new = {row["code"]: row for row in after.get("indicators", ()) if row.get("code")}
    gone = [row for code, row in old.items() if code not in new]
    fresh = [row for code, row in new.items() if code not in old]
    free = {row["code"]: row for row in fresh if row["code"] not in chosen.values()}
    found: dict[str, tuple[str, str]] = {}
    for why, same in ((NAME, _same_name), (MEANING, _same_meaning), (SIMILAR, _similar)):
        for row in gone:
            if row["code"] in found or row["code"] in chosen:
                continue
            hit = next((code for code, other in free.items() if same(row, other)), "")
            if hit:
                found[row["code"]] = (hit, why)
                del free[hit]
    proposals = tuple(Proposal(row, *found.get(row["code"], ("", ""))) for row in gone)
    return Mapped(chosen, proposals, tuple(fresh))


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _same_name(one: Row, other: Row) -> bool:
    return _plain(one.get("name_zh", "")) == _plain(other.get("name_zh", ""))


def _same_meaning(one: Row, other: Row) -> bool:
    """Word for word; “at year end” alone is no meaning."""
    meaning = _plain(one.get("definition_zh", ""))
    return len(meaning) >= TELLING and meaning == _plain(other.get("definition_zh", ""))


def _similar(one: Row, other: Row) -> bool:
    if one.get("dtype") != other.get("dtype") or one.get("table") != other.get("table"):
        return False
    left, right = _plain(one.get("name_zh", "")), _plain(other.get("name_zh", ""))
    return SequenceMatcher(None, left, right, autojunk=False).ratio() >= ALIKE


# -- last year's values ---------------------------------------------------------------------------


def carried_codes(renames: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """{code: …} with renamed codes as this version writes them; a value that stands under the new code already is kept."""
    found = dict(values)
    for old, new in renames.items():
        if old in found:
            found.setdefault(new, found.pop(old))
    return found


def carried_tables(definition: SchemeDefinition, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The cells of an earlier revision as if it had been filled in this version: renamed codes, each in its table of now."""
    renames = definition.renames
    moved: dict[str, dict[str, Any]] = {}
    for table, cells in tables.items():
        if "rows" in cells:
            rows = [carried_codes(renames, row) for row in cells["rows"]]
            moved[_table_of_rows(definition, table, rows)] = {"rows": rows}
            continue
        for code, value in carried_codes(renames, cells).items():
            item = definition.indicator_by_code.get(code)
            place = table if item is None or item.repeating or code not in renames.values() else item.table
            moved.setdefault(place, {}).setdefault(code, value)
    return moved


def _table_of_rows(definition: SchemeDefinition, table: str, rows: list[dict[str, Any]]) -> str:
    """A repeating table whose columns stand in another table now goes with them."""
    if table in definition.table_by_code:
        return table
    for code in (code for row in rows for code in row):
        item = definition.indicator_by_code.get(code)
        if item is not None and item.repeating:
            return item.table
    return table


def carried_keys(renames: Mapping[str, str], found: Mapping[str, Any]) -> dict[str, Any]:
    """{key of a finding: …}: a check for each of several items has the item's code in its key."""
    moved = {}
    for key, value in found.items():
        head, at, row = key.partition("@")
        moved[":".join(renames.get(part, part) for part in head.split(":")) + at + row] = value
    return moved
