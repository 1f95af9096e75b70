"""Several lists counted at once: their lengths by name and the database's time, in one query."""

from __future__ import annotations

import datetime as dt

from institutions.models import Bureau, Institution
from portal.clock import database_now
from portal.counting import lengths
from tests.factories.institutions import an_institution, build_province


def test_each_list_has_its_own_length_and_values(db: None, django_assert_num_queries):
    world = build_province()
    for number in range(5):
        an_institution(world.gulou, f"机构{number}")
    bureaus = Bureau.objects.filter(code__in=[world.gulou.code, world.fuzhou.code]).order_by("name_zh")
    with django_assert_num_queries(1):
        found, at = lengths(
            five=Institution.objects.filter(name__startswith="机构"),
            two=bureaus,
            none=Institution.objects.filter(name="%"),
            empty=Institution.objects.none(),
        )
    assert found == {"five": 5, "two": 2, "none": 0, "empty": 0}
    assert abs(database_now() - at) < dt.timedelta(minutes=1)


def test_a_list_cut_short_is_counted_as_it_is(db: None):
    build_province()
    assert lengths(three=Bureau.objects.order_by("code")[:3])[0] == {"three": 3}
