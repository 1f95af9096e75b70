"""The 93 bureaus and the code list of regions."""

from io import StringIO

import pytest
from django.core.management import call_command

from institutions.models import Bureau, Region, Tier
from institutions.regions import region_valid
from portal.trail.models import Event
from tests.institutions.test_bureaus import recomputed, stored

pytestmark = pytest.mark.django_db


def load() -> str:
    out = StringIO()
    call_command("loadbureaus", stdout=out)
    return out.getvalue()


def test_loadbureaus_makes_the_93_bureaus_of_fujian():
    assert load() == "bureaus: 93 created, 0 changed\nregions: 111 created, 0 changed\n"
    assert {tier: Bureau.objects.filter(tier=tier).count() for tier in Tier} == {
        Tier.PROVINCE: 1,
        Tier.PREFECTURE: 10,
        Tier.COUNTY: 82,
    }
    assert stored() == recomputed()


def test_loadbureaus_puts_pingtan_beside_the_prefectures():
    load()
    pingtan = Bureau.objects.get(region_code="350128")
    assert (pingtan.tier, pingtan.parent.tier, pingtan.level) == (Tier.PREFECTURE, Tier.PROVINCE, 2)
    assert pingtan.children.count() == 0


def test_loadbureaus_twice_changes_nothing():
    load()
    before, events = stored(), Event.objects.count()
    assert load() == "bureaus: 0 created, 0 changed\nregions: 0 created, 0 changed\n"
    assert (stored(), Event.objects.count()) == (before, events)


def test_loadbureaus_corrects_a_name_and_a_superior():
    load()
    fuzhou, quanzhou = Bureau.objects.get(code="350100"), Bureau.objects.get(code="350500")
    gulou = Bureau.objects.filter(code="350102")
    gulou.update(name_zh="误", parent=quanzhou, path=f"{quanzhou.path}{gulou.get().pk}/")
    assert load().startswith("bureaus: 0 created, 2 changed\n")
    assert (gulou.get().name_zh, gulou.get().parent) == ("鼓楼区市场监督管理局", fuzhou)
    assert stored() == recomputed()


@pytest.mark.parametrize(
    ("code", "year", "valid"),
    [
        ("350102", 2023, True),  # in force, never changed
        ("350182", 1993, False),  # 长乐市, 1994 to 2017
        ("350182", 1994, True),
        ("350182", 2016, True),
        ("350182", 2017, False),
        ("350112", 2016, False),  # 长乐区 since
        ("350112", 2017, True),
        ("350203", 1990, True),  # others were merged into 思明区, which was there before
        ("350402", 2020, True),  # 梅列区, gone in 2021
        ("350402", 2021, False),
        ("350221", 1950, True),  # first year unknown
        ("350999", 2023, False),
        ("", 2023, False),
    ],
)
def test_region_valid_in_its_years(code: str, year: int, valid: bool):
    load()
    assert region_valid(code, year) is valid


def test_regions_retired_name_their_successor():
    load()
    assert Region.objects.get(code="350182").successor_code == "350112"
    assert Region.objects.exclude(to_year=None).count() == 17
