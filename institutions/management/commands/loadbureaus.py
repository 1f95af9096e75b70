"""Load the bureaus of the province and the region codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from institutions.loading import load_bureaus, load_regions, note_loading


class Command(BaseCommand):
    help = "Loads the authority tree and the region codes from institutions/data; running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            bureaus, regions = load_bureaus(), load_regions()
            note_loading(bureaus, regions)
        self.stdout.write(f"bureaus: {bureaus.created} created, {bureaus.changed} changed")
        self.stdout.write(f"regions: {regions.created} created, {regions.changed} changed")
