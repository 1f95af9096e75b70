"""Registering oneself for an institution, and the bureau's decision about it."""

from __future__ import annotations

import secrets
import unicodedata
from itertools import count

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from institutions.accounts.actions import create_account
from institutions.accounts.backends import LONGEST_NAME
from institutions.actions import appoint, register_institution
from institutions.enrolment.actions import demand, why
from institutions.enrolment.errors import NotInvited
from institutions.enrolment.models_applying import Application
from institutions.enrolment.rules import can_decide, can_manage_people
from institutions.enrolment.telling import tell
from institutions.models import Bureau, Certificate, Institution, Membership, User
from institutions.people import compared_name
from institutions.roles import Role
from institutions.words import institution_name, one_line, telephone
from portal.errors import ALPHABET, Conflict
from portal.trail.actions import record

#: Applications for one code that may wait at once.
MOST_WAITING = 5
_GROUPS, _GROUP = 3, 4

APPLIED = gettext_lazy("%(name)s applied for an account of %(institution)s")
APPROVED = gettext_lazy("Your account for %(institution)s is open")
HOW_TO_SIGN_IN = gettext_lazy("Sign in with the user name %(username)s and the password you chose.")
JOINED = gettext_lazy("%(name)s now acts for %(institution)s as “%(role)s”, approved by %(bureau)s")


class DecidedAlready(Conflict):
    """Somebody else decided first."""


# -- asking ----------------------------------------------------------------------------------------------------------


def plain_code(typed: str) -> str:
    """A follow-up code as it is compared: capitals and digits of any width, without the marks between them."""
    return "".join(one for one in unicodedata.normalize("NFKC", typed).upper() if one.isalnum())[:40]


def _new_code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _place in range(_GROUPS * _GROUP))
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def _digest(code: str) -> str:
    return salted_hmac("institutions.application", plain_code(code), algorithm="sha256").hexdigest()


def plain_number(typed: str) -> str:
    """A certificate's number as it is compared: capitals, digits of one width, no spaces."""
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def compare(uscc: str, certificate_number: str) -> tuple[Application.Match, Institution | None]:
    """What the register says; two queries, whatever it says."""
    institution = Institution.objects.filter(uscc=uscc).select_related("home_bureau").first()
    asked = plain_number(certificate_number)
    near = Certificate.objects.filter(Q(institution=institution) | Q(number__iexact=asked))
    holders = {holder for holder, number in near.values_list("institution", "number") if plain_number(number) == asked}
    if institution is not None:
        return (Application.Match.AGREES if institution.pk in holders else Application.Match.CODE_ONLY), institution
    return (Application.Match.CERTIFICATE_ONLY if holders else Application.Match.UNKNOWN), None


@transaction.atomic
def apply(
    *,
    uscc: str,
    certificate_number: str,
    institution: str,
    bureau: Bureau,
    role: str,
    name: str,
    phone: str,
    username: str,
    password: str,
    email: str = "",
) -> tuple[Application, str]:
    """The application and its follow-up code, which nobody can read again. Whatever the register says, the answer is the same."""
    match, found = compare(uscc, certificate_number)
    if Application.objects.waiting().filter(uscc=uscc).count() >= MOST_WAITING:
        raise NotInvited(
            _(
                "Several applications for this code wait for a decision. Follow yours up with its code, or call your bureau."
            )
        )
    code = _new_code()
    application = Application.objects.create(
        digest=_digest(code),
        uscc=uscc,
        certificate_number=certificate_number,
        institution_name=institution_name(institution)[:200],
        bureau=bureau,
        institution=found,
        match=match,
        name=one_line(name),
        phone=telephone(phone),
        email=email.strip(),
        role=role,
        username=compared_name(username),
        password=make_password(password),
    )
    scope = application.decider.path or ""
    record("application.received", by=None, obj=application, scope=scope, details={"uscc": uscc, "match": match.value})
    reading = Membership.objects.current().filter(
        bureau=application.decider, role__in=(Role.REVIEWER, Role.STATISTICIAN)
    )
    tell(
        APPLIED,
        {"name": application.name, "institution": application.institution_name},
        recipients=[one.user for one in reading.select_related("user")],
        link=application.get_absolute_url(),
    )
    return application, code


