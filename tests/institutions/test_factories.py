"""The small true tree that many tests stand on."""

import pytest

from institutions.grants import authorised_ids
from institutions.models import Bureau, Membership
from tests.factories.institutions import build_province


@pytest.mark.django_db
def test_build_province_stands_as_described():
    tree = build_province()
    assert [bureau.level for bureau in (tree.fujian, tree.fuzhou, tree.gulou, tree.pingtan)] == [1, 2, 3, 2]
    assert authorised_ids(Bureau.objects.all()) == {tree.fuzhou.pk}
    assert [one.home_bureau for one in (tree.a, tree.b, tree.c, tree.d, tree.e)] == [
        tree.gulou,
        tree.gulou,
        tree.taijiang,
        tree.licheng,
        tree.pingtan,
    ]
    assert Membership.objects.current().count() == 15
