"""The province's authorisation of a prefecture: given, limited in time, withdrawn; guardian and the grant agree."""

import datetime as dt
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet
from guardian.shortcuts import assign_perm

import institutions
from institutions import grants
from institutions.models import Bureau, BureauGroupObjectPermission, Grant
from institutions.queries import today_of_database
from portal.trail.models import Event
from tests.factories.institutions import Province


def today() -> dt.date:
    return Bureau.objects.annotate(today=today_of_database()).values_list("today", flat=True)[0]


def holders() -> set[int]:
    """Whom guardian says holds the permission; must be whom open grants name."""
    by_guardian = set(BureauGroupObjectPermission.objects.values_list("content_object_id", flat=True))
    assert by_guardian == set(Grant.objects.filter(closed_at=None).values_list("bureau_id", flat=True))
    return by_guardian


def test_authorise_writes_guardian_and_grant_together(world: Province):
    assert grants.is_authorised(world.quanzhou) is False
    grant = grants.authorise(bureau=world.quanzhou, by=world.statistician, reason=" 2023年度 \u200b审核 ")
    assert grants.is_authorised(world.quanzhou) is True
    assert holders() == {world.fuzhou.pk, world.quanzhou.pk}
    assert (grant.reason, grant.ends_on, grant.given_by) == ("2023年度 审核", None, world.statistician)
    event = Event.objects.filter(verb="grant.given").latest("id")
    assert (event.actor, event.object_id, event.scope) == (
        world.statistician.user,
        str(world.quanzhou.pk),
        world.quanzhou.path,
    )


def test_withdraw_takes_both_away_at_once_and_keeps_the_history(world: Province):
    grants.withdraw(bureau=world.fuzhou, by=world.statistician, reason="人员变动")
    assert grants.is_authorised(world.fuzhou) is False
    assert holders() == set()
    grant = Grant.objects.get(bureau=world.fuzhou)
    assert (grant.close_reason, grant.closed_by, grant.permission) == ("人员变动", world.statistician, None)
    assert grant.closed_at is not None
    grants.authorise(bureau=world.fuzhou, by=world.statistician, reason="再授权")
    assert Grant.objects.filter(bureau=world.fuzhou).count() == 2


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (1, True)])
def test_authorisation_holds_to_the_end_of_its_last_day(world: Province, days: int, holds: bool):
    """Honoured by the query, whether or not anybody has cleaned up."""
    Grant.objects.filter(bureau=world.fuzhou).update(ends_on=today() + dt.timedelta(days=days))
    assert grants.is_authorised(world.fuzhou) is holds
    assert holders() == {world.fuzhou.pk}


def test_authorise_closes_a_grant_that_ran_out(world: Province):
    Grant.objects.filter(bureau=world.fuzhou).update(ends_on=today() - dt.timedelta(days=1))
    fresh = grants.authorise(bureau=world.fuzhou, by=world.statistician, reason="续期", ends_on=today())
    assert grants.is_authorised(world.fuzhou) is True
    assert holders() == {world.fuzhou.pk}
    old = Grant.objects.exclude(pk=fresh.pk).get(bureau=world.fuzhou)
    assert (old.closed_by, old.close_reason) == (None, "")
    assert Event.objects.filter(verb="grant.ran-out", actor=None).count() == 1


def test_authorise_again_while_it_stands_is_refused(world: Province):
    before = list(Grant.objects.values())
    with pytest.raises(grants.AlreadyAuthorised):
        grants.authorise(bureau=world.fuzhou, by=world.statistician, reason="重复")
    assert list(Grant.objects.values()) == before


def test_withdraw_where_nothing_stands_is_refused(world: Province):
    Grant.objects.filter(bureau=world.fuzhou).update(ends_on=today() - dt.timedelta(days=1))
    for bureau in (world.quanzhou, world.fuzhou):
        with pytest.raises(grants.NotAuthorised):
            grants.withdraw(bureau=bureau, by=world.statistician, reason="撤回")
    assert not Event.objects.filter(verb="grant.withdrawn").exists()


