"""Roles and what each may do. A membership places a role at one bureau or one institution."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    FILER = "filer", _("Filer")
    SIGNER = "signer", _("Signer")
    UNIT_ADMIN = "unit_admin", _("Institution administrator")
    REVIEWER = "reviewer", _("Reviewer")
    STATISTICIAN = "statistician", _("Provincial statistician")
    INSPECTOR = "inspector", _("Inspector")
    SYSTEM_ADMIN = "system_admin", _("System administrator")
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    AUDIT_ADMIN = "audit_admin", _("Audit administrator")


class Permission(models.TextChoices):
    """Acts of the portal. Not rows: a role's permissions stand in code, below."""

    READ_OWN_FILINGS = "read_own_filings"
    FILL = "fill"
    SIGN = "sign"
    MANAGE_PEOPLE = "manage_people"
    READ_FILINGS = "read_filings"
    REVIEW = "review"
    INSPECT = "inspect"
    URGE = "urge"
    READ_INSTITUTIONS = "read_institutions"
    MANAGE_ROUNDS = "manage_rounds"
    MANAGE_SCHEMES = "manage_schemes"
    AUTHORISE = "authorise"
    BUILD_SUMMARIES = "build_summaries"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_POLICIES = "manage_policies"
    READ_TRAIL = "read_trail"


_P = Permission
_BUREAU = frozenset({_P.READ_FILINGS, _P.REVIEW, _P.URGE, _P.READ_INSTITUTIONS})

PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.FILER: frozenset({_P.READ_OWN_FILINGS, _P.FILL}),
    Role.SIGNER: frozenset({_P.READ_OWN_FILINGS, _P.FILL, _P.SIGN, _P.MANAGE_PEOPLE}),
    Role.UNIT_ADMIN: frozenset({_P.READ_OWN_FILINGS, _P.FILL, _P.MANAGE_PEOPLE}),
    Role.REVIEWER: _BUREAU,
    Role.STATISTICIAN: _BUREAU | {_P.MANAGE_ROUNDS, _P.MANAGE_SCHEMES, _P.AUTHORISE, _P.BUILD_SUMMARIES},
    Role.INSPECTOR: frozenset({_P.INSPECT}),
    Role.SYSTEM_ADMIN: frozenset({_P.MANAGE_ACCOUNTS}),
    Role.SECURITY_ADMIN: frozenset({_P.MANAGE_POLICIES}),
    Role.AUDIT_ADMIN: frozenset({_P.READ_TRAIL}),
}

INSTITUTION_ROLES = frozenset({Role.FILER, Role.SIGNER, Role.UNIT_ADMIN})
BUREAU_ROLES = frozenset({Role.REVIEWER, Role.STATISTICIAN})
# 三员: an account with one of these holds no other role, and none of them reads filings.
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
