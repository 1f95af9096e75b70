"""Pages that would go stale: the lists of dependencies and of settings."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    file for room in ("portal", "institutions", "reports", "review") for file in (ROOT / room).rglob("*.py")
)


def requirements(name: str) -> set[str]:
    lines = (ROOT / name).read_text().splitlines()
    return {re.split(r"[<>=\[;]", line)[0].strip() for line in lines if line and not line.startswith(("#", "-"))}


def described(heading: str) -> dict[str, list[str]]:
    """The rows of the table below a heading of docs/dependencies.md, by package."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return {row[0]: row[1:] for row in rows[2:]}


@pytest.mark.parametrize(
    ("file", "heading"), [("requirements.in", "To run"), ("requirements-dev.in", "To develop and test")]
)
def test_each_direct_dependency_says_what_for_and_what_else(file: str, heading: str) -> None:
    rows = described(heading)
    assert set(rows) == requirements(file)
    assert [name for name, cells in rows.items() if len(cells) != 2 or not all(cells)] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_locks_pin_every_direct_dependency_and_name_no_index(name: str) -> None:
    lock = (ROOT / f"{name}.lock").read_text()
    pinned = {match.lower().replace("_", "-") for match in re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)}
    assert {each.lower().replace("_", "-") for each in requirements(f"{name}.in")} - pinned == set()
    assert "http" not in lock
    assert lock.count("==") == len(re.findall(r"^[a-z0-9].*==\S+ \\\n    --hash=sha256:", lock, re.MULTILINE))


def test_the_example_environment_names_every_setting() -> None:
    read = r"""(?:env(?:\.\w+)?\(|environ(?:\.get)?[\[(]|environ\.setdefault\()\s*"([A-Z][A-Z_]+)\""""
    used = {name for file in SOURCES for name in re.findall(read, file.read_text(encoding="utf-8"))}
    used -= {"PATH", "PYTHONUNBUFFERED", "DJANGO_SETTINGS_MODULE"}
    named = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert "SECRET_KEY" in used
    assert used - named == set()


def test_no_secret_stands_in_the_example_environment() -> None:
    text = (ROOT / ".env.example").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert re.search(rf"^{name}=$", text, re.MULTILINE)
