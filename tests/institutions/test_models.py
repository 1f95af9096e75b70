"""What the database itself refuses, one test each; every refusal stands beside a row that is accepted."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm

from institutions.models import Bureau, Grant, Institution, Membership, Region, Tier
from institutions.roles import Role
from tests.factories.institutions import Province, a_certificate, a_membership, a_site, a_user, an_institution


def refused(constraint: str, act: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        act()


def test_bureau_path_must_be_ids_with_a_separator_at_the_end(world: Province):
    refused("bureau_path_form", lambda: Bureau.objects.filter(pk=world.gulou.pk).update(path="1/2"))
    assert Bureau.objects.get(pk=world.gulou.pk).path == world.gulou.path


def test_bureau_only_the_province_is_a_root(world: Province):
    refused(
        "bureau_only_province_is_root",
        lambda: Bureau.objects.create(code="X", name_zh="甲", tier=Tier.COUNTY, parent=None, path="9/"),
    )
    refused(
        "bureau_only_province_is_root",
        lambda: Bureau.objects.create(code="X", name_zh="甲", tier=Tier.PROVINCE, parent=world.fujian, path="9/"),
    )


def test_bureau_code_stands_once(world: Province):
    refused(
        "institutions_bureau_code",
        lambda: Bureau.objects.create(code="350102", name_zh="甲", tier=Tier.COUNTY, parent=world.fuzhou),
    )


@pytest.mark.django_db
def test_region_of_one_first_year_stands_once():
    Region.objects.create(code="350112", name_zh="长乐区", level="county", from_year=2017)
    Region.objects.create(code="350112", name_zh="长乐区", level="county", from_year=None)
    refused("region_once", lambda: Region.objects.create(code="350112", name_zh="甲", level="county", from_year=2017))
    refused("region_once", lambda: Region.objects.create(code="350112", name_zh="甲", level="county", from_year=None))


@pytest.mark.django_db
def test_region_code_is_six_digits():
    refused("region_code_form", lambda: Region.objects.create(code="35010A", name_zh="甲", level="county"))


def test_institution_stands_once_per_credit_code(world: Province):
    refused("institutions_institution_uscc", lambda: an_institution(world.licheng, uscc=world.a.uscc))


@pytest.mark.parametrize("code", ["91350100000000001", "91350100I00000001X", "91350100o00000001X"])
def test_institution_credit_code_has_the_form_of_one(world: Province, code: str):
    refused("institution_uscc_form", lambda: an_institution(world.gulou, uscc=code))


def test_institution_is_not_its_own_parent(world: Province):
    refused(
        "institution_not_own_parent", lambda: Institution.objects.filter(pk=world.a.pk).update(parent_id=world.a.pk)
    )


def test_certificate_number_of_a_kind_stands_once(world: Province):
    a_certificate(world.a, kind="1", number="221312345678")
    a_certificate(world.b, kind="2", number="221312345678")
    refused("certificate_once", lambda: a_certificate(world.b, kind="1", number="221312345678"))


def test_certificate_is_issued_before_it_expires(world: Province):
    day = dt.date(2024, 2, 29)
    refused("certificate_issued_before_expiry", lambda: a_certificate(world.a, issued_on=day, expires_on=day))


def test_site_number_stands_once_per_institution(world: Province):
    a_site(world.a, number=1)
    a_site(world.b, number=1)
    refused("site_number_once", lambda: a_site(world.a, number=1, is_main=False))


def test_site_only_one_is_the_main_one(world: Province):
    a_site(world.a, number=1, is_main=True)
    refused("site_one_main", lambda: a_site(world.a, number=2, is_main=True))


@pytest.mark.parametrize(
    ("role", "at"),
    [
        (Role.FILER, {"bureau": "gulou"}),
        (Role.REVIEWER, {"institution": "a"}),
        (Role.AUDIT_ADMIN, {"institution": "a"}),
        (Role.FILER, {}),
        (Role.REVIEWER, {}),
        (Role.REVIEWER, {"bureau": "gulou", "institution": "a"}),
    ],
)
def test_membership_is_at_one_place_that_fits_the_role(world: Province, role: str, at: dict[str, str]):
    place = {field: getattr(world, name) for field, name in at.items()}
    refused("membership_at_one_place", lambda: Membership.objects.create(user=a_user(), role=role, **place))


def test_membership_of_one_role_at_one_place_stands_once_while_in_force(world: Province):
    refused("membership_once", lambda: a_membership(Role.FILER, world.a, world.filer_a.user))
    Membership.objects.filter(pk=world.filer_a.pk).update(ended_at=timezone.now())
    again = a_membership(Role.FILER, world.a, world.filer_a.user)
    assert list(world.filer_a.user.memberships.current()) == [again]


@pytest.mark.parametrize("second", [Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_membership_no_account_holds_two_administrator_roles(world: Province, second: str):
    refused("membership_one_admin_role", lambda: a_membership(second, world.fujian, world.system_admin.user))
    refused("membership_one_admin_role", lambda: a_membership(Role.SYSTEM_ADMIN, world.gulou, world.system_admin.user))


@pytest.mark.parametrize("work", [Role.FILER, Role.REVIEWER])
def test_membership_an_administrator_holds_no_other_role(world: Province, work: str):
    place = world.a if work == Role.FILER else world.gulou
    refused("membership_admin_alone", lambda: a_membership(work, place, world.audit_admin.user))
    person = a_membership(work, place)
    refused("membership_admin_alone", lambda: a_membership(Role.AUDIT_ADMIN, world.fujian, person.user))
    changed = Membership.objects.filter(
        pk=a_membership(work, world.b if work == Role.FILER else world.taijiang, person.user).pk
    )
    refused(
        "membership_admin_alone", lambda: changed.update(role=Role.AUDIT_ADMIN, bureau=world.fujian, institution=None)
    )
    person.user.memberships.update(ended_at=timezone.now())
    later = a_membership(Role.AUDIT_ADMIN, world.fujian, person.user)
    assert list(person.user.memberships.current()) == [later]
    refused("membership_admin_alone", lambda: Membership.objects.filter(pk=person.pk).update(ended_at=None))


@pytest.mark.django_db
def test_user_name_stands_once_in_its_compared_form():
    a_user("gulou")
    refused("institutions_user_username", lambda: a_user("gulou"))


def a_grant(world: Province, bureau: Bureau, **fields: Any) -> Grant:
    group, _new = Group.objects.get_or_create(name=f"bureau:{bureau.pk}")
    permission = fields.pop("permission", None) or assign_perm("review_by_authorisation", group, bureau)
    return Grant.objects.create(
        **{"bureau": bureau, "permission": permission, "reason": "授权", "given_by": world.statistician, **fields}
    )


def test_grant_only_one_of_a_bureau_is_open(world: Province):
    other = Group.objects.create(name="another")
    second = assign_perm("review_by_authorisation", other, world.fuzhou)
    refused("grant_one_open", lambda: a_grant(world, world.fuzhou, permission=second))


@pytest.mark.parametrize(
    ("first", "last"), [("2024-03-01", None), ("2024-02-01", "2024-03-01"), ("2024-04-01", "2024-05-01"), (None, None)]
)
def test_grant_open_ones_of_a_bureau_share_no_day(world: Province, first: str | None, last: str | None):
    a_grant(world, world.pingtan, starts_on="2024-03-01", ends_on="2024-04-01")
    permission = Grant.objects.get(bureau=world.pingtan).permission
    refused(
        "grant_one_open", lambda: a_grant(world, world.pingtan, starts_on=first, ends_on=last, permission=permission)
    )
    a_grant(world, world.pingtan, starts_on="2024-04-02", permission=permission)
    a_grant(world, world.quanzhou, starts_on="2024-03-01", ends_on="2024-04-01")


def test_grant_begins_before_it_ends(world: Province):
    grant = Grant.objects.filter(bureau=world.fuzhou)
    refused("grant_starts_before_end", lambda: grant.update(starts_on="2024-03-02", ends_on="2024-03-01"))


def test_grant_open_has_its_permission_and_closed_has_none(world: Province):
    grant = Grant.objects.get(bureau=world.fuzhou)
    refused("grant_open_has_permission", lambda: Grant.objects.filter(pk=grant.pk).update(permission=None))
    refused("grant_open_has_permission", lambda: Grant.objects.filter(pk=grant.pk).update(closed_at=timezone.now()))


def test_grant_has_a_reason(world: Province):
    refused("grant_has_reason", lambda: a_grant(world, world.pingtan, reason=""))


def test_grant_withdrawn_by_somebody_has_their_reason(world: Province):
    grant = Grant.objects.filter(bureau=world.fuzhou)
    closed = {"permission": None, "closed_at": timezone.now()}
    refused("grant_withdrawn_with_reason", lambda: grant.update(closed_by=world.statistician, **closed))
    refused("grant_withdrawn_with_reason", lambda: grant.update(close_reason="人员变动", **closed))
