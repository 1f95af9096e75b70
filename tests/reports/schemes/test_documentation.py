import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from reports.schemes.content import bundled
from reports.schemes.documentation import checks_page
from reports.schemes.language.calls import ASKED, SPECIAL
from reports.schemes.language.functions import FUNCTIONS, PATTERNS


def test_the_page_of_checks_is_current() -> None:
    call_command("docchecks", "--check")
    text = (settings.BASE_DIR / "docs" / "checks.md").read_text(encoding="utf-8")
    assert text == checks_page(bundled())
    assert text.count("\n## K") == 80


def test_a_page_out_of_date_is_told(tmp_path, settings) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError, match="out of date"):
        call_command("docchecks", "--check")
    assert list((tmp_path / "docs").iterdir()) == []
    call_command("docchecks")
    call_command("docchecks", "--check")


def test_every_function_is_documented() -> None:
    text = (settings.BASE_DIR / "docs" / "check-language.md").read_text(encoding="utf-8")
    missing = [name for name in (*FUNCTIONS, *ASKED, *SPECIAL, *PATTERNS) if f"`{name}" not in text]
    assert missing == []
