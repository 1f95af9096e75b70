"""What is vendored is what the list says, with its licence, and asks nothing of other hosts."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = (ROOT / "static/vendor", ROOT / "tests/e2e/vendor")
ROW = re.compile(
    r"^\| (?P<name>[^|]+) \| [^|]+ \| (?P<licence>[^|]+) \| `(?P<file>[^`]+)` \| `(?P<sha>[0-9a-f]{64})` \|$"
)


def rows() -> list[tuple[Path, re.Match[str]]]:
    found = []
    for folder in FOLDERS:
        for line in (folder / "VERSIONS.md").read_text(encoding="utf-8").splitlines():
            if match := ROW.match(line):
                found.append((folder, match))
    return found


@pytest.mark.parametrize(
    ("folder", "row"), rows(), ids=lambda value: value["name"] if isinstance(value, re.Match) else ""
)
def test_vendored_file_has_the_listed_hash_and_its_licence(folder, row):
    digest = hashlib.sha256((folder / row["file"]).read_bytes()).hexdigest()
    assert digest == row["sha"]
    licences = re.findall(r"`([^`]+)`", row["licence"])
    assert licences
    assert [name for name in licences if not (folder / name).is_file()] == []


def test_every_vendored_script_and_sheet_is_listed():
    listed = {folder / row["file"] for folder, row in rows()}
    present = {path for folder in FOLDERS for path in folder.rglob("*") if path.suffix in {".js", ".css"}}
    assert present == listed
    assert len(listed) == 4


@pytest.mark.parametrize(
    "path", sorted((ROOT / "static").rglob("*.css")) + sorted((ROOT / "static").rglob("*.js")), ids=lambda p: p.name
)
def test_static_file_loads_nothing_from_elsewhere(path):
    text = path.read_text(encoding="utf-8")
    assert "sourceMappingURL" not in text
    assert re.findall(r"@import[^;]*http|url\(\s*[\"']?(?:https?:)?//", text) == []
