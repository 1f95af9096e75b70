"""An invented province to look at: everybody can see the portal at work without real data."""

from __future__ import annotations

import argparse
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from demo.accounts import USERNAMES, set_passwords, settle_password
from demo.loading.province import load_province
from institutions.models import Institution, User
from portal import catalogue
from portal.clock import database_now


class Command(BaseCommand):
    help = "Fills an empty portal with an invented province: bureaus, institutions, last year's round and this year's."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--institutions", type=int, default=300)
        parser.add_argument("--seed", type=int, default=2023)

    def handle(self, *args: Any, institutions: int, seed: int, **options: Any) -> None:
        if not settings.PORTAL_DEMO:
            raise CommandError(
                _(
                    "Invented data are for demonstrations only. Set PORTAL_DEMO=1 on a portal without real data. Nothing was changed."
                )
            )
        if institutions < 10:
            raise CommandError(_("The demonstration needs at least 10 institutions. Nothing was changed."))
        if User.objects.filter(username=USERNAMES[0], is_demo=True).exists():
            self._again()
            return
        if User.objects.exists() or Institution.objects.exists():
            raise CommandError(
                _(
                    "The portal holds accounts or institutions already; the demonstration needs an empty one. Nothing was changed."
                )
            )
        catalogue.compile_stale()  # what people did is told in Chinese
        began = time.monotonic()
        load_province(seed=seed, institutions=institutions, now=database_now())
        password = settle_password()
        set_passwords(password)
        self.stdout.write(
            _("%(count)s institutions loaded in %(seconds).1f s.")
            % {"count": institutions, "seconds": time.monotonic() - began}
        )
        self._tell(password)

    def _again(self) -> None:
        password = settle_password()
        changed = set_passwords(password)
        self.stdout.write(
            _("The demonstration is loaded already; the accounts have the new password.")
            if changed
            else _("The demonstration is loaded already; nothing was changed.")
        )
        self._tell(password)

    def _tell(self, password: str) -> None:
        self.stdout.write(_("Accounts: %(accounts)s") % {"accounts": ", ".join(USERNAMES)})
        self.stdout.write(_("Password: %(password)s") % {"password": password})
