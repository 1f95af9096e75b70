"""Catalogues compiled without gettext, and compared with the sources."""

import gettext
import os
from pathlib import Path

import pytest

from portal import catalogue

HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
)
ENTRIES = (
    'msgid "Filing"\nmsgstr "填报件"\n\n'
    'msgctxt "verb"\nmsgid "Return"\nmsgstr "退回"\n\n'
    'msgid "%(n)s filing"\nmsgid_plural "%(n)s filings"\nmsgstr[0] "%(n)s件"\n\n'
    '#, fuzzy\nmsgid "Round"\nmsgstr "圆"\n'
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "locale" / catalogue.LOCALE / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    file.write_text(HEADER + ENTRIES, encoding="utf-8")
    return file


def test_compile_keeps_what_is_sure(source: Path, tmp_path: Path) -> None:
    (target,) = catalogue.compile_stale(tmp_path)
    with target.open("rb") as file:
        messages = gettext.GNUTranslations(file)
    assert messages.gettext("Filing") == "填报件"
    assert messages.pgettext("verb", "Return") == "退回"
    assert messages.ngettext("%(n)s filing", "%(n)s filings", 5) == "%(n)s件"
    assert messages.gettext("Round") == "Round"


def test_compile_writes_again_only_what_is_newer(source: Path, tmp_path: Path) -> None:
    (target,) = catalogue.compile_stale(tmp_path)
    assert catalogue.compile_stale(tmp_path) == []
    os.utime(source, (target.stat().st_mtime + 5,) * 2)
    assert catalogue.compile_stale(tmp_path) == [target]


def test_faults_name_what_is_missing_left_over_or_unsure(source: Path, tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text(
        'from django.utils.translation import gettext as _\n_("Filing")\n_("Deadline")\n'
    )
    assert catalogue.faults(tmp_path) == [
        "Not in the catalogue: ('', 'Deadline', '')",
        "Nowhere in the sources: ('', '%(n)s filing', '%(n)s filings')",
        "Nowhere in the sources: ('', 'Round', '')",
        "Nowhere in the sources: ('verb', 'Return', '')",
        "Fuzzy: 'Round'",
    ]


@pytest.mark.parametrize(("name", "unseen"), [("_now", True), ("_", False)])
def test_a_translation_under_a_name_that_makemessages_does_not_know_is_a_fault(
    source: Path, tmp_path: Path, name: str, unseen: bool
) -> None:
    line = f"from django.utils.translation import gettext as {name}"
    (tmp_path / "views.py").write_text(f'{line}\n{name}("Filing")\n')
    assert (f"Not seen by makemessages: {line!r} in views.py" in catalogue.faults(tmp_path)) == unseen
