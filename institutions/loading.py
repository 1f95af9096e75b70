"""The tree of bureaus and the code list of regions, from the files in `institutions/data`. Loading twice changes nothing."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from institutions.bureaus import create_bureau, move_bureau
from institutions.models import Bureau, Region
from portal.trail.actions import record

DATA = Path(__file__).parent / "data"
PUBLISHED = ("name_zh", "name_en", "region_code")


class Loaded(NamedTuple):
    created: int
    changed: int


def read_rows(name: str, folder: Path = DATA) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@transaction.atomic
def load_bureaus(folder: Path = DATA) -> Loaded:
    """Create what is missing, correct names and superiors; bureaus that the file does not name are left alone."""
    have = {bureau.code: bureau for bureau in Bureau.objects.all()}
    created = changed = 0
    for row in read_rows("bureaus.csv", folder):
        parent = have[row["parent_unit"]] if row["parent_unit"] else None
        wanted = {field: row[field] for field in PUBLISHED}
        bureau = have.get(row["unit_code"])
        if bureau is None:
            have[row["unit_code"]] = create_bureau(
                code=row["unit_code"], tier=row["tier"], parent=parent, by=None, **wanted
            )
            created += 1
            continue
        changed += Bureau.objects.filter(pk=bureau.pk).exclude(**wanted).update(**wanted)
        if parent is not None and bureau.parent_id != parent.pk:
            move_bureau(bureau=bureau, parent=parent, by=None)
            changed += 1
    return Loaded(created, changed)


@transaction.atomic
def load_regions(folder: Path = DATA) -> Loaded:
    """Write the code list as the files have it: codes in force, and retired ones with their years and successors."""
    created = changed = 0
    for wanted in _regions(folder):
        key = {"code": wanted["code"], "from_year": wanted["from_year"]}
        region, new = Region.objects.get_or_create(**key, defaults=wanted)
        created += new
        if not new and any(getattr(region, field) != value for field, value in wanted.items()):
            Region.objects.filter(pk=region.pk).update(**wanted)
            changed += 1
    return Loaded(created, changed)


def note_loading(bureaus: Loaded, regions: Loaded) -> None:
    """One event for a loading that changed something."""
    counts = {"bureaus": list(bureaus), "regions": list(regions)}
    if any((*bureaus, *regions)):
        record("bureau.loaded", by=None, details=counts)


def _regions(folder: Path) -> list[dict[str, Any]]:
    history = read_rows("region_history.csv", folder)
    current = read_rows("regions.csv", folder)
    level = {row["code"]: row["level"] for row in current}
    retired: list[dict[str, Any]] = [
        {
            "code": row["old_code"],
            "name_zh": row["old_name_zh"],
            "level": level.get(row["current_code"], "county"),
            "parent_code": f"{row['old_code'][:4]}00",
            "from_year": _year(row["from_year"]),
            "to_year": _year(row["to_year"]),
            "successor_code": row["current_code"],
            "note": row["note"],
        }
        for row in history
    ]
    in_force: list[dict[str, Any]] = [
        {
            "code": row["code"],
            "name_zh": row["name_zh"],
            "name_en": row["name_en_pinyin"],
            "level": row["level"],
            "parent_code": row["parent_code"],
            "from_year": _first_year(row["code"], history),
            "to_year": None,
        }
        for row in current
    ]
    return [*in_force, *retired]


def _first_year(code: str, history: list[dict[str, str]]) -> int | None:
    """The year in which a retired code turned into this one. A code that others were merged into is older than that."""
    turned = [
        _year(row["to_year"])
        for row in history
        if row["current_code"] == code and not row["note"].startswith("merged into")
    ]
    return max((year for year in turned if year is not None), default=None)


def _year(text: str) -> int | None:
    return int(text) if text else None
