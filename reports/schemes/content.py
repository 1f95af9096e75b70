"""The content of a scheme version as JSON, read from a folder of one YAML file and CSV sheets."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from .definition import SchemeDefinition

DATA = Path(__file__).parent / "data"
CSV_SHEETS = ("indicators", "options", "checks", "regions", "columns")


def content_from_folder(folder: Path | str) -> dict[str, Any]:
    """The JSON content of the scheme in the folder; what is wrong with it shows when it is built."""
    folder = Path(folder)
    head = yaml.safe_load((folder / "scheme.yaml").read_text(encoding="utf-8"))
    marks = head.get("marks", {})
    tables = [
        {
            "form_number_zh": f"{table['code']}表（示例）",
            "form_number_en": f"{table['code']} (sample)",
            **marks,
            **table,
        }
        for table in head["tables"]
    ]
    content = {"scheme": head["scheme"], "tables": tables, "units": head.get("units", [])}
    for sheet in CSV_SHEETS:
        content[sheet] = _csv(folder / f"{sheet}.csv")
    return content


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]


def sheet_of(content: Mapping[str, Any], sheet: str) -> Sequence[Mapping[str, Any]]:
    """The lines of a sheet. A version made before there were columns has those of the scheme the product came with."""
    if sheet == "columns" and sheet not in content:
        rows = {row.get("code") for row in content.get("indicators", ()) if row.get("dtype") == "rows"}
        return [row for row in _first_columns() if row["indicator"] in rows]
    return content.get(sheet) or ()


@lru_cache(maxsize=1)
def _first_columns() -> list[dict[str, str]]:
    return _csv(DATA / "jc2023" / "columns.csv")


def same_content(content: Mapping[str, Any], digest: str) -> bool:
    """Whether the digest is that of the content, or of it as it was before its columns stood in it."""
    if digest_of(content) == digest:
        return True
    before = {name: rows for name, rows in content.items() if name != "columns"}
    return sheet_of(before, "columns") == content.get("columns") and digest_of(before) == digest


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=4)
def bundled(name: str = "jc2023") -> SchemeDefinition:
    """The definition of a scheme that ships with the product, without the database."""
    return SchemeDefinition.from_content(content_from_folder(DATA / name))
