"""The province's authorisation of a prefecture: given, limited in time, withdrawn; guardian and the grant agree."""

import datetime as dt
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from guardian.shortcuts import assign_perm, get_perms

import institutions
from institutions import grants
from institutions.models import Bureau, BureauGroupObjectPermission, Grant, Tier
from institutions.queries import today_of_database
from portal.trail.models import Event
from tests.factories.institutions import Province, a_bureau, build_province


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
    """Beside it, `models_grants.py` declares the tables, `models.py` offers them and the settings name the package."""
    root = Path(institutions.__file__).parents[1]
    rooms = [root / name for name in ("portal", "institutions", "reports", "review")]
    found = {
        str(path.relative_to(root))
        for room in rooms
        for path in room.rglob("*.py")
        if "migrations" not in path.parts and path.name != "settings.py"
        if "ObjectPermission" in (text := path.read_text(encoding="utf-8"))
        or "import guardian" in text
        or "from guardian" in text
    }
    assert found == {"institutions/grants.py", "institutions/models_grants.py", "institutions/models.py"}


# -- from a day on, and several at once ------------------------------------------------------------------------------


def days(grant: Grant) -> tuple[int | None, int | None]:
    """First and last day, counted from today."""
    first, last = ((one - today()).days if one else None for one in (grant.starts_on, grant.ends_on))
    return first, last


def ahead(count: int) -> dt.date:
    return today() + dt.timedelta(days=count)


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [(None, None, True), (0, 0, True), (-1, 1, True), (1, 2, False), (1, None, False), (-2, -1, False)],
)
def test_authorisation_holds_from_its_first_day_to_the_end_of_its_last(
    world: Province, first: int | None, last: int | None, holds: bool
):
    span = {name: None if day is None else ahead(day) for name, day in (("starts_on", first), ("ends_on", last))}
    Grant.objects.filter(bureau=world.fuzhou).update(**span)
    assert grants.is_authorised(world.fuzhou) is holds


def test_authorisation_to_come_stands_beside_the_one_in_force_and_follows_it(world: Province):
    Grant.objects.filter(bureau=world.fuzhou).update(ends_on=ahead(9))
    coming = grants.authorise(bureau=world.fuzhou, by=world.statistician, reason="下一年度", starts_on=ahead(10))
    held = Grant.objects.filter(bureau=world.fuzhou)
    assert [days(one) for one in held.order_by("pk")] == [(None, 9), (10, None)]
    assert held.values("permission").distinct().count() == 1  # guardian's row is theirs together
    assert holders() == {world.fuzhou.pk}
    grants.withdraw(bureau=world.fuzhou, by=world.statistician, reason="提前结束")
    assert grants.is_authorised(world.fuzhou) is False
    assert holders() == {world.fuzhou.pk}
    Grant.objects.filter(pk=coming.pk).update(starts_on=today())
    assert grants.is_authorised(world.fuzhou) is True


@pytest.mark.parametrize(("first", "last"), [(None, None), (None, 5), (5, 5), (9, 9), (9, None), (3, 20)])
def test_authorisation_that_shares_a_day_is_refused(world: Province, first: int | None, last: int | None):
    Grant.objects.filter(bureau=world.fuzhou).update(starts_on=ahead(5), ends_on=ahead(9))
    before = list(Grant.objects.values())
    with pytest.raises(grants.AlreadyAuthorised):
        grants.authorise(
            bureau=world.fuzhou, by=world.statistician, reason="重叠",
            starts_on=None if first is None else ahead(first), ends_on=None if last is None else ahead(last),
        )  # fmt: skip
    assert list(Grant.objects.values()) == before


@pytest.mark.parametrize(("first", "last"), [(None, 4), (1, 4), (10, None)])
def test_authorisation_beside_one_to_come_is_given(world: Province, first: int | None, last: int | None):
    Grant.objects.filter(bureau=world.fuzhou).update(starts_on=ahead(5), ends_on=ahead(9))
    given = grants.authorise(
        bureau=world.fuzhou, by=world.statistician, reason="衔接",
        starts_on=None if first is None else ahead(first), ends_on=None if last is None else ahead(last),
    )  # fmt: skip
    assert days(given) == (first, last)


