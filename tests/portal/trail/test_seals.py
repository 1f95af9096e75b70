"""Events and seals stay as they were written, and each event is sealed when its transaction commits."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.trail.actions import record
from portal.trail.models import Event, Seal
from portal.trail.sql import append_only
from portal.trail.verify import verify


def in_thread(work: Any) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("table", ["trail_event", "trail_seal"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {0} SET {1} = 'x'", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"],
    ids=["update", "delete", "truncate"],
)
@pytest.mark.django_db(transaction=True)
def test_rows_cannot_be_changed(table: str, statement: str) -> None:
    record("test.done", by=None)
    column = "verb" if table == "trail_event" else "digest"
    before = [list(Event.objects.values()), list(Seal.objects.values())]
    with pytest.raises(IntegrityError, match="kept as they were written"), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column))
    assert [list(Event.objects.values()), list(Seal.objects.values())] == before
    assert len(before[0]) == len(before[1]) == 1


@pytest.mark.django_db
def test_append_only_protects_any_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE some_rows (id int)")
        for operation in append_only("some_rows"):
            cursor.execute(operation.sql)
        cursor.execute("INSERT INTO some_rows VALUES (1)")
        for statement in ("UPDATE some_rows SET id = 2", "DELETE FROM some_rows", "TRUNCATE some_rows"):
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(statement)
        cursor.execute("SELECT id FROM some_rows")
        assert cursor.fetchall() == [(1,)]


def test_append_only_takes_plain_names_alone() -> None:
    with pytest.raises(ValueError, match="plain table name"):
        append_only('x"; DROP TABLE y')


@pytest.mark.django_db(transaction=True)
def test_event_is_sealed_at_commit_and_not_before() -> None:
    with transaction.atomic():
        event = record("test.done", by=None)
        assert not Seal.objects.exists()
    seal = Seal.objects.get()
    assert (seal.sequence, seal.event_id, len(seal.digest)) == (1, event.pk, 64)


@pytest.mark.django_db(transaction=True)
def test_act_that_fails_leaves_no_event_and_no_gap() -> None:
    record("test.done", by=None)
    with transaction.atomic():
        record("test.undone", by=None)
        transaction.set_rollback(True)
    record("test.done", by=None)
    assert list(Event.objects.order_by("id").values_list("verb", flat=True)) == ["test.done", "test.done"]
    assert list(Seal.objects.values_list("sequence", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_chain_has_no_gaps_when_many_write_at_once() -> None:
    def write() -> None:
        for number in range(15):
            with transaction.atomic():
                for _ in range(number % 3 + 1):
                    record("test.done", by=None, details={"number": number})
                if number % 5 == 4:
                    transaction.set_rollback(True)

    for thread in [in_thread(write) for _ in range(8)]:
        thread.join()
    per_thread = sum(number % 3 + 1 for number in range(15) if number % 5 != 4)
    found = verify()
    assert (found.count, found.broken) == (8 * per_thread, None)
    assert list(Seal.objects.values_list("sequence", flat=True)) == list(range(1, 8 * per_thread + 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM trail_unsealed")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_row_while_holding_the_chain() -> None:
    """One writer holds a row FOR UPDATE and commits an event; another's foreign key check waits for that row."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE place (id int PRIMARY KEY)")
        cursor.execute("CREATE TABLE visit (place int REFERENCES place DEFERRABLE INITIALLY DEFERRED)")
        cursor.execute("INSERT INTO place VALUES (1)")
    try:
        held, failures = threading.Event(), []

        def visitor() -> None:
            held.wait(10)
            try:
                with transaction.atomic(), connection.cursor() as own:
                    record("test.visited", by=None)
                    own.execute("INSERT INTO visit VALUES (1)")
            except Exception as error:
                failures.append(error)

        thread = in_thread(visitor)
        with transaction.atomic(), connection.cursor() as own:
            own.execute("SELECT 1 FROM place FOR UPDATE")
            held.set()
            with connection.cursor() as watch:
                for _ in range(1000):
                    watch.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                    if watch.fetchone() != (0,):
                        break
            record("test.held", by=None)
        thread.join(20)
        assert failures == []
        assert Event.objects.count() == 2
        assert verify().broken is None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE visit, place")
