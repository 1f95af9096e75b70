"""What stands before anybody reports: bureaus with their people, the scheme, authorisations and the two rounds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import translation

from demo.accounts import BUREAU_ACCOUNTS
from demo.generator import codes, names
from demo.generator.calendar import DAY, Calendar
from demo.generator.chance import Chance
from institutions.grants import authorise, authorised_ids
from institutions.loading import load_bureaus, load_regions, note_loading
from institutions.models import Bureau, Grant, Membership, Tier, User
from institutions.roles import Role
from reports.rounds.models import Kind, Phase, Round
from reports.schemes.loading import load_scheme
from reports.schemes.models import Scheme

PROVINCE = "350000"
#: Prefectures that review on the province's authorisation; the others pass their counties' filings by.
AUTHORISED = ("350100", "350200", "350300", "350500", "350600")
SINCE = dt.timedelta(days=430)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who acts for a bureau."""

    user_id: int
    name: str
    label: str  # as the trail writes it


@dataclass(frozen=True, slots=True)
class Office:
    id: int
    code: str
    name: str
    name_en: str
    phone: str
    path: str
    tier: str
    reviewer: Reviewer


@dataclass(frozen=True, slots=True)
class Ground:
    scheme: Scheme
    offices: dict[str, Office]
    routes: dict[str, list[str]]  # by code of the reviewing bureau

    def route_ids(self, bureau: str) -> list[int]:
        return [self.offices[code].id for code in self.routes[bureau]]


def lay_ground(*, seed: int, now: dt.datetime) -> Ground:
    """Bureaus, regions and scheme through the loaders of their rooms, a reviewer for every bureau, the authorisations."""
    note_loading(load_bureaus(), load_regions())
    scheme = load_scheme()
    _staff_bureaus(seed, now)
    statistician = Membership.objects.select_related("user", "bureau").get(
        role=Role.STATISTICIAN, bureau__code=PROVINCE, user__is_demo=True
    )
    _authorise(statistician, now)
    return read_ground(scheme)


def _staff_bureaus(seed: int, now: dt.datetime) -> None:
    """One person for each bureau; the accounts of the demonstration stand for theirs."""
    have = set(
        Membership.objects.filter(bureau__isnull=False, user__is_demo=True).values_list("bureau__code", flat=True)
    )
    accounts = {account.bureau: account for account in BUREAU_ACCOUNTS}
    bureaus = [bureau for bureau in Bureau.objects.order_by("code") if bureau.code not in have]
    users = []
    for bureau in bureaus:
        chance = Chance(seed, "reviewer", bureau.code)
        username = accounts[bureau.code].username if bureau.code in accounts else f"r{bureau.code.casefold()}"
        users.append(
            User(
                username=username,
                name=names.person(chance),
                email=f"{username}@example.com",
                phone=codes.telephone(bureau.region_code, chance),
                is_demo=True,
                password=make_password(None),
            )
        )
    User.objects.bulk_create(users)
    for bureau, user in zip(bureaus, users, strict=True):
        bureau.phone = bureau.phone or user.phone
    Bureau.objects.bulk_update(bureaus, ["phone"])
    Membership.objects.bulk_create(
        Membership(user=user, bureau=bureau, role=Role.STATISTICIAN if bureau.code == PROVINCE else Role.REVIEWER)
        for user, bureau in zip(users, bureaus, strict=True)
    )


def _authorise(statistician: Membership, now: dt.datetime) -> None:
    for bureau in Bureau.objects.filter(code__in=AUTHORISED).order_by("code"):
        if bureau.pk not in authorised_ids([bureau]):
            grant = authorise(bureau=bureau, by=statistician, reason="受省局委托，承担本市统计数据审核。")
            # It stood before the filings that passed through it.
            Grant.objects.filter(pk=grant.pk).update(given_at=now - SINCE)


def read_ground(scheme: Scheme) -> Ground:
    """The same from the database, for processes that only load."""
    with translation.override(settings.LANGUAGE_CODE):
        reviewers = {
            membership.bureau_id: Reviewer(membership.user_id, membership.user.name, str(membership))
            for membership in Membership.objects.filter(
                role__in=[Role.REVIEWER, Role.STATISTICIAN], user__is_demo=True, ended_at=None
            )
            .select_related("user", "bureau")
            .order_by("-pk")
        }
        bureaus = list(Bureau.objects.all())
        offices = {
            bureau.code: Office(
                id=bureau.pk,
                code=bureau.code,
                name=bureau.name_zh,
                name_en=bureau.name_en,
                phone=bureau.phone,
                path=bureau.path or "",
                tier=bureau.tier,
                reviewer=reviewers[bureau.pk],
            )
            for bureau in bureaus
        }
    return Ground(scheme, offices, {bureau.code: _route(bureau, bureaus) for bureau in bureaus})


def _route(reviewing: Bureau, bureaus: list[Bureau]) -> list[str]:
    """As `reports.filings.routes.route_for` answers, for all bureaus at once."""
    by_id = {bureau.pk: bureau for bureau in bureaus}
    upward = [by_id[int(part)] for part in reversed((reviewing.path or "").strip("/").split("/"))]
    return [
        bureau.code
        for bureau in upward
        if bureau.tier != Tier.PREFECTURE or bureau.pk == reviewing.pk or bureau.code in AUTHORISED
    ]


def open_rounds(ground: Ground, calendars: list[Calendar]) -> list[Round]:
    """The rounds with their phases, each the next one's predecessor, with rosters frozen before the filling opens."""
    rounds: list[Round] = []
    for calendar in calendars:
        round = Round.objects.create(
            scheme=ground.scheme, kind=Kind.ANNUAL_STATISTICS, period=str(calendar.year),
            title_zh=f"{calendar.year}年度检验检测统计调查", title_en=f"Testing and inspection statistics {calendar.year}",
            cut_off=calendar.cut_off, previous=rounds[-1] if rounds else None,
            roster_frozen_at=calendar.opens - DAY, closed_at=calendar.closed,
        )  # fmt: skip
        Phase.objects.bulk_create(
            Phase(round=round, name=Phase.Name(name), opens_at=opens, due_at=due)
            for name, (opens, due) in calendar.phases.items()
        )
        rounds.append(round)
    return rounds
