"""People on their way to institutions and away from them: an invitation, applications, contacts, accounts nobody uses."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import Max
from django.utils import translation

from demo.generator import codes, names
from demo.generator.chance import Chance
from demo.loading.kin import CHILD, PARENT
from demo.loading.register import Numbering
from institutions.accounts.passwords import first_password
from institutions.enrolment.actions import invite
from institutions.enrolment.applying import apply
from institutions.enrolment.models_contacts import ContactCheck
from institutions.enrolment.models_idle import IdleWarning
from institutions.models import Bureau, Institution, Membership, User
from institutions.roles import Role
from portal.inbox.models import Notice
from portal.trail.actions import record
from reports.filings.models import Filing
from reports.rounds.models import Round

COUNTY = "350102"
#: One institution of so many has not confirmed its contact since the round began; the one of the account `filer` is among them.
NOT_CONFIRMED = 7


def people_come_and_go(people: Numbering, *, seed: int, now: dt.datetime) -> None:
    """By the actions of the product where they do not ask the clock, after the trail so far is written."""
    with translation.override(settings.LANGUAGE_CODE):
        _invite(people, seed)
        _apply(people, seed, now)
        _confirm(people, now)
        _leave_unused(people, seed, now)


def _invite(people: Numbering, seed: int) -> None:
    signer = Membership.objects.select_related("institution__home_bureau", "user").get(user=people.signer(0))
    assert signer.institution is not None, "people of institutions"
    invite(place=signer.institution, role=Role.FILER, name=names.person(Chance(seed, "invited")), by=signer)


def _apply(people: Numbering, seed: int, now: dt.datetime) -> None:
    """One that agrees with the register, and one of an institution that it does not know."""
    county = Bureau.objects.get(code=COUNTY)
    known = Institution.objects.filter(pk=people.institution(CHILD), home_bureau=county).first()
    if known is not None:
        certificate = known.certificates.order_by("pk").first()
        _applied(seed, "known", known.uscc, certificate.number if certificate else "", known.name, county)
    new = codes.uscc(unit_type="10", region=COUNTY, index=99_999, seed=seed)
    _applied(seed, "new", new, "221320990001", "福州屏东新材料检测有限公司", county)
    Notice.objects.filter(mailed_at=None).update(mailed_at=now, mail_attempts=1)  # nobody's mail box is bothered


def _applied(seed: int, which: str, uscc: str, certificate: str, name: str, county: Bureau) -> None:
    chance = Chance(seed, "applicant", which)
    apply(
        uscc=uscc, certificate_number=certificate, institution=name, bureau=county, role=Role.UNIT_ADMIN,
        name=names.person(chance), phone=codes.mobile(chance), username=f"applicant-{which}", password=first_password(),
    )  # fmt: skip


def _confirm(people: Numbering, now: dt.datetime) -> None:
    running = Round.objects.running()
    began = running.aggregate(began=Max("roster_frozen_at"))["began"]
    if began is None:
        return
    due = set(Filing.objects.filter(round__in=running).values_list("institution", flat=True))
    filers = (
        Membership.objects.filter(role=Role.FILER, institution__in=due).select_related("institution").order_by("id")
    )
    checks = []
    for filer in filers:
        institution = filer.institution
        assert institution is not None, "filers"
        number = institution.pk - people.institution(0)
        if number % NOT_CONFIRMED:
            checks.append(
                ContactCheck(
                    institution=institution, by=filer, at=min(now, began + dt.timedelta(hours=1 + number % 30)),
                    contact_name=institution.contact_name, contact_phone=institution.contact_phone,
                )
            )  # fmt: skip
    ContactCheck.objects.bulk_create(checks)


def _leave_unused(people: Numbering, seed: int, now: dt.datetime) -> None:
    """Two former colleagues in an institution of the county: one warned, one closed."""
    institution = Institution.objects.filter(pk=people.institution(PARENT)).first()
    if institution is None:
        return
    for which, idle, closes in (("warned", 382, 12), ("closed", 412, -12)):
        chance = Chance(seed, "idle", which)
        user = User.objects.create(
            username=f"idle-{which}", name=names.person(chance), email=f"idle-{which}@example.com",
            phone=codes.mobile(chance), is_demo=True, is_active=closes > 0, password=make_password(None),
            last_login=now - dt.timedelta(days=idle),
        )  # fmt: skip
        Membership.objects.create(user=user, role=Role.FILER, institution=institution)
        closes_at = now + dt.timedelta(days=closes)
        warned_at = closes_at - dt.timedelta(days=settings.ACCOUNT_WARNING_DAYS)
        IdleWarning.objects.create(
            user=user, warned_at=warned_at, closes_at=closes_at, closed_at=closes_at if closes < 0 else None
        )
        record("account.warned-idle" if closes > 0 else "account.closed-idle", by=None, obj=user)
