"""The filing of institution A for the fourth quarter of 2023, and ways to send numbers for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from institutions.models import Membership
from portal.jobs.progress import Silent
from reports.filings.models import Filing
from reports.numbers import pipeline
from reports.numbers.actions import receive
from reports.numbers.models import NumberBatch
from reports.rounds.models import Kind, Round
from tests.factories.filings import a_filing, open_round
from tests.factories.institutions import Province, a_certificate, build_province

#: The certificate of institution A, valid from 2022-03-01 to 2028-02-29, and the code inside the fixtures.
CERTIFICATE = "221300000001"
PERIOD = "2023Q4"


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def make_world() -> Province:
    province = build_province()
    a_certificate(province.a, number=CERTIFICATE)
    a_certificate(province.b, number="221300000002")
    return province


@pytest.fixture
def world(db: None) -> Province:
    return make_world()


@pytest.fixture
def quarter_round(world: Province) -> Round:
    return open_round(world, period=PERIOD, kind=Kind.QUARTERLY_NUMBERS)


@pytest.fixture
def filing(world: Province, quarter_round: Round) -> Filing:
    """Due, nobody has touched it."""
    return a_filing(quarter_round, world.a)


def loaded(batch: NumberBatch) -> NumberBatch:
    return NumberBatch.objects.select_related("filing__round__scheme", "filing__institution", "by").get(pk=batch.pk)


def send(filing: Filing, data: bytes | str, by: Membership, name: str = "编号.csv", **more: Any) -> NumberBatch:
    """Receive the bytes and read them at once, as a worker would."""
    chunks = [data.encode() if isinstance(data, str) else data]
    received = receive(filing=filing, chunks=chunks, name=name, by=by, **more)
    return received.batch if received.again else pipeline.run(loaded(received.batch), Silent())


@pytest.fixture
def sent(filing: Filing, world: Province) -> Callable[..., NumberBatch]:
    """`sent(bytes or text)` for A's filing by A's filer."""

    def call(data: bytes | str, **more: Any) -> NumberBatch:
        return send(filing, data, world.filer_a, **more)

    return call


def nightly(filing: Filing, count: int, by: Membership) -> list[NumberBatch]:
    """Batches as a laboratory system leaves them night after night, the first one first: a row stored, two refused."""
    return NumberBatch.objects.bulk_create(
        NumberBatch(
            filing=filing,
            by=by,
            source=NumberBatch.Source.API,
            state=NumberBatch.State.DONE,
            name=f"night-{night:03d}",
            size=10,
            sha256=f"{night:064x}",
            read=3,
            stored=1,
            refused=2,
            causes={"blank": 1, "long" if night % 2 else "control": 1},
        )
        for night in range(count)
    )


HEADINGS = "检验检测报告编号,出具（签发）日期"


def lines(*numbers: str, day: str = "2023-11-05") -> str:
    """A csv with the headings and one line for each number."""
    return "\n".join([HEADINGS, *(f"{number},{day}" for number in numbers)]) + "\n"
