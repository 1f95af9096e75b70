"""SQL made once gives what the queryset gives, with joined rows and annotations, for any values and in any thread."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from institutions.models import Bureau, Membership
from portal.prepared import Prepared
from tests.factories.institutions import Province, build_province


@pytest.fixture
def province(db: None) -> Province:
    return build_province()


def test_the_same_rows_as_the_queryset_in_one_query(province: Province, django_assert_num_queries):
    asked = Prepared(Membership.objects.of_session, -1)
    for person in (province.filer_a.user, province.gulou_reviewer.user, province.statistician.user):
        wanted = list(Membership.objects.of_session(person.pk))
        assert wanted
        with django_assert_num_queries(1):
            found = asked(person.pk)
            assert [(one, one.user, one.bureau, one.institution) for one in found] == [
                (one, one.user, one.bureau, one.institution) for one in wanted
            ]
    assert asked(-5) == []


def test_a_value_is_a_parameter_and_never_part_of_the_sql(province: Province):
    asked = Prepared(lambda code: Bureau.objects.filter(code=code), "sample")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert asked("'; DROP TABLE institutions_bureau; --") == []
        assert [one.code for one in asked(province.gulou.code)] == [province.gulou.code]
    assert len(queries) == 2
    assert Bureau.objects.exists()


def test_rows_are_read_anew_each_time(province: Province):
    asked = Prepared(lambda code: Bureau.objects.filter(code=code), "sample")
    assert asked(province.gulou.code)[0].phone != "0591-1"
    Bureau.objects.filter(pk=province.gulou.pk).update(phone="0591-1")
    assert asked(province.gulou.code)[0].phone == "0591-1"


def test_a_sample_that_is_no_parameter_is_refused(db: None):
    with pytest.raises(ValueError, match="sample"):
        Prepared(lambda code: Bureau.objects.all(), "sample")("x")


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_on_its_own_connection():
    asked = Prepared(lambda code: Bureau.objects.filter(code=code), "sample")
    Bureau.objects.create(code="350000", name_zh="福建省市场监督管理局", tier="province", path="1/")
    found: list[str] = []

    def look() -> None:
        try:
            found.extend(one.code for one in asked("350000"))
        finally:
            connection.close()

    asked("350000")
    threads = [Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["350000"] * 4
