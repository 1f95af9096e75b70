"""Whatever is done to the rows behind the portal's back is found and named."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portal.trail.actions import record
from portal.trail.models import Event, Seal
from portal.trail.verify import DIGEST, Break, Fault, verify
from tests.factories.institutions import a_user
from tests.portal.trail.tampering import owner

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = {
    "id": "1000000",
    "at": "at + interval '1 microsecond'",
    "actor_id": "NULL",
    "actor_label": "'Zhou Lj'",
    "verb": "'test.dune'",
    "object_type": "'other'",
    "object_id": "'9'",
    "object_label": "'x'",
    "scope": "'1/3/'",
    "succeeded": "false",
    "reference": "'ABCD-EFGI'",
    "address": "'10.0.0.2'",
    "details": """'{"count": 2}'""",
}


@pytest.fixture
def five() -> list[Event]:
    """Five events; the third has something in every column."""
    person = a_user("zhou")
    events = [record("test.done", by=None) for _ in range(2)]
    events.append(
        record(
            "test.done",
            by=None,
            user=person,
            obj=person,
            scope="1/2/",
            details={"count": 1},
            address="10.0.0.1",
            reference="ABCD-EFGH",
        )
    )
    events += [record("test.done", by=None) for _ in range(2)]
    assert verify().broken is None
    return events


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_pieces_of_the_chain_fit_together(five: list[Event], size: int) -> None:
    told: list[tuple[int, int]] = []
    whole, last = verify(), Seal.objects.latest("sequence")
    found = verify(size=size, tell=lambda done, total: told.append((done, total)))
    assert found == whole
    assert (found.count, found.head) == (last.sequence, last.digest)
    assert told[-1] == (last.sequence, last.sequence)
    second = Seal.objects.get(event=five[1])
    with owner() as cursor:
        cursor.execute("DELETE FROM trail_seal WHERE sequence = %s", [second.sequence])
    assert verify(size=size).broken == Break(Fault.GAP, second.sequence, None)


def test_every_column_is_covered(five: list[Event]) -> None:
    assert set(COLUMNS) == {field.column for field in Event._meta.concrete_fields}


@pytest.mark.parametrize("column", COLUMNS)
def test_changed_column_is_found(five: list[Event], column: str) -> None:
    third = five[2].pk
    with owner() as cursor:
        cursor.execute(f"UPDATE trail_event SET {column} = {COLUMNS[column]} WHERE id = %s", [third])
        if column == "id":  # somebody thorough takes the seal along
            cursor.execute("UPDATE trail_seal SET event_id = 1000000 WHERE event_id = %s", [third])
    assert verify().broken == Break(Fault.CHANGED, 3, 1000000 if column == "id" else third)


def test_changed_seal_is_found(five: list[Event]) -> None:
    with owner() as cursor:
        cursor.execute(
            "UPDATE trail_seal SET digest = CASE WHEN digest LIKE 'f%' THEN 'e' ELSE 'f' END || substr(digest, 2)"
            " WHERE sequence = 2"
        )
    assert verify().broken == Break(Fault.CHANGED, 2, five[1].pk)


@pytest.mark.parametrize("place", [1, 3, 5])
def test_removed_event_is_found(five: list[Event], place: int) -> None:
    gone = five[place - 1].pk
    with owner() as cursor:
        cursor.execute("DELETE FROM trail_event WHERE id = %s", [gone])
    assert verify().broken == Break(Fault.EVENT_MISSING, place, gone)
    with owner() as cursor:  # mend it, so that the keys of the next test hold
        cursor.execute("DELETE FROM trail_seal; DELETE FROM trail_event")


@pytest.mark.parametrize("place", [1, 3])
def test_event_removed_with_its_seal_is_found(five: list[Event], place: int) -> None:
    with owner() as cursor:
        cursor.execute("DELETE FROM trail_seal WHERE sequence = %s", [place])
        cursor.execute("DELETE FROM trail_event WHERE id = %s", [five[place - 1].pk])
    assert verify().broken == Break(Fault.GAP, place, None)


def test_missing_last_seal_is_found(five: list[Event]) -> None:
    with owner() as cursor:
        cursor.execute("DELETE FROM trail_seal WHERE sequence = 5")
    assert verify().broken == Break(Fault.UNSEALED, None, five[4].pk)


def test_event_slipped_in_is_found(five: list[Event]) -> None:
    with owner() as cursor:
        cursor.execute(
            "INSERT INTO trail_event (id, at, actor_label, verb, object_type, object_id, object_label, scope, succeeded,"
            " reference, details) SELECT 999, at, '', 'test.forged', '', '', '', '', true, '', '{}' FROM trail_event LIMIT 1"
        )
    assert verify().broken == Break(Fault.UNSEALED, None, 999)


def test_end_cut_off_is_found_with_the_anchor_alone(five: list[Event]) -> None:
    anchor = verify().head
    with owner() as cursor:
        cursor.execute("DELETE FROM trail_seal WHERE sequence >= 4")
        cursor.execute("DELETE FROM trail_event WHERE id >= %s", [five[3].pk])
    assert verify().broken is None
    assert verify(anchor=anchor).broken == Break(Fault.ANCHOR_LOST, None, None)


def test_earlier_head_stays_in_the_chain(five: list[Event]) -> None:
    anchor = verify().head
    record("test.done", by=None)
    found = verify(anchor=anchor)
    assert (found.count, found.broken) == (6, None)
    assert found.head != anchor


def test_empty_trail_holds() -> None:
    found = verify()
    assert (found.count, found.head, found.broken) == (0, "", None)


def test_digest_here_and_in_the_database_agree(five: list[Event]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT trail_digest('abc', e) = (SELECT {DIGEST} FROM (SELECT 'abc' AS previous) p) FROM trail_event e"
        )
        assert cursor.fetchall() == [(True,)] * 5


def test_command_prints_the_count_and_the_head(five: list[Event]) -> None:
    out = StringIO()
    call_command("verify_trail", stdout=out)
    head = Seal.objects.get(sequence=5).digest
    words, digest = out.getvalue().splitlines()
    assert ("5" in words, digest) == (True, head)
    call_command("verify_trail", anchor=Seal.objects.get(sequence=2).digest, stdout=out)
    assert out.getvalue().splitlines()[2:] == [words, head]


def test_command_fails_and_names_the_row(five: list[Event]) -> None:
    with owner() as cursor:
        cursor.execute("UPDATE trail_event SET verb = 'test.dune' WHERE id = %s", [five[1].pk])
    with pytest.raises(CommandError, match=rf"2\D+{five[1].pk}(?!\d)") as caught:
        call_command("verify_trail")
    assert caught.value.returncode == 1


@pytest.mark.parametrize("anchor", ["abc", "x" * 64, "0" * 63])
def test_command_refuses_what_is_no_anchor(anchor: str) -> None:
    with pytest.raises(CommandError, match="64"):
        call_command("verify_trail", anchor=anchor)


def test_command_misses_a_lost_anchor(five: list[Event]) -> None:
    with pytest.raises(CommandError):
        call_command("verify_trail", anchor="0" * 64)
