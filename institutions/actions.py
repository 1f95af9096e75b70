"""What is written about institutions, their certificates and sites, and the appointments of people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from institutions.grants import close_run_out, end_with_place
from institutions.models import Bureau, Certificate, Institution, Membership, Site, User
from institutions.register import following
from institutions.register.changes import note
from institutions.register.locks import beside_others
from institutions.register.models import InstitutionChange
from institutions.roles import ADMIN_ROLES, BUREAU_ROLES, INSTITUTION_ROLES, Role
from institutions.rules import can_amend, can_appoint, can_register
from institutions.uscc import normalise_uscc
from institutions.words import institution_name, one_line, telephone
from portal.errors import Conflict, Refused
from portal.rules import Verdict
from portal.trail.actions import record


class NotAllowed(Refused):
    """The rule refused; its words are the reason."""


class BadEntry(Refused):
    """What was entered does not do; the reason says which and why."""

    status = 422


class RegisteredAlready(Conflict):
    """One legal entity stands in the register once (N13)."""


class AppointedAlready(Conflict):
    """The person holds the role there already."""


class NotBeside(AppointedAlready):
    """An administrator holds no other role in the same account (三员)."""


def _demand(verdict: Verdict) -> None:
    if not verdict:
        raise NotAllowed(verdict.reason)


# -- institutions ----------------------------------------------------------------------------------------------------


@transaction.atomic
def register_institution(
    *,
    uscc: str,
    name: str,
    home_bureau: Bureau,
    region_code: str,
    by: Membership | None,
    address: str = "",
    unit_type: str = "10",
    contact_name: str = "",
    contact_phone: str = "",
    parent: Institution | None = None,
    registered_on: dt.date | None = None,
) -> Institution:
    """A new respondent. `by` is None for a command that loads the register. Raises `BadUscc`, `RegisteredAlready`."""
    if by is not None:
        _demand(can_register(by, home_bureau))
    code = normalise_uscc(uscc)
    try:
        with transaction.atomic():
            institution = Institution.objects.create(
                uscc=code,
                name=_name(name),
                home_bureau=home_bureau,
                region_code=region_code,
                address=one_line(address),
                unit_type=unit_type,
                contact_name=one_line(contact_name),
                contact_phone=telephone(contact_phone),
                parent=parent,
                registered_on=registered_on,
            )
    except IntegrityError as error:
        raise RegisteredAlready(
            _(
                "An institution with the code %(code)s is registered already. One legal entity reports once, whatever its names."
            )
            % {"code": code}
        ) from error
    record("institution.registered", by=by, obj=institution, scope=home_bureau.path or "", details={"uscc": code})
    return institution


@transaction.atomic
def rename_institution(*, institution: Institution, name: str, by: Membership) -> Institution:
    """The old name stays in the trail. The same name again changes nothing."""
    _demand(can_amend(by, institution))
    before, after = institution.name, _name(name)
    if before == after:
        return institution
    institution.name = after
    institution.save(update_fields=["name"])
    note(institution, InstitutionChange.Kind.RENAMED, by=by, before=before, after=after)
    record(
        "institution.renamed", by=by, obj=institution, scope=_scope(institution), details={"from": before, "to": after}
    )
    return institution


@transaction.atomic
def close_institution(*, institution: Institution, reason: str, by: Membership) -> Institution:
    """Its people act for it no more from their next request on; what it filed stays. What it has not submitted in an open
    round is taken off the roster with the reason."""
    beside_others()
    Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
    institution.refresh_from_db(fields=["status"])
    _demand(can_amend(by, institution))
    why = one_line(reason)
    if not why:
        raise BadEntry(_("A reason is missing. Write why the institution is closed; it is kept in the trail."))
    steps = following.follow(following.Act("close", institution, why), by)
    institution.status = Institution.Status.CLOSED
    institution.save(update_fields=["status"])
    note(institution, InstitutionChange.Kind.CLOSED, by=by, reason=why[:300], steps=steps)
    record("institution.closed", by=by, obj=institution, scope=_scope(institution), details={"reason": why})
    return institution


def _scope(institution: Institution) -> str:
    return institution.home_bureau.path or ""


def _name(text: str) -> str:
    name = institution_name(text)
    longest = Institution._meta.get_field("name").max_length or 0
    if not name:
        raise BadEntry(_("The name of the institution is missing."))
    if len(name) > longest:
        raise BadEntry(
            _("The name has %(length)s characters, %(over)s too many.")
            % {"length": len(name), "over": len(name) - longest}
        )
    return name


# -- certificates and sites ------------------------------------------------------------------------------------------


@transaction.atomic
def add_certificate(
    *,
    institution: Institution,
    kind: str,
    number: str,
    issuer: str,
    issued_on: dt.date,
    expires_on: dt.date,
    by: Membership | None,
    name_on_certificate: str = "",
    domains: Iterable[str] = (),
) -> Certificate:
    """A row of the register. A certificate belongs to one institution; its name defaults to the institution's."""
    if by is not None:
        _demand(can_amend(by, institution))
    plain = one_line(number)
    if issued_on >= expires_on:
        raise BadEntry(
            _("Certificate %(number)s expires on %(expires)s, which is not after its issue on %(issued)s.")
            % {"number": plain, "expires": expires_on.isoformat(), "issued": issued_on.isoformat()}
        )
    try:
        with transaction.atomic():
            certificate = Certificate.objects.create(
                institution=institution,
                kind=kind,
                number=plain,
                name_on_certificate=institution_name(name_on_certificate) or institution.name,
                issuer=one_line(issuer),
                issued_on=issued_on,
                expires_on=expires_on,
                domains=list(domains),
            )
    except IntegrityError as error:
        raise RegisteredAlready(
            _("Certificate %(number)s stands in the register already. Compare the number with the paper.")
            % {"number": plain}
        ) from error
    record(
        "certificate.added", by=by, obj=institution, scope=_scope(institution), details={"number": plain, "kind": kind}
    )
    return certificate


