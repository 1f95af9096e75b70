"""Invented institutions as rows of the register, with their certificates, sites and people."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from demo.accounts import INSTITUTION_ACCOUNTS
from demo.generator.respondent import THIS_YEAR, Person, Respondent
from demo.loading.copying import Copier, next_free
from demo.loading.ground import Ground
from institutions.models import Certificate, Institution, Membership, Site, User
from institutions.roles import Role

ROWS_EACH = 8  # ids set aside for the certificates, and for the sites, of one institution


@dataclass(frozen=True, slots=True)
class Numbering:
    """Ids from the numbers of institutions, so that every process gives out the same ones."""

    institutions: int
    certificates: int
    sites: int
    users: int
    memberships: int

    @classmethod
    def after_present(cls) -> Numbering:
        return cls(*(next_free(model) for model in (Institution, Certificate, Site, User, Membership)))

    def institution(self, index: int) -> int:
        return self.institutions + index + 1

    def certificate(self, index: int, at: int) -> int:
        return self.certificates + index * ROWS_EACH + at + 1

    def site(self, index: int, at: int) -> int:
        return self.sites + index * ROWS_EACH + at + 1

    def filer(self, index: int) -> int:
        return self.users + 2 * index + 1

    def signer(self, index: int) -> int:
        return self.users + 2 * index + 2

    def row_id(self, index: int, kind: str, at: int) -> str:
        """As a table that the register fills in names its lines."""
        return f"c{self.certificate(index, at)}" if kind == "c" else f"s{self.site(index, at)}"


_INSTITUTION = (
    "id public_id uscc name home_bureau_id parent_id region_code address unit_type status contact_name contact_phone "
    "registered_on"
)
_CERTIFICATE = "id institution_id kind number name_on_certificate issuer issued_on expires_on status domains"
_SITE = "id institution_id number name region_code address site_type is_main"
_USER = (
    "id password last_login is_superuser username name email phone language is_active is_demo must_change_password "
    "sessions_ended date_joined"
)
_MEMBERSHIP = "id user_id role bureau_id institution_id created_at ended_at"


class Register:
    """Writes institutions; `since` is when they were enrolled."""

    def __init__(self, ground: Ground, numbering: Numbering, since: dt.datetime) -> None:
        self._ground, self._numbering, self._since = ground, numbering, since
        self._institutions = Copier(Institution, _INSTITUTION.split())
        self._certificates = Copier(Certificate, _CERTIFICATE.split())
        self._sites = Copier(Site, _SITE.split())
        self._users = Copier(
            User, [name for name in _USER.split() if name in {f.attname for f in User._meta.concrete_fields}]
        )
        self._memberships = Copier(Membership, _MEMBERSHIP.split())

    def enrol(self, respondents: Iterable[Respondent]) -> None:
        for made in respondents:
            self._enrol(made)
        for copier in (self._institutions, self._certificates, self._sites, self._users, self._memberships):
            copier.send()

    def _enrol(self, made: Respondent) -> None:
        ids, index = self._numbering, made.index
        gone = made.last_year is not None and made.last_year < THIS_YEAR
        self._institutions.add(
            {
                "id": ids.institution(index), "public_id": uuid.UUID(int=made.chance("id").getrandbits(128), version=4),
                "uscc": made.uscc, "name": made.name, "home_bureau_id": self._ground.offices[made.place.bureau].id,
                "parent_id": None, "region_code": made.place.region, "address": made.address, "unit_type": made.unit_type,
                "status": "closed" if gone else "active", "contact_name": made.filer.name, "contact_phone": made.filer.phone,
                "registered_on": made.founded,
            }
        )  # fmt: skip
        for at, row in enumerate(made.certificates):
            self._certificates.add(
                {
                    "id": ids.certificate(index, at), "institution_id": ids.institution(index), "kind": row.kind,
                    "number": row.number, "name_on_certificate": made.name, "issuer": row.issuer, "issued_on": row.issued_on,
                    "expires_on": row.expires_on, "status": "1", "domains": row.domains,
                }
            )  # fmt: skip
        for at, site in enumerate(made.sites):
            self._sites.add(
                {
                    "id": ids.site(index, at), "institution_id": ids.institution(index), "number": site.number, "name": site.name,
                    "region_code": site.region, "address": site.address, "site_type": site.kind, "is_main": at == 0,
                }
            )  # fmt: skip
        self._appoint(made, made.filer, ids.filer(index), Role.FILER, 0)
        self._appoint(made, made.signer, ids.signer(index), Role.SIGNER, 1)

    def _appoint(self, made: Respondent, person: Person, user_id: int, role: Role, at: int) -> None:
        pair = INSTITUTION_ACCOUNTS.get(made.index)
        username = pair[at] if pair else f"{made.uscc.casefold()}-{at + 1}"
        # Nobody can sign in with these; the accounts of the demonstration get their password afterwards.
        self._users.add(
            {
                "id": user_id, "password": make_password(None), "last_login": None, "is_superuser": False, "username": username,
                "name": person.name, "email": f"{username}@example.com", "phone": person.phone, "language": "zh-hans",
                "is_active": True, "is_demo": True, "must_change_password": False, "sessions_ended": 0, "date_joined": self._since,
            }
        )  # fmt: skip
        self._memberships.add(
            {
                "id": self._numbering.memberships + 2 * made.index + at + 1, "user_id": user_id, "role": role, "bureau_id": None,
                "institution_id": self._numbering.institution(made.index), "created_at": self._since, "ended_at": None,
            }
        )  # fmt: skip


def registered(made: Respondent, ids: Numbering) -> Institution:
    """The institution with certificates and sites as they will be read from the register, for those who look before they stand there."""
    certificates = [
        Certificate(
            pk=ids.certificate(made.index, at), kind=row.kind, number=row.number, name_on_certificate=made.name, issuer=row.issuer,
            issued_on=row.issued_on, expires_on=row.expires_on, status="1", domains=list(row.domains),
        )
        for at, row in sorted(enumerate(made.certificates), key=lambda pair: (pair[1].kind, pair[1].number))
    ]  # fmt: skip
    sites = [
        Site(
            pk=ids.site(made.index, at), number=site.number, name=site.name, region_code=site.region, address=site.address,
            site_type=site.kind, is_main=at == 0,
        )
        for at, site in enumerate(made.sites)
    ]  # fmt: skip
    institution = Institution(
        pk=ids.institution(made.index), uscc=made.uscc, name=made.name, region_code=made.place.region, address=made.address,
        unit_type=made.unit_type,
    )  # fmt: skip
    institution._prefetched_objects_cache = {"certificates": certificates, "sites": sites}  # type: ignore[attr-defined]
    return institution
