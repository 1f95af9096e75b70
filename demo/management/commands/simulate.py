"""The invented province at the size of a country, to measure the portal with."""

from __future__ import annotations

import argparse
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from demo.loading.simulation import simulate
from institutions.models import User
from portal.clock import database_now
from reports.rounds.models import Round


class Command(BaseCommand):
    help = "Loads invented institutions with two rounds by COPY, for benchmarks."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--institutions", type=int, required=True)
        parser.add_argument("--seed", type=int, default=2023)
        parser.add_argument("--force", action="store_true", help="Even beside the accounts of real people.")

    def handle(self, *args: Any, institutions: int, seed: int, force: bool, **options: Any) -> None:
        real = User.objects.filter(is_demo=False).count()
        if real and not force:
            raise CommandError(
                _(
                    "The portal holds %(count)s accounts of real people; invented data do not belong beside them. Nothing was changed."
                )
                % {"count": real}
            )
        if Round.objects.exists():
            raise CommandError(
                _("The portal holds rounds already; simulated data need an empty one. Nothing was changed.")
            )
        began = time.monotonic()
        done = {"past": 0, "present": 0}

        def progress(phase: str, count: int) -> None:
            done[phase] += count
            if options["verbosity"] > 1:
                self.stdout.write(f"{time.monotonic() - began:7.1f} s  {phase}  {done[phase]}")

        simulate(seed=seed, institutions=institutions, now=database_now(), progress=progress)
        self.stdout.write(
            _("%(count)s institutions loaded in %(seconds).1f s.")
            % {"count": institutions, "seconds": time.monotonic() - began}
        )
