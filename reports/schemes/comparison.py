"""What changed between two versions of a scheme: sheet by sheet, line by line, column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from .columns import SHEETS, column_label, sheet_label
from .content import sheet_of
from .definition import pick

ADDED, REMOVED, RENAMED, CHANGED = "added", "removed", "renamed", "changed"
KINDS = (ADDED, REMOVED, RENAMED, CHANGED)
#: What tells one line of a sheet from another.
KEYS: Mapping[str, tuple[str, ...]] = {
    "scheme": (),
    "tables": ("code",),
    "indicators": ("code",),
    "options": ("list", "code"),
    "checks": ("code", "part"),
    "columns": ("indicator", "code"),
    "units": ("unit",),
    "regions": ("code",),
}
#: Sheets whose lines stand in groups, named by the first part of their key.
GROUPED = frozenset(("options", "columns"))
#: Columns that name indicators: a renamed indicator alone does not count as a change there.
_NAMING = (
    "required visible_when formula applies_when each when expression cells shows fix message_zh message_en example"
)
NAMING = frozenset(_NAMING.split())
CODE = re.compile(r"\b[A-Z][A-Z0-9]{1,9}\b")
TOKEN = re.compile(r"[\u3400-\u9fff]|\w+|\s+|.", re.DOTALL)
MOST_TOKENS = 600  # a longer text is shown as replaced whole

Part = tuple[bool, str]  # whether it differs, the text


@dataclass(frozen=True)
class FieldChange:
    sheet: str
    column: str
    before: str
    after: str

    @property
    def label(self) -> str:
        return column_label(self.sheet, self.column)

    @property
    def language(self) -> str:
        """Of the text, where the column says it: "en" or "zh"."""
        return next((lang for lang in ("en", "zh") if self.column.endswith(f"_{lang}")), "")

    @cached_property
    def parts(self) -> tuple[list[Part], list[Part]]:
        """Both texts in pieces, each with whether the other lacks it."""
        left, right = TOKEN.findall(self.before), TOKEN.findall(self.after)
        if not left or not right or len(left) + len(right) > MOST_TOKENS:
            return [(True, self.before)], [(True, self.after)]
        old, new = [], []
        for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
            differs = kind != "equal"
            if a < b:
                old.append((differs, "".join(left[a:b])))
            if c < d:
                new.append((differs, "".join(right[c:d])))
        return old, new

    @property
    def before_parts(self) -> list[Part]:
        return self.parts[0]

    @property
    def after_parts(self) -> list[Part]:
        return self.parts[1]


@dataclass(frozen=True)
class Change:
    """One line. `old_key` is the code before a renaming."""

    kind: str
    sheet: str
    key: str
    name_zh: str
    name_en: str
    fields: tuple[FieldChange, ...] = ()
    old_key: str = ""
    group: str = ""

    @property
    def name(self) -> str:
        return pick(self.name_zh, self.name_en)


@dataclass(frozen=True)
class Section:
    sheet: str
    changes: tuple[Change, ...] = field(default=())

    @property
    def label(self) -> str:
        return sheet_label(self.sheet)

    def count(self, kind: str) -> int:
        return sum(1 for change in self.changes if change.kind == kind)

    @property
    def counts(self) -> list[tuple[str, int]]:
        return [(kind, self.count(kind)) for kind in KINDS]


@dataclass(frozen=True)
class Comparison:
    sections: tuple[Section, ...]

    def section(self, sheet: str) -> Section:
        return next(one for one in self.sections if one.sheet == sheet)

    @property
    def total(self) -> int:
        return sum(len(section.changes) for section in self.sections)


Row = Mapping[str, str]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Both are contents of schemes, faulty ones too. Renamed indicators follow the sheet "renames" of `after`."""
    renames = renames_of(before, after)
    return Comparison(
        tuple(
            Section(sheet, tuple(_changes(sheet, _rows(before, sheet), _rows(after, sheet), renames))) for sheet in KEYS
        )
    )


def renames_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """{code in `before`: its other code in `after`}, followed through several steps."""
    steps = {row.get("old", ""): row.get("new", "") for row in after.get("renames", ())}
    old = {row.get("code", "") for row in before.get("indicators", ())}
    new = {row.get("code", "") for row in after.get("indicators", ())}
    found = {}
    for code in old - new:
        end, seen = code, set()
        while end in steps and end not in seen:
            seen.add(end)
            end = steps[end]
        if end in new and end not in old:
            found[code] = end
    return found


def _rows(content: Mapping[str, Any], sheet: str) -> list[Row]:
    rows = [content.get("scheme", {})] if sheet == "scheme" else sheet_of(content, sheet)
    return [{key: str(value if value is not None else "").strip() for key, value in row.items()} for row in rows]


def _changes(sheet: str, before: Sequence[Row], after: Sequence[Row], renames: Mapping[str, str]) -> Iterator[Change]:
    """Those of `after` in its order, then what was removed."""
    old = {_key(sheet, row): row for row in before}
    new = {_key(sheet, row): row for row in after}
    moved: dict[tuple[str, ...], tuple[str, ...]] = {}
    if sheet == "indicators":
        moved = {(to,): (code,) for code, to in renames.items()}
    elif sheet == "columns":
        ends = {to: code for code, to in renames.items()}
        moved = {key: (ends[key[0]], key[1]) for key in new if key[0] in ends}
    for key, row in new.items():
        was = moved.get(key, key)
        if was not in old:
            yield _change(ADDED, sheet, key, row)
            continue
        fields = tuple(_fields(sheet, old[was], row, renames))
        if was != key:
            yield _change(RENAMED, sheet, key, row, tuple(one for one in fields if one.column != "code"), was)
        elif fields:
            yield _change(CHANGED, sheet, key, row, fields)
    gone = set(moved.values())
    for key, row in old.items():
        if key not in new and key not in gone:
            yield _change(REMOVED, sheet, key, row)


def _key(sheet: str, row: Row) -> tuple[str, ...]:
    return tuple(row.get(column, "") for column in KEYS[sheet])


def _change(
    kind: str,
    sheet: str,
    key: tuple[str, ...],
    row: Row,
    fields: tuple[FieldChange, ...] = (),
    was: tuple[str, ...] = (),
) -> Change:
    names = [row.get(f"{stem}_{lang}", "") for lang in ("zh", "en") for stem in _STEMS[sheet]]
    zh, en = names if len(names) == 2 else ("", "")
    group = key[0] if sheet in GROUPED else row.get("table", "")
    code = key[1] if sheet in GROUPED else " ".join(filter(None, key))
    return Change(kind, sheet, code, zh, en, fields, " ".join(was), group)


_STEMS: Mapping[str, tuple[str, ...]] = {
    "scheme": ("title",),
    "tables": ("name",),
    "indicators": ("name",),
    "options": ("label",),
    "checks": ("message",),
    "columns": ("name",),
    "units": ("name",),
    "regions": ("name",),
}


def _fields(sheet: str, before: Row, after: Row, renames: Mapping[str, str]) -> Iterator[FieldChange]:
    for column in SHEETS[sheet].columns:
        old, new = before.get(column.name, ""), after.get(column.name, "")
        if old == new or (column.name in NAMING and renames and _renamed(old, renames) == new):
            continue
        yield FieldChange(sheet, column.name, old, new)


def _renamed(text: str, renames: Mapping[str, str]) -> str:
    return CODE.sub(lambda match: renames.get(match[0], match[0]), text)