def follow_up(code: str) -> Application | None:
    """The application of a code. One query, also for a code that is none."""
    found = Application.objects.filter(digest=_digest(code))
    return found.select_related("membership__user", "institution__home_bureau", "bureau").first()


# -- deciding --------------------------------------------------------------------------------------------------------


def _locked(application: Application) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("institution__home_bureau", "bureau")
    found = rows.get(pk=application.pk)
    if found.state != Application.State.WAITING:
        raise DecidedAlready(
            _("This application was decided before. Open it again to see by whom and how. Nothing was changed.")
        )
    return found


@transaction.atomic
def approve(*, application: Application, by: Membership, compared: bool = False) -> Membership:
    """The account and its role. An institution that is not on the register is registered with it, under the bureau named.

    `compared` says that somebody looked at the papers; needed where code and certificate do not belong together.
    """
    waiting = _locked(application)
    demand(can_decide(by, waiting))
    institution = (
        waiting.institution or Institution.objects.filter(uscc=waiting.uscc).select_related("home_bureau").first()
    )
    if waiting.match != Application.Match.AGREES and not compared:
        raise NotInvited(
            _(
                "The register does not bear this application out. Compare it with the papers or call, then tick that you did."
            )
        )
    if institution is None:
        institution = register_institution(
            uscc=waiting.uscc, name=waiting.institution_name, home_bureau=waiting.bureau,
            region_code=waiting.bureau.region_code, contact_name=waiting.name, contact_phone=waiting.phone, by=by,
        )  # fmt: skip
    demand(can_manage_people(by, institution))
    others = [one.user for one in Membership.objects.current().filter(institution=institution).select_related("user")]
    user = create_account(
        username=_free_name(waiting.username), name=waiting.name, by=by, email=waiting.email, phone=waiting.phone
    )
    user.password = waiting.password
    user.save(update_fields=["password"])
    membership = appoint(user=user, role=waiting.role, place=institution, by=None)
    _decide(waiting, Application.State.APPROVED, by, institution=institution, membership=membership)
    values = {"name": user.name, "username": user.username, "institution": institution.name,
              "role": Role(waiting.role).label, "bureau": by.place}  # fmt: skip
    tell(APPROVED, values, recipients=[user], institution=institution, body=HOW_TO_SIGN_IN, link=reverse("home"))
    people = reverse("institutions:people-list", args=[institution.public_id])
    tell(JOINED, values, recipients=others, institution=institution, link=people)
    return membership


def _free_name(wanted: str) -> str:
    """The name that was wished for, or it with a number: who applies is not told which names are taken."""
    taken = set(User.objects.filter(username__startswith=wanted[: LONGEST_NAME - 6]).values_list("username", flat=True))
    if wanted not in taken:
        return wanted
    return next(name for number in count(2) if (name := f"{wanted[: LONGEST_NAME - 6]}{number}") not in taken)


@transaction.atomic
def refuse(*, application: Application, reason: str, by: Membership) -> Application:
    """The applicant reads the reason with the follow-up code."""
    waiting = _locked(application)
    demand(can_decide(by, waiting))
    _decide(waiting, Application.State.REFUSED, by, reason=why(reason))
    waiting.refresh_from_db()
    return waiting


def _decide(application: Application, state: str, by: Membership, **values: object) -> None:
    """Outcome and trail. The password leaves the application in any case."""
    Application.objects.filter(pk=application.pk).update(
        state=state, decided_at=Now(), decided_by=by, password="", **values
    )
    record(
        f"application.{state}",
        by=by,
        obj=application,
        scope=application.decider.path or "",
        details={"uscc": application.uscc, "match": application.match, "reason": values.get("reason", "")},
    )
