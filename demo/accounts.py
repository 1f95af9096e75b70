"""The accounts of the demonstration and their password. Only for invented data."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from institutions.models import Bureau, Membership, User
from institutions.roles import Role


@dataclass(frozen=True, slots=True)
class BureauAccount:
    username: str
    bureau: str


BUREAU_ACCOUNTS = (
    BureauAccount("province", "350000"),
    BureauAccount("fuzhou", "350100"),
    BureauAccount("gulou", "350102"),
    BureauAccount("pingtan", "350128P"),
)
#: People of the institutions with a story, by the number of the institution: (filer, signer).
INSTITUTION_ACCOUNTS = {0: ("filer", "signer"), 1: ("filer2", "signer2"), 5: ("filer3", "signer3")}
ADMINISTRATORS = {
    "sysadmin": ("系统管理员", Role.SYSTEM_ADMIN),
    "security": ("安全管理员", Role.SECURITY_ADMIN),
    "audit": ("审计管理员", Role.AUDIT_ADMIN),
}
USERNAMES = (
    *(account.username for account in BUREAU_ACCOUNTS),
    *(name for pair in INSTITUTION_ACCOUNTS.values() for name in pair),
    *ADMINISTRATORS,
)


def appoint_administrators() -> None:
    province = Bureau.objects.get(code="350000")
    for username, (name, role) in ADMINISTRATORS.items():
        user = User.objects.create_user(username=username, name=name, email=f"{username}@example.com", is_demo=True)
        Membership.objects.create(user=user, role=role, bureau=province)


def password_file() -> Path:
    return Path(settings.PORTAL_STATE) / "demo-password"


def settle_password() -> str:
    """The password of the accounts: DEMO_PASSWORD, else the one kept from before, else a new one that is kept, for its owner alone."""
    if wanted := os.environ.get("DEMO_PASSWORD"):
        return wanted
    path = password_file()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"Zhibao-{secrets.token_hex(5)}")
    return path.read_text()


def set_passwords(password: str) -> bool:
    """Give the accounts the password; False when they have it already."""
    first = User.objects.get(username=USERNAMES[0], is_demo=True)
    if first.check_password(password):
        return False
    # One hash for all: the password is one, and known.
    User.objects.filter(username__in=USERNAMES, is_demo=True).update(password=make_password(password))
    return True
