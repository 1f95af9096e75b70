"""What the security administrator checks: the rules of signing in and what each role may do, as they stand in force."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import password_validation
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from institutions.access import acting
from institutions.models import Membership
from institutions.roles import PERMISSIONS, Permission, Role

WORDS = {
    Permission.READ_OWN_FILINGS: _("read the own institution's filings"),
    Permission.FILL: _("fill in"),
    Permission.SIGN: _("sign and submit"),
    Permission.MANAGE_PEOPLE: _("manage the people of the own institution"),
    Permission.READ_FILINGS: _("read filings of the own area"),
    Permission.REVIEW: _("review"),
    Permission.URGE: _("urge"),
    Permission.READ_INSTITUTIONS: _("read and keep the register"),
    Permission.MANAGE_ROUNDS: _("run rounds"),
    Permission.MANAGE_SCHEMES: _("make and publish schemes"),
    Permission.AUTHORISE: _("authorise prefectures to review"),
    Permission.BUILD_SUMMARIES: _("build summaries"),
    Permission.INSPECT: _("read what one institution submitted"),
    Permission.MANAGE_ACCOUNTS: _("manage accounts"),
    Permission.MANAGE_POLICIES: _("check policies"),
    Permission.READ_TRAIL: _("read the trail"),
}


@require_safe
@acting(Permission.MANAGE_POLICIES)
def policy_list(request: HttpRequest) -> HttpResponse:
    held = dict(Membership.objects.current().order_by().values_list("role").annotate(Count("user", distinct=True)))
    roles = [
        {
            "role": Role(role).label,
            "holders": held.get(role, 0),
            "may": [WORDS[permission] for permission in Permission if permission in PERMISSIONS[role]],
        }
        for role in Role
    ]
    context = {
        "roles": roles,
        "tries": settings.AXES_FAILURE_LIMIT,
        "lock_minutes": round(settings.AXES_COOLOFF_TIME * 60),
        "idle_minutes": settings.IDLE_SECONDS // 60,
        "first_password_days": settings.FIRST_PASSWORD_DAYS,
        "idle_account_days": settings.ACCOUNT_IDLE_DAYS,
        "warning_days": settings.ACCOUNT_WARNING_DAYS,
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        "password_rules": password_validation.password_validators_help_texts(),
    }
    return render(request, "institutions/policy_list.html", context)