@transaction.atomic
def add_site(
    *,
    institution: Institution,
    name: str,
    region_code: str,
    address: str,
    by: Membership | None,
    site_type: str = "1",
    is_main: bool = False,
) -> Site:
    """The next site by number. The first is the main one; a new main site takes the mark from the old one."""
    if by is not None:
        _demand(can_amend(by, institution))
    Institution.objects.select_for_update().get(pk=institution.pk)
    last = institution.sites.aggregate(last=Max("number"))["last"] or 0
    if is_main:
        institution.sites.filter(is_main=True).update(is_main=False)
    site = Site.objects.create(
        institution=institution,
        number=last + 1,
        name=one_line(name),
        region_code=region_code,
        address=one_line(address),
        site_type=site_type,
        is_main=is_main or last == 0,
    )
    record(
        "site.added",
        by=by,
        obj=institution,
        scope=_scope(institution),
        details={"number": site.number, "main": site.is_main},
    )
    return site


# -- appointments ----------------------------------------------------------------------------------------------------


@transaction.atomic
def appoint(*, user: User, role: str, place: Bureau | Institution, by: Membership | None) -> Membership:
    """Give a person a role at a bureau or an institution. `by` is None for a command.

    Raises `BadEntry` for a role that does not belong there, `AppointedAlready` for a second of the same and `NotBeside`
    for an administrator's role beside any other in one account.
    """
    if by is not None:
        _demand(can_appoint(by))
    at_institution = isinstance(place, Institution)
    fitting = INSTITUTION_ROLES if at_institution else BUREAU_ROLES | ADMIN_ROLES
    if role not in fitting:
        raise BadEntry(_("The role %(role)s does not exist at %(place)s.") % {"role": Role(role).label, "place": place})
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two appointments of one person: one after the other
    if role in ADMIN_ROLES:
        close_run_out(user)  # the clock comes once an hour
    _demand_alone(user, role)
    at = {"institution": place} if at_institution else {"bureau": place}
    try:
        with transaction.atomic():
            membership = Membership.objects.create(user=user, role=role, **at)
    except IntegrityError as error:
        raise AppointedAlready(
            _("%(person)s holds this role at %(place)s already.") % {"person": user, "place": place}
        ) from error
    record(
        "membership.begun",
        by=by,
        obj=membership,
        scope=_scope_of_place(place),
        details={"role": role, "user": user.username},
    )
    return membership


def _demand_alone(user: User, role: str) -> None:
    """Raises `NotBeside` when the account holds another role and one of the two is an administrator's."""
    held = Membership.objects.filter(user=user, ended_at=None).exclude(role=role)
    if role not in ADMIN_ROLES:
        held = held.filter(role__in=ADMIN_ROLES)
    other = held.select_related("bureau", "institution").first()
    if other is not None:
        raise NotBeside(
            _(
                "%(person)s is %(held)s at %(place)s. Administrators of the system, its security and its audit hold no other "
                "role in the same account. End that role first, or give %(role)s to another account."
            )
            % {
                "person": user,
                "held": other.get_role_display(),
                "place": other.place,
                "role": Role(role).label,
            }
        )


@transaction.atomic
def end_membership(*, membership: Membership, by: Membership | None) -> Membership:
    """Ends with the person's next request. Ending it twice changes nothing."""
    if by is not None:
        _demand(can_appoint(by))
    ended = Membership.objects.filter(pk=membership.pk, ended_at=None).update(ended_at=Now())
    membership.refresh_from_db(fields=["ended_at"])
    if ended:
        record(
            "membership.ended",
            by=by,
            obj=membership,
            scope=_scope_of_place(membership.place),
            details={"role": membership.role},
        )
        end_with_place(membership, by=by)
    return membership


def _scope_of_place(place: Bureau | Institution) -> str:
    bureau = place.home_bureau if isinstance(place, Institution) else place
    return bureau.path or ""