@pytest.mark.parametrize(("first", "last"), [(-1, None), (5, 4), (1, 0)])
def test_authorisation_with_impossible_days_is_refused(world: Province, first: int, last: int | None):
    with pytest.raises(grants.BadGrant):
        grants.authorise(
            bureau=world.pingtan, by=world.statistician, reason="授权", starts_on=ahead(first),
            ends_on=None if last is None else ahead(last),
        )  # fmt: skip
    assert holders() == {world.fuzhou.pk}


def test_authorisation_to_come_is_called_off(world: Province):
    grants.authorise(bureau=world.quanzhou, by=world.statistician, reason="预先授权", starts_on=ahead(3))
    grant = grants.withdraw(bureau=world.quanzhou, by=world.statistician, reason="计划有变")
    assert (grant.was_called_off, grant.close_reason, grant.permission) == (True, "计划有变", None)
    assert holders() == {world.fuzhou.pk}
    with pytest.raises(grants.NotAuthorised):
        grants.end(grant=grant, by=world.statistician, reason="再来一次")


def test_several_prefectures_are_authorised_in_one_act(world: Province):
    given = grants.authorise_all(
        bureaus=[world.pingtan, world.quanzhou],
        by=world.statistician,
        reason="年度审核",
        starts_on=today(),
        ends_on=ahead(30),
    )
    assert {grant.bureau for grant in given} == {world.quanzhou, world.pingtan}
    assert {(days(grant), grant.reason) for grant in given} == {((0, 30), "年度审核")}
    assert grants.authorised_ids(Bureau.objects.all()) == {world.fuzhou.pk, world.quanzhou.pk, world.pingtan.pk}
    assert holders() == {world.fuzhou.pk, world.quanzhou.pk, world.pingtan.pk}
    for bureau in (world.quanzhou, world.pingtan):
        assert get_perms(Group.objects.get(name=f"bureau:{bureau.pk}"), bureau) == ["review_by_authorisation"]
    told = Event.objects.filter(verb="grant.given").order_by("-id")[:2]
    assert {event.object_id for event in told} == {str(world.quanzhou.pk), str(world.pingtan.pk)}


def test_several_of_which_one_holds_it_are_refused_by_name_and_none_is_given(world: Province):
    before = list(Grant.objects.values())
    with translation.override("zh-hans"), pytest.raises(grants.AlreadyAuthorised) as refused:
        grants.authorise_all(
            bureaus=[world.pingtan, world.fuzhou, world.quanzhou], by=world.statistician, reason="年度审核"
        )
    said = str(refused.value.reason)
    assert [bureau.name_zh in said for bureau in (world.fuzhou, world.quanzhou, world.pingtan)] == [True, False, False]
    assert list(Grant.objects.values()) == before
    assert holders() == {world.fuzhou.pk}


def test_no_prefecture_at_all_is_refused(world: Province):
    with pytest.raises(grants.BadGrant):
        grants.authorise_all(bureaus=[], by=world.statistician, reason="年度审核")


def test_several_cost_one_more_query_each_for_their_event(world: Province):
    def asked(many: int) -> int:
        prefectures = [a_bureau(f"第{number}市", Tier.PREFECTURE, world.fujian) for number in range(many)]
        with CaptureQueriesContext(connection) as queries:
            grants.authorise_all(bureaus=prefectures, by=world.statistician, reason="年度审核")
        return len(queries)

    asked(1)
    assert asked(5) - asked(1) == 4


@pytest.mark.django_db(transaction=True)
def test_two_who_authorise_at_once_give_it_once():
    """The one who comes second waits for the first and is refused with words."""
    world = build_province()
    barrier, outcomes = Barrier(2), []

    def give() -> None:
        try:
            barrier.wait(timeout=10)
            grants.authorise(bureau=world.quanzhou, by=world.statistician, reason="同时")
            outcomes.append("given")
        except grants.AlreadyAuthorised:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=give) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["given", "refused"]
    assert Grant.objects.filter(bureau=world.quanzhou).count() == 1
