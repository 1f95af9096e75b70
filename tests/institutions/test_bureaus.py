"""The tree: every path is recomputed from the superiors and compared."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from institutions.bureaus import WrongPlace, create_bureau, move_bureau
from institutions.models import Bureau, Institution, Tier
from portal.trail.models import Event
from tests.factories.institutions import Province, a_bureau


def recomputed() -> dict[int, str]:
    """The path of every bureau, from the superiors alone."""
    parents = dict(Bureau.objects.order_by().values_list("pk", "parent_id"))

    def path(pk: int) -> str:
        parent = parents[pk]
        return f"{path(parent) if parent else ''}{pk}/"

    return {pk: path(pk) for pk in parents}


def stored() -> dict[int, str]:
    return dict(Bureau.objects.order_by().values_list("pk", "path"))


def test_create_bureau_writes_the_path_of_ids(world: Province):
    assert world.gulou.path == f"{world.fujian.pk}/{world.fuzhou.pk}/{world.gulou.pk}/"
    assert len(stored()) == 7
    assert stored() == recomputed()


def test_bureaus_stand_in_the_order_of_the_tree_by_number(world: Province):
    """10 comes after 9, and what lies below a bureau right behind it, whatever was made in between."""
    for number in range(12):
        a_bureau(f"市{number}", Tier.PREFECTURE, world.fujian)
    a_bureau("县", Tier.COUNTY, world.fuzhou)
    ids = [
        [int(part) for part in path.rstrip("/").split("/")] for path in Bureau.objects.values_list("path", flat=True)
    ]
    assert len(ids) == 20
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("tier", "parent"),
    [
        (Tier.PROVINCE, "fujian"),
        (Tier.PREFECTURE, "fuzhou"),
        (Tier.PREFECTURE, None),
        (Tier.COUNTY, "fujian"),
        (Tier.COUNTY, "gulou"),
        (Tier.COUNTY, None),
    ],
)
def test_create_bureau_of_the_wrong_tier_is_refused(world: Province, tier: str, parent: str | None):
    with pytest.raises(WrongPlace):
        create_bureau(code="X", name_zh="甲", tier=tier, parent=getattr(world, parent) if parent else None, by=None)
    assert Bureau.objects.count() == 7


def test_move_bureau_rewrites_its_path_in_one_statement(world: Province):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        moved = move_bureau(bureau=world.gulou, parent=world.quanzhou, by=world.statistician)
    assert moved.path == f"{world.quanzhou.path}{world.gulou.pk}/"
    assert stored() == recomputed()
    assert sum(one["sql"].startswith('UPDATE "institutions_bureau"') for one in queries) == 1
    event = Event.objects.get(verb="bureau.moved")
    assert (event.actor, event.scope, event.details) == (
        world.statistician.user,
        moved.path,
        {"from": world.gulou.path, "to": moved.path},
    )


def test_move_bureau_takes_the_whole_subtree_along(world: Province):
    other = a_bureau("另一省局", Tier.PROVINCE)
    move_bureau(bureau=world.fuzhou, parent=other, by=None)
    assert stored() == recomputed()
    moved = Bureau.objects.get(pk=world.gulou.pk)
    assert moved.path == f"{other.pk}/{world.fuzhou.pk}/{world.gulou.pk}/"
    assert set(Institution.objects.within(other)) == {world.a, world.b, world.c}
    assert set(Institution.objects.within(world.fujian)) == {world.d, world.e}


def test_move_bureau_leaves_bureaus_whose_id_only_begins_the_same(world: Province):
    """`1/4/` is no beginning of `1/41/`: the separator at the end keeps them apart."""
    pk = world.taijiang.pk * 10 + 1
    Bureau.objects.create(
        pk=pk, code="X", name_zh="甲", tier=Tier.COUNTY, parent=world.fuzhou, path=f"{world.fuzhou.path}{pk}/"
    )
    before = stored()
    move_bureau(bureau=world.taijiang, parent=world.quanzhou, by=None)
    assert stored() == recomputed()
    changed = {pk for pk, path in stored().items() if before[pk] != path}
    assert changed == {world.taijiang.pk}


def test_move_bureau_into_its_own_subtree_is_refused(world: Province):
    before = stored()
    for parent in (world.fuzhou, world.gulou):
        with pytest.raises(WrongPlace):
            move_bureau(bureau=world.fuzhou, parent=parent, by=None)
    assert stored() == before


def test_move_bureau_under_the_wrong_tier_is_refused(world: Province):
    before = stored()
    with pytest.raises(WrongPlace):
        move_bureau(bureau=world.gulou, parent=world.fujian, by=None)
    assert stored() == before


def test_move_bureau_to_where_it_stands_changes_nothing(world: Province):
    events = Event.objects.count()
    move_bureau(bureau=world.gulou, parent=world.fuzhou, by=None)
    assert (stored(), Event.objects.count()) == (recomputed(), events)
