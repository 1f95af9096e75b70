from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reports.schemes.content import bundled
from reports.schemes.documentation import checks_page


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Write docs/checks.md from the scheme. With --check, write nothing and fail when it differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path, text = settings.BASE_DIR / "docs" / "checks.md", checks_page(bundled())
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError("docs/checks.md is out of date: run manage.py docchecks.")
