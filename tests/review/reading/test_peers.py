from __future__ import annotations

from decimal import Decimal

from reports.filings.models import Filing, Revision, State
from reports.rounds.models import Round
from review.reading.peers import LEAST, Box, peers_of, strip
from tests.factories.filings import a_filing, a_scheme, fresh, submitted_filing
from tests.factories.institutions import Province, an_institution

D = Decimal


def _peer(world: Province, round: Round, persons: int, *, size: str = "S", unit: str = "10") -> None:
    """A submission that holds one figure, written straight to the table."""
    filing = a_filing(round, an_institution(world.taijiang, unit_type=unit))
    figures = [None] * len(a_scheme().definition.figures)
    figures[a_scheme().definition.figures.index("A301")] = D(persons)
    revision = Revision.objects.create(
        filing=filing, number=1, scheme=round.scheme, cells={}, derived={"A218": size, "X001": "100"}, figures=figures,
        digest="0" * 64, filer=world.filer_a.user, signer=world.signer_a.user, pledge="",
    )  # fmt: skip
    Filing.objects.filter(pk=filing.pk).update(
        revision=revision,
        state=State.IN_REVIEW,
        step=world.taijiang,
        step_tier="county",
        step_since=revision.submitted_at,
    )


def test_peers_quantiles_are_type_7_and_exact(world: Province, this_year: Round):
    """1 … 9 of one stratum and the filing itself (25): ten values, worked by hand."""
    filing = submitted_filing(this_year, world.a)
    size = filing.revision.derived["A218"]
    for persons in range(1, 10):
        _peer(world, this_year, persons, size=size)
    _peer(world, this_year, 1000, size="L" if size != "L" else "S")
    _peer(world, this_year, 1000, size=size, unit="20")
    peers = peers_of(fresh(filing))
    assert peers is not None
    assert (peers.count, peers.size, peers.unit) == (10, size, "10")
    assert peers.boxes["A301"] == Box(D("1.9"), D("3.25"), D("5.5"), D("7.75"), D("10.6"))


def test_peers_fewer_than_ten_are_not_shown(world: Province, this_year: Round):
    filing = submitted_filing(this_year, world.a)
    for persons in range(1, LEAST - 1):
        _peer(world, this_year, persons, size=filing.revision.derived["A218"])
    assert peers_of(fresh(filing)) is None


def test_peers_of_a_thin_size_class_are_all_of_the_type(world: Province, this_year: Round):
    filing = submitted_filing(this_year, world.a)
    other = "L" if filing.revision.derived["A218"] != "L" else "S"
    for persons in range(1, 10):
        _peer(world, this_year, persons, size=other)
    peers = peers_of(fresh(filing))
    assert peers is not None
    assert (peers.count, peers.size) == (10, "")


def test_peers_are_computed_once(world: Province, this_year: Round, django_assert_num_queries):
    filing = submitted_filing(this_year, world.a)
    for persons in range(1, 10):
        _peer(world, this_year, persons, size=filing.revision.derived["A218"])
    filing = fresh(filing)
    peers_of(filing)
    with django_assert_num_queries(0):
        peers_of(filing)


def test_strip_places_low_and_high_at_the_ends_and_marks_what_is_outside():
    box = Box(D(1), D(10), D(100), D(1000), D(10000))
    inside = strip(box, D(100), D(1))
    assert (inside.now, inside.was, inside.median, inside.out) == ("60.0", "13.0", "60.0", False)
    assert strip(box, D(10001), None).out is True
    assert strip(box, D(0), None).now == "5.0"
    assert strip(Box(D(7), D(7), D(7), D(7), D(7)), D(7), None).now == "60.0"
    assert strip(Box(D(-10), D(0), D(0), D(5), D(10)), D(0), None).now == "60.0"