@pytest.mark.parametrize("reason", ["", "  \u200b ", "长" * 301])
def test_authorise_without_a_reason_or_with_too_long_a_one_is_refused(world: Province, reason: str):
    with pytest.raises(grants.BadGrant):
        grants.authorise(bureau=world.pingtan, by=world.statistician, reason=reason)
    with pytest.raises(grants.BadGrant):
        grants.withdraw(bureau=world.fuzhou, by=world.statistician, reason=reason)
    assert holders() == {world.fuzhou.pk}


def test_authorise_until_a_day_that_has_passed_is_refused(world: Province):
    with pytest.raises(grants.BadGrant):
        grants.authorise(
            bureau=world.pingtan, by=world.statistician, reason="授权", ends_on=today() - dt.timedelta(days=1)
        )
    assert holders() == {world.fuzhou.pk}


@pytest.mark.parametrize("by", ["fujian_reviewer", "fuzhou_reviewer", "gulou_reviewer", "filer_a", "security_admin"])
def test_authorise_by_anybody_but_the_statistician_is_refused(world: Province, by: str):
    with pytest.raises(grants.NotAllowed):
        grants.authorise(bureau=world.quanzhou, by=getattr(world, by), reason="授权")
    with pytest.raises(grants.NotAllowed):
        grants.withdraw(bureau=world.fuzhou, by=getattr(world, by), reason="撤回")
    assert holders() == {world.fuzhou.pk}


@pytest.mark.parametrize("place", ["fujian", "gulou"])
def test_authorise_a_bureau_that_is_no_prefecture_is_refused(world: Province, place: str):
    with pytest.raises(grants.NotAllowed):
        grants.authorise(bureau=getattr(world, place), by=world.statistician, reason="授权")
    assert holders() == {world.fuzhou.pk}


def test_permission_without_a_grant_gives_nothing(world: Province):
    group, _new = Group.objects.get_or_create(name=f"bureau:{world.quanzhou.pk}")
    assign_perm("review_by_authorisation", group, world.quanzhou)
    assert grants.is_authorised(world.quanzhou) is False


def test_permission_held_globally_gives_nothing(world: Province):
    permission = Permission.objects.get(codename="review_by_authorisation")
    group, _new = Group.objects.get_or_create(name=f"bureau:{world.quanzhou.pk}")
    group.permissions.add(permission)
    world.quanzhou_reviewer.user.user_permissions.add(permission)
    assert grants.authorised_ids(Bureau.objects.all()) == {world.fuzhou.pk}


def test_permission_cannot_go_while_its_grant_stands(world: Province):
    with pytest.raises(ProtectedError):
        BureauGroupObjectPermission.objects.get(content_object=world.fuzhou).delete()
    rows = BureauGroupObjectPermission.objects.filter(content_object=world.fuzhou)
    with pytest.raises(IntegrityError), transaction.atomic():
        _delete_past_django(rows)
    assert grants.is_authorised(world.fuzhou) is True


def _delete_past_django(rows: QuerySet[BureauGroupObjectPermission]) -> None:
    rows._raw_delete(rows.db)
    transaction.get_connection().check_constraints()


@pytest.mark.parametrize("many", [1, 5])
def test_authorised_ids_costs_one_query(world: Province, django_assert_num_queries, many: int):
    bureaus = [world.fuzhou, world.quanzhou, world.pingtan, world.gulou, world.licheng][:many]
    with django_assert_num_queries(1):
        assert grants.authorised_ids(bureaus) == {world.fuzhou.pk}


def test_only_the_grants_module_touches_guardian():
    """Beside it, `models.py` declares the table and the settings name the package."""
    root = Path(institutions.__file__).parents[1]
    rooms = [root / name for name in ("portal", "institutions", "reports", "review")]
    found = {
        str(path.relative_to(root))
        for room in rooms
        for path in room.rglob("*.py")
        if "guardian" in path.read_text(encoding="utf-8")
        and any("guardian" in line for line in path.read_text(encoding="utf-8").splitlines() if "import" in line)
    }
    assert found == {"institutions/grants.py", "institutions/models.py"}
