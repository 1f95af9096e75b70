"""Message catalogues: compiled without gettext's programs, so that a machine without them still speaks Chinese, and checked.

`python -m portal.catalogue` compiles what is stale; with `--check` it compares the catalogue with the sources and needs
gettext's xgettext.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
LOCALE = "zh_Hans"
IGNORED = [".venv", ".local", "staticfiles", "static", "node_modules", "tests", "benchmarks"]
#: A translation under a name that makemessages does not know: what it says would be missing here, and nobody told.
_OTHER_NAME = re.compile(r"^from django\.utils\.translation import \w*gettext\w* as (?!_$)\w+$", re.MULTILINE)


def compile_stale(root: Path = ROOT) -> list[Path]:
    """Write `*.mo` beside each `*.po` below `locale/` that is newer; returns what was written.

    Fuzzy and obsolete entries are left out, as msgfmt does.
    """
    written = []
    for source in sorted((root / "locale").glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        new = source.with_suffix(f".{os.getpid()}.new")
        polib.pofile(str(source)).save_as_mofile(str(new))
        new.replace(target)
        written.append(target)
    return written


def faults(root: Path = ROOT) -> list[str]:
    """What keeps the catalogue from saying exactly what the sources ask for, one sentence each."""
    catalogue = polib.pofile(str(root / "locale" / LOCALE / "LC_MESSAGES" / "django.po"))
    wanted = {_key(entry) for entry in _extract(root)}
    present = {_key(entry) for entry in catalogue if not entry.obsolete}
    found = [f"Not in the catalogue: {key!r}" for key in sorted(wanted - present)]
    found += [f"Nowhere in the sources: {key!r}" for key in sorted(present - wanted)]
    found += [f"Fuzzy: {entry.msgid!r}" for entry in catalogue.fuzzy_entries()]
    found += [f"Not translated: {entry.msgid!r}" for entry in catalogue.untranslated_entries()]
    found += [f"Obsolete: {entry.msgid!r}" for entry in catalogue.obsolete_entries()]
    found += [f"Not seen by makemessages: {line!r} in {path}" for path, line in _other_names(root)]
    return found


def _other_names(root: Path) -> list[tuple[str, str]]:
    sources = [
        path.relative_to(root)
        for path in sorted(root.rglob("*.py"))
        if not set(path.relative_to(root).parts) & set(IGNORED)
    ]
    return [(str(path), line) for path in sources for line in _OTHER_NAME.findall((root / path).read_text())]


def _key(entry: polib.POEntry) -> tuple[str, str, str]:
    return (entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")


def _extract(root: Path) -> list[polib.POEntry]:
    """The messages of the sources, by Django's own `makemessages` stopped before it writes the catalogue."""
    from django.core.management import call_command
    from django.core.management.commands import makemessages

    entries: list[polib.POEntry] = []

    class Extract(makemessages.Command):
        def write_po_file(self, potfile: str, locale: str) -> None:
            entries.extend(polib.pofile(potfile))

    before = Path.cwd()
    os.chdir(root)
    try:
        call_command(Extract(), locale=[LOCALE], ignore_patterns=IGNORED, verbosity=0)
    finally:
        os.chdir(before)
    return entries


def main(arguments: list[str]) -> int:
    if arguments != ["--check"]:
        compile_stale()
        return 0
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # Only the language settings are used; nothing is connected to.
    os.environ.setdefault("DATABASE_URL", "postgres://none/none")
    os.environ.setdefault("REDIS_URL", "redis://none")
    django.setup()
    found = faults()
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
