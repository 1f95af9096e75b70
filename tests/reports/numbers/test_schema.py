"""The big table can be distributed by institution: no foreign key leaves it, every unique key contains the institution."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from reports.numbers.models import NumberChange, ReportNumber
from tests.factories.institutions import Province

pytestmark = pytest.mark.django_db


def rows(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


TABLES = "(SELECT relid FROM pg_partition_tree('numbers_reportnumber'))"


def test_no_foreign_key_leaves_or_enters_the_table() -> None:
    found = rows(
        f"SELECT conname FROM pg_constraint WHERE contype = 'f' AND (conrelid IN {TABLES} OR confrelid IN {TABLES})"
    )
    assert found == []


def test_every_unique_key_contains_the_institution() -> None:
    found = rows(
        f"""
        SELECT i.indexrelid::regclass::text, array_agg(a.attname::text ORDER BY a.attname)
          FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
         WHERE i.indisunique AND i.indrelid IN {TABLES} GROUP BY 1
        """
    )
    assert len(found) == 17
    assert {tuple(columns) for _name, columns in found} == {("institution_id", "key")}


def test_the_table_is_partitioned_by_institution_into_sixteen() -> None:
    assert rows("SELECT pg_get_partkeydef('numbers_reportnumber'::regclass)") == [("HASH (institution_id)",)]
    assert rows("SELECT count(*) FROM pg_partition_tree('numbers_reportnumber') WHERE isleaf") == [(16,)]


def a_number(institution_id: int, key: str, **fields) -> ReportNumber:
    return ReportNumber.objects.create(
        institution_id=institution_id,
        key=key,
        issued_on=dt.date(2023, 11, 5),
        batch_id=1,
        line=2,
        quarter=20234,
        **fields,
    )


@pytest.mark.parametrize("quarter", [20234, 20241])
def test_a_number_is_there_once_for_all_time(quarter: int) -> None:
    a_number(1, "FJ-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportNumber.objects.create(
            institution_id=1, key="FJ-1", issued_on=dt.date(2024, 1, 5), batch_id=2, line=2, quarter=quarter
        )
    a_number(2, "FJ-1")
    assert ReportNumber.objects.filter(key="FJ-1").count() == 2


@pytest.mark.parametrize("key", ["", "9" * 65])
def test_a_blank_or_too_long_key_is_refused_by_the_database(key: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        a_number(1, key)


def test_look_up_by_number_alone_uses_the_unique_index_of_every_partition() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # some partitions are empty here, and reading nothing is cheap
    plan = "\n".join(
        line for (line,) in rows("EXPLAIN (COSTS off) SELECT * FROM numbers_reportnumber WHERE key = 'FJ-1'")
    )
    assert plan.count("_pkey") >= 16, plan
    assert "Seq Scan" not in plan


def test_changes_of_numbers_cannot_be_altered(world: Province) -> None:
    change = NumberChange.objects.create(
        institution=world.a, key="FJ-1", act=NumberChange.Act.VOID, reason="重复出具", by=world.filer_a.user
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        NumberChange.objects.filter(pk=change.pk).update(reason="别的")
    with pytest.raises(IntegrityError), transaction.atomic():
        change.delete()
    change.refresh_from_db()
    assert change.reason == "重复出具"
