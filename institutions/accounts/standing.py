"""How accounts stand: what the first page counts and what the list of accounts shows."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.db.models.functions import Now

UNUSED_DAYS = 90

#: Value of `state` → the accounts. Somebody whose account is stopped is neither asked to sign in nor unused.
STANDINGS: dict[str, Q] = {
    "active": Q(is_active=True),
    "stopped": Q(is_active=False),
    "never": Q(is_active=True, last_login=None),
    "unused": Q(is_active=True, last_login__lt=Now() - dt.timedelta(days=UNUSED_DAYS)),
}
