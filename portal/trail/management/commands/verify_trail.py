"""`manage.py verify_trail [--anchor DIGEST]`: 0 and the head when the chain holds, 1 and the first broken row when not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from portal.trail.verify import is_digest, verify


class Command(BaseCommand):
    help = "Recompute the chain of the trail and name the first row that was changed, removed or slipped in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor", default="", help="Head digest of an earlier run, which must still be in the chain."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        anchor: str = options["anchor"].strip().lower()
        if anchor and not is_digest(anchor):
            raise CommandError(_("The anchor is a digest of 64 hexadecimal digits, as this command prints it."))
        found = verify(anchor=anchor)
        if found.broken:
            raise CommandError(str(found.broken))
        self.stdout.write(_("The trail holds: %(count)s events.") % {"count": found.count})
        self.stdout.write(found.head)
