from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports.schemes.building import ContentError
from reports.schemes.loading import DATA, SchemeTaken, load_scheme


class Command(BaseCommand):
    help = "Load a scheme version from a folder and publish it; the same folder again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", default=str(DATA / "jc2023"))
        parser.add_argument("--draft", action="store_true", help="load without publishing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            scheme = load_scheme(options["folder"], publish=not options["draft"])
        except (ContentError, SchemeTaken, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{scheme} · {scheme.status} · {scheme.digest[:12]}")
